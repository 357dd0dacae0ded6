package accesslog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/proxy/telemetry"
	"weir/redact/record"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const month = 30 * 24 * time.Hour

// entry is the nth line of a test, at t.
func entry(n int, t time.Time) record.Sealed {
	line := fmt.Sprintf(`{"time":"%s","service":"www","n":%d}`+"\n", t.UTC().Format(time.RFC3339), n)
	return record.Sealed{Line: []byte(line), Time: t, Class: "30d", Keep: month}
}

// open opens a log that is closed with the test. If the test has no clock of its
// own for patience, that is over as soon as a segment is looked at.
func open(t testing.TB, cfg Config) *Log {
	t.Helper()
	if cfg.Metrics == nil {
		cfg.Metrics = new(telemetry.Sink)
	}
	cfg.Service = "www"
	if cfg.up == nil {
		var up atomic.Int64
		cfg.up = func() time.Duration { return time.Duration(up.Add(int64(patience))) }
	}
	l, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// read returns every line of dir and every damage.
func read(t testing.TB, dir string) (lines []string, damages []*Damage) {
	t.Helper()
	for line, err := range Lines(dir, "") {
		var d *Damage
		switch {
		case errors.As(err, &d):
			damages = append(damages, d)
		case err != nil:
			t.Fatal(err)
		default:
			lines = append(lines, string(line))
		}
	}
	return lines, damages
}

// numbers returns n of each line, 0 for a gap.
func numbers(t testing.TB, lines []string) (all []int) {
	t.Helper()
	for _, line := range lines {
		_, after, ok := strings.Cut(line, `"n":`)
		n := 0
		if ok {
			if _, err := fmt.Sscanf(after, "%d}", &n); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
		} else if !strings.Contains(line, `"gap":{"entries":`) {
			t.Fatalf("strange line %q", line)
		}
		all = append(all, n)
	}
	return all
}

func files(t testing.TB, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.Name() != classFile {
			names = append(names, f.Name())
		}
	}
	return names
}

func flush(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
}

func TestEntriesAreReadAsTheyWereAppended(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	c := newClock()
	l := open(t, Config{Dir: dir, Now: c.Now})
	if l.Format() != record.JSON {
		t.Error("not JSON")
	}
	reused := make([]byte, 200)
	for n := 1; n <= 100; n++ {
		e := entry(n, c.Now())
		e.Line = append(reused[:0], e.Line...)
		l.Append(e)
		clear(e.Line)
	}
	flush(t, l)
	lines, damages := read(t, dir)
	for i, n := range numbers(t, lines) {
		if n != i+1 {
			t.Fatalf("entry %d stands in place %d", n, i+1)
		}
	}
	if len(lines) != 100 || len(damages) > 0 || l.cfg.Metrics.Written.Load() != 100 {
		t.Errorf("%d lines, %v, %d counted", len(lines), damages, l.cfg.Metrics.Written.Load())
	}
	if got := files(t, filepath.Join(dir, "30d")); len(got) != 1 || got[0] != "20261122T100000Z-00000001.jsonl" {
		t.Errorf("files %v", got)
	}
	for path, want := range map[string]os.FileMode{".": 0o700, ".lock": 0o600, "30d": 0o700, "30d/class.json": 0o600, "30d/20261122T100000Z-00000001.jsonl": 0o600} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
	}
}

func TestWaitingEntriesAreWrittenWithoutBeingAskedFor(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir, FlushInterval: 20 * time.Millisecond})
	l.Append(entry(1, time.Now()))
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if lines, _ := read(t, dir); len(lines) == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("never written")
		}
	}
}

func TestClosingWritesWhatWaitsAndCanBeRepeated(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir, FlushInterval: time.Minute})
	l.Append(entry(1, time.Now()))
	for range 2 {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	l.Append(entry(2, time.Now()))
	if lines, _ := read(t, dir); len(lines) != 1 {
		t.Errorf("%d lines", len(lines))
	}
	if l.cfg.Metrics.Lost.Load() != 1 {
		t.Error("an entry after the end was not counted as lost")
	}
	if err := l.Flush(); err == nil {
		t.Error("a closed log was flushed")
	}
	again := open(t, Config{Dir: dir})
	again.Append(entry(3, time.Now()))
	flush(t, again)
	lines, _ := read(t, dir)
	if got := numbers(t, lines); len(got) != 2 || got[0] != 1 || got[1] != 3 {
		t.Errorf("after a restart: %v", got)
	}
}

func TestOldestEntryIsNeverMissed(t *testing.T) {
	l := open(t, Config{Dir: t.TempDir()})
	begun := newClock().Now()
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				_ = l.Flush() // only to be busy
			}
		}
	}()
	for n := range 3000 {
		older := begun.Add(-time.Duration(n) * time.Second)
		l.Append(entry(n, older))
		for range 20 {
			if oldest, ok := l.Oldest("30d"); !ok || oldest.After(older) {
				t.Errorf("%v, %v instead of %v", oldest, ok, older)
				break
			}
		}
		if t.Failed() {
			break
		}
	}
	close(stop)
	<-done
}

func TestManyAppendAtOnce(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir, MaxSize: 64 << 10, FlushInterval: 10 * time.Millisecond})
	var wg sync.WaitGroup
	const writers, each = 8, 2000
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				l.Append(entry(1+w*each+i, time.Now()))
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			l.Oldest("30d")
			for _, err := range Lines(dir, "30d") {
				if err != nil {
					t.Error(err)
				}
			}
		}
	})
	wg.Wait()
	flush(t, l)
	l.look()
	lines, damages := read(t, dir)
	seen := map[int]bool{}
	lastOf := [writers]int{}
	for _, n := range numbers(t, lines) {
		w := (n - 1) / each
		if seen[n] || n <= lastOf[w] {
			t.Fatalf("entry %d twice or out of order", n)
		}
		seen[n], lastOf[w] = true, n
	}
	if len(seen) != writers*each || len(damages) > 0 {
		t.Errorf("%d of %d entries, %v", len(seen), writers*each, damages)
	}
}

func TestClassesLieApart(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir})
	for i, class := range []string{"30d", "5y"} {
		e := entry(i+1, time.Now())
		e.Class = class
		l.Append(e)
	}
	for _, bad := range []string{"", "..", "a/b", "30D", ".lock"} {
		e := entry(9, time.Now())
		e.Class = bad
		l.Append(e)
	}
	flush(t, l)
	if l.cfg.Metrics.Lost.Load() != 5 {
		t.Error("classes that cannot be folders were taken")
	}
	for line, err := range Lines(dir, "5y") {
		if err != nil || !strings.Contains(string(line), `"n":2`) {
			t.Errorf("%s %v", line, err)
		}
	}
	lines, _ := read(t, dir)
	if got := numbers(t, lines); len(got) != 2 {
		t.Errorf("got %v", got)
	}
}

func TestLineBeyondTheBoundIsLostAndTold(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir})
	now := time.Now()
	long := entry(1, now)
	long.Line = []byte(`{"time":"` + strings.Repeat("x", MaxLine) + "\"}\n")
	l.Append(long)
	l.Append(entry(2, now))
	flush(t, l)
	lines, _ := read(t, dir)
	if got := numbers(t, lines); len(got) != 2 || got[0] != 2 || got[1] != 0 {
		t.Errorf("got %v", got)
	}
}

func TestCommonLogFormat(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	l := open(t, Config{Dir: dir, Format: record.Combined, Now: c.Now})
	e := entry(1, c.Now().Add(-time.Hour))
	e.Line = []byte(`203.0.113.0 - - [22/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "Firefox/145"` + "\n")
	l.Append(e)
	flush(t, l)
	if got := files(t, filepath.Join(dir, "30d")); len(got) != 1 || got[0] != "20261122T100000Z-00000001.log" {
		t.Errorf("files %v", got)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, Config{Dir: dir, Format: record.Combined, Now: c.Now})
	if oldest, ok := again.Oldest("30d"); !ok || !oldest.Equal(c.Now().Add(-time.Hour)) {
		t.Errorf("oldest %v %v", oldest, ok)
	}
}

func BenchmarkAppend(b *testing.B) {
	l := open(b, Config{Dir: b.TempDir(), MaxSize: 1 << 30, FlushInterval: time.Minute})
	e := entry(1, time.Now())
	for len(e.Line) < 600 {
		e.Line = append(e.Line[:len(e.Line)-2], ` ,"x":"0123456789"}`+"\n"...)
	}
	const each = threshold/600 - 1 // what one flush takes, here outside the clock
	for range 2 * each {
		l.Append(e) // both buffers to their size
	}
	flush(b, l)
	b.SetBytes(int64(len(e.Line)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if n++; n%each == 0 {
			b.StopTimer()
			flush(b, l)
			b.StartTimer()
		}
		l.Append(e)
	}
	if lost := l.cfg.Metrics.Lost.Load(); lost > 0 {
		b.Fatalf("%d entries lost", lost)
	}
}
