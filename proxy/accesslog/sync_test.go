package accesslog

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"weir/proxy/telemetry"
	"weir/redact/record"
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
	got := numbers(t, lines)
	// The gap, number 0, stands where the writer first woke, all else in order.
	var want []int
	for i := range promised - 1 {
		want = append(want, i+2)
	}
	gap := slices.Index(got, 0)
	if gap < 0 || !slices.Equal(slices.Delete(slices.Clone(got), gap, gap+1), want) || len(damages) > 0 {
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

// ontoPipe has class c written to a pipe, which is slow and cannot be brought to a disk.
func ontoPipe(t *testing.T, c *class) (out *os.File) {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close() })
	if err := c.folder(); err != nil {
		t.Fatal(err)
	}
	c.file = &file{f: in, opened: time.Now()}
	return out
}

func TestDiskThatIsSlowerThanEntriesComeIsSyncedInTime(t *testing.T) {
	l := open(t, Config{Dir: t.TempDir(), FlushInterval: time.Minute})
	long := func(n int) record.Sealed {
		e := entry(n, time.Now())
		e.Line = append(bytes.Repeat([]byte("x"), 300<<10), e.Line...) // more than a pipe holds
		return e
	}
	out := ontoPipe(t, l.class("30d", month))
	read := make(chan struct{})
	go func() {
		defer close(read)
		b := make([]byte, 1<<10)
		n, begins := 2, true
		for {
			got, err := out.Read(b)
			if err != nil {
				return
			}
			if begins && n <= 20 {
				l.Append(long(n)) // while the one before is written
				n++
			}
			begins = bytes.IndexByte(b[:got], '\n') >= 0
		}
	}()
	l.Append(long(1))
	_ = l.Flush() // the sync of a pipe fails
	if n := l.cfg.Metrics.Written.Load(); n != 1 {
		t.Errorf("%d entries were written in one turn", n)
	}
	_ = l.Close()
	<-read
}

func TestSyncThatFailedIsNotForgotten(t *testing.T) {
	l := open(t, Config{Dir: t.TempDir(), FlushInterval: time.Minute, Sync: SyncAlways})
	ontoPipe(t, l.class("30d", month))
	l.Append(entry(1, time.Now()))
	for range 2 {
		if l.Flush() == nil {
			t.Error("an entry that is not on the disk is not told of")
		}
	}
}

func TestSegmentThatVanishesBeforeItsSyncIsNoFailure(t *testing.T) {
	l := open(t, Config{Dir: t.TempDir()})
	c := l.class("30d", month)
	if err := l.Close(); err != nil { // so that nobody syncs
		t.Fatal(err)
	}
	if err := l.start(c, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.file.write(entry(1, time.Now()).Line); err != nil {
		t.Fatal(err)
	}
	if err := l.brings(c.file); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(c.file.f.Name()); err != nil {
		t.Fatal(err)
	}
	if err := l.leave(c); err != nil {
		t.Fatal(err)
	}
	l.syncer.work()
	if n := l.cfg.Metrics.Failures.Load(); n != 0 || l.unsynced.Load() {
		t.Errorf("%d failures", n)
	}
}
