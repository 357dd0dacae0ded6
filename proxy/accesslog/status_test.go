package accesslog

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"weir/redact/record"
)

const day = 24 * time.Hour

// of is the nth entry of a class of so many days.
func of(class string, days int, n int, t time.Time) record.Sealed {
	s := entry(n, t)
	s.Class, s.Keep = class, time.Duration(days)*day
	return s
}

func standings(t *testing.T, c Config) map[string]Standing {
	t.Helper()
	all, err := c.Standings()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]Standing{}
	for _, s := range all {
		named[s.Class] = s
	}
	return named
}

func TestEachClassExpiresByItsOwnLimitAndItsStandingTellsSo(t *testing.T) {
	c := newClock()
	cfg := Config{Dir: t.TempDir(), Now: c.Now, MaxAge: time.Hour}
	l := open(t, cfg)
	begun := c.Now()
	for n, class := range []struct {
		name string
		days int
	}{{"1d", 1}, {"30d", 30}, {"1825d", 1825}} {
		l.Append(of(class.name, class.days, n, c.Now()))
		l.Append(of(class.name, class.days, n, c.Now().Add(time.Minute)))
	}
	flush(t, l)
	got := standings(t, cfg)
	if s := got["1825d"]; len(got) != 3 || s.Keep != 1825*day || s.Entries != 2 || s.Segments != 1 || s.Bytes < 100 || !s.Oldest.Equal(begun) || !s.Newest.Equal(begun.Add(time.Minute)) {
		t.Fatalf("%+v", got)
	}
	for _, step := range []struct {
		after time.Duration
		left  []string
	}{{2 * time.Hour, []string{"1d", "30d", "1825d"}}, {day, []string{"30d", "1825d"}}, {29 * day, []string{"1825d"}}, {1795 * day, nil}} {
		c.Advance(step.after)
		flush(t, l)
		before := standings(t, cfg)
		l.look()
		got := standings(t, cfg)
		entries := 0
		for name, s := range got {
			entries += s.Segments
			if s.Overdue > 0 || before[name].Segments > s.Segments && before[name].Overdue == 0 {
				t.Errorf("after %v %s: %+v, was %+v", step.after, name, s, before[name])
			}
		}
		if entries != len(step.left) {
			t.Errorf("after %v: %+v", step.after, got)
		}
		for _, name := range step.left {
			if got[name].Segments != 1 || got[name].Guessed > 0 {
				t.Errorf("after %v %s: %+v", step.after, name, got[name])
			}
		}
	}
}

// A policy that names a class no more leaves its segments to be sealed and to
// expire, also by a process that never heard of it and where class.json is lost.
func TestClassThatIsInUseNoMoreExpiresByItsName(t *testing.T) {
	c := newClock()
	named := func(class string) (time.Duration, bool) { return 5 * day, class == "5d" }
	cfg := Config{Dir: t.TempDir(), Now: c.Now, Keep: named}
	l := open(t, cfg)
	l.Append(of("5d", 5, 1, c.Now()))
	flush(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"other", "5d"} {
		if err := os.MkdirAll(filepath.Join(cfg.Dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(cfg.Dir, "5d", classFile)); err != nil {
		t.Fatal(err)
	}
	c.Advance(5*day - time.Second)
	l = open(t, cfg)
	l.Append(entry(2, c.Now()))
	flush(t, l)
	l.look()
	got := standings(t, cfg)
	if s := got["5d"]; len(got) != 2 || s.Entries != 1 || s.Keep != 5*day || s.Overdue > 0 {
		t.Fatalf("%+v", got)
	}
	c.Advance(time.Second)
	l.look()
	if s := standings(t, cfg)["5d"]; s.Segments != 0 {
		t.Errorf("%+v", s)
	}
	if s := standings(t, cfg)["30d"]; s.Entries != 1 {
		t.Errorf("%+v", s)
	}
}

func TestWhatNobodyDeletesIsOverdueAfterItsPatience(t *testing.T) {
	c := newClock()
	begun := c.Now()
	cfg := Config{Dir: t.TempDir(), Now: c.Now, MaxAge: 2 * time.Hour}
	leftBehind(t, cfg.Dir, entry(1, begun.Add(30*time.Minute)).Line) // begun at 10:00
	grace := patience + 2*tendInterval
	for _, step := range []struct {
		at      time.Duration
		overdue int
	}{{month, 0}, {month + 30*time.Minute + grace, 0}, {month + 31*time.Minute + grace, 1}} {
		c.Advance(begun.Add(step.at).Sub(c.Now()))
		if s := standings(t, cfg)["30d"]; s.Overdue != step.overdue || s.Entries != 1 {
			t.Errorf("after %v: %+v", step.at, s)
		}
	}
	// A class of minutes is not overdue before the segment that is written is left.
	c.Advance(begun.Sub(c.Now()))
	about := filepath.Join(cfg.Dir, "30d", classFile)
	if err := os.WriteFile(about, []byte(`{"keep":"8m"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		at      time.Duration
		overdue int
	}{{2 * time.Hour, 0}, {2*time.Hour + 3*time.Minute, 1}} {
		c.Advance(begun.Add(step.at).Sub(c.Now()))
		if s := standings(t, cfg)["30d"]; s.Overdue != step.overdue {
			t.Errorf("after %v: %+v", step.at, s)
		}
	}
}

func TestStandingOfADamagedLogAndOfNone(t *testing.T) {
	c := newClock()
	cfg := Config{Dir: t.TempDir(), Now: c.Now}
	l := open(t, cfg)
	l.Append(entry(1, c.Now()))
	flush(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, cfg) // which seals it
	l.look()
	sealed := filepath.Join(cfg.Dir, "30d", "20261122T100000Z-00000001.jsonl.zst")
	if err := os.Truncate(sealed, 20); err != nil {
		t.Fatal(err)
	}
	if s := standings(t, cfg)["30d"]; s.Segments != 1 || s.Guessed != 1 || s.Entries != 0 || s.Oldest.IsZero() {
		t.Errorf("%+v", s)
	}
	if all, err := (Config{Dir: filepath.Join(cfg.Dir, "none")}).Standings(); err != nil || len(all) > 0 {
		t.Errorf("%v, %v", all, err)
	}
}
