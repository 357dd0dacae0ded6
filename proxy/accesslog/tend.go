package accesslog

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"weir/proxy/telemetry"
)

// tendInterval is how often segments are looked at that no rotation draws
// attention to: those to expire, and those whose sealing failed.
const tendInterval = 30 * time.Second

// patience is how long a segment has to be over before it is deleted. Now may be
// wrong: set by hand, by a host or by a time server that errs, mostly for minutes.
// What a wrong clock writes can be told later, what it deletes is gone.
const patience = 15 * time.Minute

// tend is the goroutine that seals and deletes.
func (l *Log) tend() {
	defer close(l.tended)
	tick := time.NewTicker(tendInterval)
	defer tick.Stop()
	for {
		l.look()
		select {
		case <-tick.C:
		case <-l.kick:
		case <-l.stop:
			return
		}
	}
}

// look deletes what is over and seals what was left, in every class.
func (l *Log) look() {
	defer func() {
		if r := recover(); r != nil {
			l.cfg.Log.Panic("log_tender_panicked", r)
		}
	}()
	l.tending.Lock()
	defer l.tending.Unlock()
	for _, c := range *l.classes.Load() {
		for _, s := range c.snapshot() {
			if l.stopping() {
				return
			}
			switch {
			case s.Open:
			case l.over(c, s) && l.waited(c, s):
				l.expire(c, s)
			case !s.Sealed:
				l.seal(c, s)
			}
		}
	}
	l.count()
}

func (l *Log) stopping() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

// over reports whether every entry of s is older than its class's keep. One that
// is not, or by a clock set right is not any more, is not due.
func (l *Log) over(c *class, s Segment) bool {
	keep := time.Duration(c.keep.Load())
	over := keep > 0 && !s.times.empty() && !l.cfg.Now().Before(time.Unix(0, s.times.last).Add(keep))
	if !over && s.due != 0 {
		c.change(s.Sequence, func(s *Segment) bool { s.due = 0; return true })
	}
	return over
}

// waited reports whether s has been over for long enough, an eighth of its
// class's keep where that is less than patience.
func (l *Log) waited(c *class, s Segment) bool {
	if s.due == 0 {
		s.due = l.cfg.up()
		c.change(s.Sequence, func(kept *Segment) bool { kept.due = s.due; return true })
	}
	return l.cfg.up()-s.due >= min(patience, time.Duration(c.keep.Load())/8)
}

func (l *Log) expire(c *class, s Segment) {
	for _, path := range []string{s.plainPath(), s.plainPath() + sealedSuffix} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			l.failed(expiring, s, err)
			return
		}
	}
	if err := syncDir(c.dir); err != nil {
		l.failed(expiring, s, err)
	}
	c.change(s.Sequence, func(*Segment) bool { return false })
	l.cfg.Metrics.Expired.Add(1)
	l.cfg.Log.Info("log_segment_expired", telemetry.Name("segment", s.Path()))
}

func (l *Log) seal(c *class, s Segment) {
	t, err := l.compress(c, s)
	switch {
	case errors.Is(err, errStopped):
		return
	case errors.Is(err, fs.ErrNotExist):
		// Deleted by somebody: nothing is left to seal or to keep.
		c.change(s.Sequence, func(*Segment) bool { return false })
		l.failed(sealing, s, err)
		return
	case err != nil:
		l.failed(sealing, s, err)
		return
	}
	c.change(s.Sequence, func(s *Segment) bool {
		s.Sealed, s.entries, s.size = true, t.entries, t.size
		return true
	})
	l.cfg.Metrics.Sealed.Add(1)
}

// compress compresses s, and cuts off first what a failed write left at its end.
func (l *Log) compress(c *class, s Segment) (tally, error) {
	if s.torn {
		cut, err := repair(s.plainPath(), s.Ext)
		if err != nil {
			return tally{}, err
		}
		l.cfg.Log.Warn("log_torn_tail_repaired", telemetry.Name("segment", s.plainPath()), telemetry.Int("cut_bytes", cut))
		c.change(s.Sequence, func(s *Segment) bool { s.torn = false; return true })
	}
	return compress(s, l.stopping)
}

// upkeep is what the tender does to a segment.
type upkeep uint8

const (
	sealing upkeep = iota
	expiring
)

func (u upkeep) String() string { return [...]string{"seal", "expire"}[u] }

// failed tells of upkeep that will be tried again.
func (l *Log) failed(u upkeep, s Segment, err error) {
	l.cfg.Metrics.Failures.Add(1)
	l.cfg.Log.Error("log_upkeep_failed", telemetry.Enum("of", u), telemetry.Name("segment", s.Path()), telemetry.Err(err))
}
