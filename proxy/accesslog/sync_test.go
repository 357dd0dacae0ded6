package accesslog

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"weir/proxy/telemetry"
)

func TestEntryThatIsWaitedForIsWrittenWhenAppendReturns(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir, Sync: SyncAlways, FlushInterval: time.Minute})
	for n := 1; n <= 20; n++ {
		l.Append(entry(n, time.Now()))
		if lines, _ := read(t, dir); len(lines) != n {
			t.Fatalf("%d lines when entry %d was appended", len(lines), n)
		}
	}
	var all sync.WaitGroup
	for g := range 20 {
		all.Go(func() {
			for n := range 50 {
				l.Append(entry(1000+100*g+n, time.Now()))
			}
		})
	}
	all.Wait()
	lines, damages := read(t, dir)
	seen := map[int]bool{}
	for _, n := range numbers(t, lines) {
		seen[n] = true
	}
	if len(lines) != 1020 || len(seen) != 1020 || len(damages) > 0 {
		t.Errorf("%d lines, %d numbers, %v", len(lines), len(seen), damages)
	}
}

func TestFailingDiskHoldsNobodyWhoWaitsForIt(t *testing.T) {
	dir := t.TempDir()
	health := telemetry.NewHealth()
	l := open(t, Config{Dir: dir, Sync: SyncAlways, FlushInterval: time.Minute, Check: health.Check("log", "")})
	blocked := filepath.Join(dir, "30d")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l.Append(entry(1, time.Now())) // returns, or the test ends here
	if health.Ready() {
		t.Error("nothing was told")
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	l.Append(entry(2, time.Now()))
	if lines, _ := read(t, dir); len(lines) != 2 || !health.Ready() {
		t.Errorf("%d lines, ready %v", len(lines), health.Ready())
	}
}

func TestPromisedRoomIsThereAndIsGivenBack(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir, Strict: true, Buffer: 64 << 10, FlushInterval: time.Minute})
	const n = 4 << 10
	promised := 0
	for l.Reserve("30d", month, n) {
		promised++
	}
	if promised != 16 {
		t.Fatalf("%d entries of 4 KiB were promised of a buffer of 64", promised)
	}
	e := entry(1, time.Now())
	l.Append(e) // the 17th: nothing was promised for it
	if l.cfg.Metrics.Lost.Load() != 1 {
		t.Error("what was promised to others was taken")
	}
	for i := range promised - 1 {
		e := entry(i+2, time.Now())
		e.Reserved = n
		l.Append(e)
	}
	l.Release("30d", n)
	flush(t, l)
	if !l.Reserve("30d", month, 60<<10) {
		t.Error("what was promised was not given back")
	}
	l.Release("30d", 60<<10)
	lines, damages := read(t, dir)
	if got := numbers(t, lines); len(got) != promised || got[promised-1] != 0 || len(damages) > 0 {
		t.Errorf("%v, %v", got, damages)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "30d", "*.jsonl"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
}
