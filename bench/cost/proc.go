package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// tree is a process and all that descend from it.
func tree(pid int) ([]int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	children := map[int][]int{}
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // ended meanwhile
		}
		id, parent, err := parseStat(string(b))
		if err != nil {
			return nil, err
		}
		children[parent] = append(children[parent], id)
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all, nil
}

// parseStat reads a process and its parent from /proc/PID/stat (proc(5)). The
// name stands in parentheses and may itself hold them.
func parseStat(s string) (pid, parent int, err error) {
	open, end := strings.IndexByte(s, '('), strings.LastIndexByte(s, ')')
	if open < 0 || end < open {
		return 0, 0, fmt.Errorf("no name in /proc/PID/stat")
	}
	after := strings.Fields(s[end+1:])
	if len(after) < 2 {
		return 0, 0, fmt.Errorf("/proc/PID/stat is too short")
	}
	if pid, err = strconv.Atoi(strings.TrimSpace(s[:open])); err != nil {
		return 0, 0, err
	}
	parent, err = strconv.Atoi(after[1])
	return pid, parent, err
}

// cpuTime is the processor time that a process and its descendants have taken:
// what utime and stime of /proc/PID/stat are, but in nanoseconds and not ticks.
func cpuTime(pid int) (time.Duration, error) {
	pids, err := tree(pid)
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, id := range pids {
		var ts unix.Timespec
		// The clock of another process, as clock_getcpuclockid(3) makes it.
		if err := unix.ClockGettime(int32(^id)<<3|2, &ts); err != nil {
			return 0, fmt.Errorf("the processor time of process %d: %w", id, err)
		}
		sum += time.Duration(ts.Nano())
	}
	return sum, nil
}

// resident is the memory of a process and its descendants that lies in RAM, in
// bytes; pages that they share count for each. What the kernel holds for them,
// such as sockets' buffers, is not in it.
func resident(pid int) (int64, error) {
	pids, err := tree(pid)
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, id := range pids {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", id))
		if err != nil {
			return 0, err
		}
		n, err := parseResident(string(b))
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// parseResident reads VmRSS, in bytes, from /proc/PID/status.
func parseResident(s string) (int64, error) {
	for line := range strings.Lines(s) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("no VmRSS in /proc/PID/status")
}

// coreTime is how long a core has been busy and how long it has been there, in
// ticks.
type coreTime struct{ busy, all float64 }

func readCore(core int) (coreTime, error) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return coreTime{}, err
	}
	return parseCore(string(b), core)
}

// parseCore reads a core's line of /proc/stat: user, nice, system, idle, iowait,
// irq, softirq, steal; guests are in user already (proc(5)).
func parseCore(s string, core int) (coreTime, error) {
	for line := range strings.Lines(s) {
		f := strings.Fields(line)
		if len(f) < 9 || f[0] != fmt.Sprintf("cpu%d", core) {
			continue
		}
		var t coreTime
		for i, v := range f[1:9] {
			n, err := strconv.ParseFloat(v, 64)
			if err != nil {
				return t, err
			}
			t.all += n
			if i != 3 && i != 4 {
				t.busy += n
			}
		}
		return t, nil
	}
	return coreTime{}, fmt.Errorf("no core %d in /proc/stat", core)
}

// since is the share of the time since before in which the core was busy, 0 to 1.
func (t coreTime) since(before coreTime) float64 {
	if t.all == before.all {
		return 0
	}
	return (t.busy - before.busy) / (t.all - before.all)
}
