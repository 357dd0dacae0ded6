package mixed

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// sample is what the process was like at a moment.
type sample struct {
	at          time.Time
	resident    float64 // bytes
	heap        float64 // bytes of live and dead objects
	descriptors float64
	goroutines  float64
	threads     float64
	open        float64 // segments that are not sealed
	segments    float64
	cpu         time.Duration
}

// look takes a sample.
func (r *Run) look() (sample, error) {
	s := sample{at: time.Now()}
	proc := fmt.Sprintf("/proc/%d", r.process.cmd.Process.Pid)
	status, err := os.ReadFile(proc + "/status")
	if err != nil {
		return s, err
	}
	for line := range strings.Lines(string(status)) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		switch n, _ := strconv.ParseFloat(words[1], 64); words[0] {
		case "VmRSS:":
			s.resident = n * 1024
		case "Threads:":
			s.threads = n
		}
	}
	fds, err := os.ReadDir(proc + "/fd")
	if err != nil {
		return s, err
	}
	s.descriptors = float64(len(fds))
	plain, _ := filepath.Glob(filepath.Join(r.process.log(), "*", "*.jsonl"))
	sealed, _ := filepath.Glob(filepath.Join(r.process.log(), "*", "*.zst"))
	s.open, s.segments = float64(len(plain)), float64(len(plain)+len(sealed))
	page, err := r.process.page("/metrics")
	if err != nil {
		return s, err
	}
	s.heap = metric(page, "go_memstats_heap_alloc_bytes")
	s.goroutines = metric(page, "go_goroutines")
	s.cpu = time.Duration(metric(page, "process_cpu_seconds_total") * float64(time.Second))
	return s, nil
}

// metric is the sum of what a page of metrics has under a name whose labels hold
// each of the given texts.
func metric(page, name string, labels ...string) float64 {
	sum := 0.0
lines:
	for line := range strings.Lines(page) {
		rest, ok := strings.CutPrefix(line, name)
		if !ok || rest[0] != ' ' && rest[0] != '{' {
			continue
		}
		for _, l := range labels {
			if !strings.Contains(rest, l) {
				continue lines
			}
		}
		n, _ := strconv.ParseFloat(strings.TrimSpace(rest[strings.LastIndexByte(strings.TrimSpace(rest), ' ')+1:]), 64)
		sum += n
	}
	return sum
}

// watch samples, and prints a line now and then.
func (r *Run) watch(ctx context.Context) {
	started, last := time.Now(), sample{at: time.Now()}
	next := started.Add(r.cfg.Report)
	fmt.Fprintf(r.cfg.Out, "%8s %8s %8s %6s %6s %6s %9s %6s %9s %8s %7s\n", "time", "RSS MiB", "heap", "fds", "gorout", "thread", "segments", "CPU", "exchanges", "entries", "faults")
	every(ctx, r.cfg.Sample, func(int) {
		s, err := r.look()
		if err != nil {
			r.fault("sample", err)
			return
		}
		r.samples = append(r.samples, s)
		if s.at.Before(next) {
			return
		}
		next = next.Add(r.cfg.Report)
		cpu := 0.0
		if last.cpu > 0 {
			cpu = float64(s.cpu-last.cpu) / float64(s.at.Sub(last.at))
		}
		last = s
		begun, entries := r.numbers.begun(), r.tally.entries()
		fmt.Fprintf(r.cfg.Out, "%8s %8.1f %8.1f %6.0f %6.0f %6.0f %4.0f+%-4.0f %6.2f %9d %8d %7d\n", s.at.Sub(started).Round(time.Second), s.resident/mib, s.heap/mib,
			s.descriptors, s.goroutines, s.threads, s.open, s.segments-s.open, cpu, begun, entries, r.faulty())
	})
}

const mib = 1 << 20

func (r *Run) faulty() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := 0
	for _, n := range r.faults {
		sum += n
	}
	return sum
}
