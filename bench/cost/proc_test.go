package main

import (
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

func TestParentIsReadWhateverAProcessIsCalled(t *testing.T) {
	for _, name := range []string{"nginx", "a b", "x) S 7 (y", ""} {
		pid, parent, err := parseStat("4711 (" + name + ") S 42 4711 4711 0 -1 4194304 0 0")
		if err != nil || pid != 4711 || parent != 42 {
			t.Errorf("(%s): pid %d, parent %d, %v", name, pid, parent, err)
		}
	}
	for _, s := range []string{"", "12", "12 (a", "12 (a)", "12 (a) S", "x (a) S 1", "1 (a) S x", "1 )a( S 1"} {
		if _, _, err := parseStat(s); err == nil {
			t.Errorf("%q is read", s)
		}
	}
}

func TestResidentMemoryIsReadInBytes(t *testing.T) {
	got, err := parseResident("Name:\tx\nVmHWM:\t  9000 kB\nVmRSS:\t    1024 kB\nThreads:\t1\n")
	if err != nil || got != 1<<20 {
		t.Errorf("%d, %v", got, err)
	}
	if _, err := parseResident("Name:\tx\n"); err == nil {
		t.Error("a process without memory has some")
	}
}

func TestBusyShareOfACoreLeavesIdleAndWaitingOut(t *testing.T) {
	before, err := parseCore("cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 9 9 9 9 9 9 9 9 0 0\ncpu1 100 0 100 700 100 0 0 0 50 0\n", 1)
	if err != nil {
		t.Fatal(err)
	}
	after, err := parseCore("cpu1 130 5 110 740 110 2 2 1 80 0\n", 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := after.since(before); got != .5 {
		t.Errorf("busy for %v of the time, want 0.5", got)
	}
	if got := after.since(after); got != 0 {
		t.Errorf("busy for %v of no time", got)
	}
	if _, err := parseCore("cpu1 1 2 3 4 5 6 7 8\n", 11); err == nil {
		t.Error("a core that is not there is read")
	}
}

func TestProcessorTimeAndMemoryAreThoseOfTheWholeTree(t *testing.T) {
	cmd := exec.Command("sh", "-c", "exec 3<&0; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; cat <&3 & wait")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	if _, err := in.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // cat is there
		t.Fatal(err)
	}
	pids, err := tree(cmd.Process.Pid)
	if err != nil || len(pids) != 2 || pids[0] != cmd.Process.Pid {
		t.Fatalf("the tree of %d is %v, %v", cmd.Process.Pid, pids, err)
	}
	own, err := tree(os.Getpid())
	if err != nil || !slices.Contains(own, pids[1]) {
		t.Errorf("a grandchild is not in the tree %v, %v", own, err)
	}
	cpu, err := cpuTime(cmd.Process.Pid)
	if err != nil || cpu < 100*time.Microsecond || cpu > time.Minute {
		t.Errorf("20,000 turns of a shell took %v, %v", cpu, err)
	}
	whole, err := resident(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := resident(pids[1])
	if err != nil || leaf <= 0 || whole <= leaf {
		t.Errorf("the tree has %d bytes, its leaf %d, %v", whole, leaf, err)
	}
}
