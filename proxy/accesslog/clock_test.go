package accesslog

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"
)

// However a clock jumps, hours and days, forward and back: while no time passes
// nothing is deleted, segments go on being left and sealed, and stand in order.
func TestClockThatJumpsAboutDoesNoHarm(t *testing.T) {
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 1))
		dir := t.TempDir()
		c := newClock()
		var up atomic.Int64 // seconds
		l := open(t, Config{Dir: dir, Now: c.Now, up: func() time.Duration { return time.Second + time.Duration(up.Load())*time.Second }})
		begun := c.Now()
		const jumps = 30
		for n := 1; n <= jumps; n++ {
			l.Append(entry(n, c.Now()))
			flush(t, l)
			l.look()
			c.Advance(time.Duration(r.Int64N(int64(100*24*time.Hour))) - 50*24*time.Hour)
			if oldest, ok := l.Oldest("30d"); !ok || oldest.After(begun) {
				t.Fatalf("seed %d: the oldest entry is of %v, %v", seed, oldest, ok)
			}
			up.Add(1)
		}
		c.Advance(begun.Sub(c.Now())) // it is set right
		l.Append(entry(jumps+1, c.Now()))
		flush(t, l)
		l.look()
		lines, damages := read(t, dir)
		for i, n := range numbers(t, lines) {
			if n != i+1 {
				t.Fatalf("seed %d: entry %d in place %d", seed, n, i+1)
			}
		}
		if len(lines) != jumps+1 || len(damages) > 0 || l.cfg.Metrics.Sealed.Load() < jumps/2 || l.cfg.Metrics.Expired.Load() > 0 {
			t.Errorf("seed %d: %d lines, %v, %d sealed, %d expired", seed, len(lines), damages, l.cfg.Metrics.Sealed.Load(), l.cfg.Metrics.Expired.Load())
		}
	}
}
