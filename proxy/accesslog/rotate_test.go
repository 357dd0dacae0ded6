package accesslog

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestSegmentsAreLeftBySize(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	l := open(t, Config{Dir: dir, MaxSize: 64 << 10, Now: c.Now})
	const entries = 5000 // 64 bytes each
	for n := 1; n <= entries; n++ {
		l.Append(entry(n, c.Now()))
	}
	flush(t, l)
	l.look()
	segments, err := Segments(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(segments) < 4 {
		t.Fatalf("%d segments", len(segments))
	}
	for i, s := range segments {
		last := i == len(segments)-1
		if s.Sealed == last || s.Open != last || s.Sequence != uint64(i+1) {
			t.Errorf("segment %d: %+v", i, s)
		}
		size := 0
		for line, err := range s.Lines() {
			if err != nil {
				t.Fatal(err)
			}
			size += len(line) + 1
		}
		if size > 64<<10 {
			t.Errorf("segment of %d bytes", size)
		}
	}
	lines, damages := read(t, dir)
	got := numbers(t, lines)
	if len(got) != entries || !slices.IsSorted(got) || len(damages) > 0 {
		t.Errorf("%d entries, %v", len(got), damages)
	}
	if n := l.cfg.Metrics.Segments.Load(); n != int64(len(segments)) {
		t.Errorf("%d segments counted of %d", n, len(segments))
	}
}

func TestSegmentsAreLeftByAgeWithoutTraffic(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	l := open(t, Config{Dir: dir, Now: c.Now})
	l.Append(entry(1, c.Now()))
	flush(t, l)
	c.Advance(time.Hour - time.Second)
	flush(t, l)
	l.look()
	if got := files(t, filepath.Join(dir, "30d")); !slices.Equal(got, []string{"20261122T100000Z-00000001.jsonl"}) {
		t.Fatalf("left early: %v", got)
	}
	c.Advance(time.Second)
	flush(t, l)
	l.look()
	if got := files(t, filepath.Join(dir, "30d")); !slices.Equal(got, []string{"20261122T100000Z-00000001.jsonl.zst"}) {
		t.Fatalf("not sealed: %v", got)
	}
	l.Append(entry(2, c.Now()))
	flush(t, l)
	lines, _ := read(t, dir)
	if got := numbers(t, lines); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("got %v", got)
	}
}

func TestClockThatGoesBackKeepsTheOrder(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	l := open(t, Config{Dir: dir, Now: c.Now})
	for n := 1; n <= 3; n++ {
		l.Append(entry(n, c.Now()))
		flush(t, l)
		c.Advance(-2 * time.Hour)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, Config{Dir: dir, Now: c.Now})
	l.Append(entry(4, c.Now()))
	flush(t, l)
	l.look()
	lines, damages := read(t, dir)
	if got := numbers(t, lines); !slices.Equal(got, []int{1, 2, 3, 4}) || len(damages) > 0 {
		t.Errorf("got %v %v", got, damages)
	}
	if n := len(files(t, filepath.Join(dir, "30d"))); n != 4 {
		t.Errorf("%d segments", n)
	}
}

func TestSegmentIsDeletedWhenItsLastEntryIsOver(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	cfg := Config{Dir: dir, Now: c.Now}
	l := open(t, cfg)
	begun := c.Now()
	// A tunnel that began an hour before stands in the first segment.
	l.Append(entry(1, begun.Add(-time.Hour)))
	l.Append(entry(2, begun.Add(10*time.Minute)))
	flush(t, l)
	c.Advance(time.Hour)
	l.Append(entry(3, c.Now()))
	flush(t, l)
	l.look()
	if oldest, ok := l.Oldest("30d"); !ok || !oldest.Equal(begun.Add(-time.Hour)) {
		t.Errorf("oldest %v", oldest)
	}
	for _, restart := range []bool{false, true} {
		if restart {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			l = open(t, cfg)
			l.look()
			if oldest, ok := l.Oldest("30d"); !ok || !oldest.Equal(begun.Add(-time.Hour)) {
				t.Errorf("oldest after a restart %v", oldest)
			}
		}
		if lines, _ := read(t, dir); len(lines) != 3 {
			t.Fatalf("%d lines", len(lines))
		}
	}
	c.Advance(begun.Add(month + 10*time.Minute - time.Second).Sub(c.Now()))
	l.look()
	if lines, _ := read(t, dir); len(lines) != 3 {
		t.Fatalf("deleted early: %d lines", len(lines))
	}
	c.Advance(time.Second)
	l.look()
	lines, _ := read(t, dir)
	if got := numbers(t, lines); !slices.Equal(got, []int{3}) {
		t.Errorf("kept too long: %v", got)
	}
	c.Advance(time.Hour)
	flush(t, l)
	l.look()
	if got := files(t, filepath.Join(dir, "30d")); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
	if _, ok := l.Oldest("30d"); ok {
		t.Error("an oldest entry of nothing")
	}
	if n := l.cfg.Metrics.Segments.Load(); n != 0 {
		t.Errorf("%d segments counted", n)
	}
}

func TestClockThatIsAheadForAWhileDeletesNothing(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	var up atomic.Int64
	l := open(t, Config{Dir: dir, Now: c.Now, up: func() time.Duration { return time.Hour + time.Duration(up.Load()) }})
	l.Append(entry(1, c.Now()))
	flush(t, l)
	c.Advance(time.Hour)
	flush(t, l)
	for range 3 {
		c.Advance(12 * month)
		l.look()
		up.Add(int64(patience) - 1)
		l.look()
		if lines, _ := read(t, dir); len(lines) != 1 {
			t.Fatal("deleted by a clock that was ahead for a while")
		}
		c.Advance(-12 * month)
		l.look()
	}
	c.Advance(month)
	l.look()
	up.Add(int64(patience))
	l.look()
	if lines, _ := read(t, dir); len(lines) != 0 {
		t.Error("kept too long")
	}
}

func TestClassNoLongerInUseExpiresToo(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	l := open(t, Config{Dir: dir, Now: c.Now})
	e := entry(1, c.Now())
	e.Class, e.Keep = "7d", 7*24*time.Hour
	l.Append(e)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	// A folder that is not weir's is nobody's to delete in.
	foreign := filepath.Join(dir, "backup", "20200101T000000Z-00000001.jsonl")
	if err := os.Mkdir(filepath.Dir(foreign), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(foreign, entry(5, c.Now()).Line, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Advance(7*24*time.Hour + time.Second)
	l = open(t, Config{Dir: dir, Now: c.Now})
	l.look()
	if got := files(t, filepath.Join(dir, "7d")); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
	if got := files(t, filepath.Dir(foreign)); len(got) != 1 {
		t.Error("a segment without a keep was deleted")
	}
}

func TestChangedKeepCounts(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	l := open(t, Config{Dir: dir, Now: c.Now})
	l.Append(entry(1, c.Now()))
	flush(t, l)
	e := entry(2, c.Now())
	e.Keep = 24 * time.Hour
	l.Append(e)
	flush(t, l)
	text, err := os.ReadFile(filepath.Join(dir, "30d", classFile))
	if err != nil || strings.TrimSpace(string(text)) != `{"keep":"24h0m0s"}` {
		t.Errorf("%s %v", text, err)
	}
}

func TestDeletedFilesAreBegunAnew(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir})
	l.Append(entry(1, time.Now()))
	flush(t, l)
	if err := os.RemoveAll(filepath.Join(dir, "30d")); err != nil {
		t.Fatal(err)
	}
	l.Append(entry(2, time.Now()))
	flush(t, l)
	lines, _ := read(t, dir)
	if got := numbers(t, lines); !slices.Equal(got, []int{2}) {
		t.Errorf("got %v", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "30d", classFile)); err != nil {
		t.Error("the class's keep is not remembered any more")
	}
}

func TestSealingThatWasInterruptedIsTakenUp(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, plain, sealed string)
	}{
		{"temporary file left", func(t *testing.T, plain, sealed string) {
			move(t, sealed, sealed+tempSuffix)
			if err := os.Truncate(sealed+tempSuffix, 20); err != nil {
				t.Fatal(err)
			}
		}},
		{"both are whole", func(*testing.T, string, string) {}},
		{"sealed one is not whole", func(t *testing.T, _, sealed string) {
			if err := os.Truncate(sealed, 30); err != nil {
				t.Fatal(err)
			}
		}},
		{"sealed one only", func(t *testing.T, plain, _ string) {
			if err := os.Remove(plain); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			now := newClock()
			l := open(t, Config{Dir: dir, Now: now.Now})
			for n := 1; n <= 9; n++ {
				l.Append(entry(n, now.Now()))
			}
			flush(t, l)
			plain := filepath.Join(dir, "30d", "20261122T100000Z-00000001.jsonl")
			text, err := os.ReadFile(plain)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			l = open(t, Config{Dir: dir, Now: now.Now})
			l.look()
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(plain, text, 0o600); err != nil {
				t.Fatal(err)
			}
			c.spoil(t, plain, plain+sealedSuffix)
			if lines, damages := read(t, dir); len(lines) != 9 || len(damages) > 0 {
				t.Errorf("before the start: %d lines, %v", len(lines), damages)
			}
			l = open(t, Config{Dir: dir, Now: now.Now})
			l.look()
			if got := files(t, filepath.Join(dir, "30d")); !slices.Equal(got, []string{filepath.Base(plain) + sealedSuffix}) {
				t.Errorf("files %v", got)
			}
			if lines, damages := read(t, dir); len(lines) != 9 || len(damages) > 0 {
				t.Errorf("after the start: %d lines, %v", len(lines), damages)
			}
		})
	}
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}
