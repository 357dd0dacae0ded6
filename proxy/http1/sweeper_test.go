package http1

import (
	"testing"
	"time"
)

// visits records when the sweeper looked, and wants to be looked at at next.
type visits struct {
	at   []int64
	next func(now int64) int64
}

func (v *visits) visit(now int64) int64 {
	v.at = append(v.at, now)
	return v.next(now)
}

// still is a sweeper whose time is moved by the test.
func still() *Sweeper {
	s := &Sweeper{quit: make(chan struct{}), wake: make(chan struct{}, 1)}
	s.clock.Store(int64(period))
	s.cursor = int64(period / tick)
	return s
}

func (s *Sweeper) pass(d time.Duration) {
	for end := s.clock.Load() + int64(d); s.clock.Load() < end; {
		s.sweep(s.clock.Add(int64(tick)))
	}
}

func TestEveryConnectionIsLookedAtAboutOnceAPeriod(t *testing.T) {
	s := still()
	v := &visits{next: func(int64) int64 { return never }}
	s.add(&entry{owner: v})
	s.pass(10 * period)
	if n := len(v.at); n < 10 || n > 11 {
		t.Errorf("looked at %d times in 10 periods", n)
	}
}

func TestDeadlineIsKeptToATick(t *testing.T) {
	for _, d := range []time.Duration{tick, 130 * time.Millisecond, period, 3*period + 70*time.Millisecond} {
		s := still()
		by := s.clock.Load() + int64(d)
		v := &visits{next: func(now int64) int64 {
			if now >= by {
				return never
			}
			return by
		}}
		e := &entry{owner: v}
		s.add(e)
		s.hurry(e, by)
		s.pass(d + 2*tick)
		struck := false
		for _, at := range v.at {
			struck = struck || at >= by && at < by+int64(tick)
		}
		if !struck {
			t.Errorf("%v: looked at %v for %v", d, v.at, by)
		}
	}
}

func TestConnectionThatLeftIsNotLookedAt(t *testing.T) {
	s := still()
	var entries []*entry
	var all []*visits
	for range 100 {
		v := &visits{next: func(int64) int64 { return never }}
		e := &entry{owner: v}
		s.add(e)
		entries, all = append(entries, e), append(all, v)
	}
	for i, e := range entries {
		if i%3 != 0 {
			s.remove(e)
			s.remove(e)
			s.hurry(e, s.clock.Load())
		}
	}
	s.pass(2 * period)
	for i, v := range all {
		if (len(v.at) > 0) != (i%3 == 0) {
			t.Errorf("%d was looked at %d times", i, len(v.at))
		}
	}
	if s.count != 34 {
		t.Errorf("%d are counted", s.count)
	}
}

// TestConnectionMayLeaveWhileItIsLookedAt is what aborting one from a visit does.
func TestConnectionMayLeaveWhileItIsLookedAt(t *testing.T) {
	s := still()
	v := &visits{}
	e := &entry{owner: v}
	v.next = func(int64) int64 { s.remove(e); return never }
	s.add(e)
	s.pass(3 * period)
	if len(v.at) != 1 || s.count != 0 {
		t.Errorf("looked at %d times, %d counted", len(v.at), s.count)
	}
}

func TestClockDoesNotRunAhead(t *testing.T) {
	s := NewSweeper()
	defer s.Close()
	v := &visits{next: func(int64) int64 { return never }}
	e := &entry{owner: v}
	from := s.clock.Load()
	s.add(e)
	begun := time.Now()
	eventually(t, "a quarter second", func() bool { return s.clock.Load()-from >= int64(250*time.Millisecond) })
	if real := time.Since(begun); real < 150*time.Millisecond {
		t.Errorf("the clock ran ahead: %v", real)
	}
	s.remove(e)
}

func BenchmarkSweepTenThousand(b *testing.B) {
	s := still()
	for range 10_000 {
		c := &conn{sw: s}
		c.readBy.Store(never)
		v := &visits{next: c.expire}
		s.add(&entry{owner: quietVisit{v}})
		s.sweep(s.clock.Add(int64(tick)))
	}
	b.ReportAllocs()
	for b.Loop() { // one second's worth
		s.pass(period)
	}
}

// quietVisit visits without recording.
type quietVisit struct{ v *visits }

func (q quietVisit) visit(now int64) int64 { return q.v.next(now) }

// A deadline may be set just as the sweeper has looked and seen none.
func TestDeadlineThatIsSetWhileTheSweeperLooksIsKept(t *testing.T) {
	s := still()
	v := &visits{}
	e := &entry{owner: v}
	v.next = func(now int64) int64 {
		if len(v.at) == 1 {
			s.hurry(e, now+int64(2*tick))
		}
		return never
	}
	s.add(e)
	s.pass(2 * period)
	if len(v.at) < 2 || v.at[1]-v.at[0] > int64(3*tick) {
		t.Errorf("looked at at %v", v.at)
	}
}
