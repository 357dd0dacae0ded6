package accesslog

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"weir/proxy/telemetry"
	"weir/redact/record"
)

// restore takes in what lies in the folder: every class, in use or not.
func (l *Log) restore() error {
	names, err := listClasses(l.cfg.Dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := l.restoreClass(name); err != nil {
			return err
		}
	}
	l.count()
	return nil
}

func (l *Log) restoreClass(name string) error {
	found, leftovers, err := listClass(l.cfg.Dir, name)
	if err != nil {
		return err
	}
	c := newClass(l.cfg.Dir, name, 0)
	c.queue.room.strict = l.cfg.Strict
	if err := c.load(l.cfg.Keep); err != nil {
		if len(found) == 0 {
			return nil // a folder of somebody else
		}
		if c.keep.Load() == 0 {
			// Without its keep nothing of a class is deleted, until it is in use again.
			l.cfg.Log.Warn("log_class_unknown", telemetry.Name("class", name), telemetry.Err(err))
		}
	}
	for _, path := range leftovers {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for i, s := range found {
		if s.Sealed {
			if err := l.restoreSealed(c, s); err != nil {
				return err
			}
			continue
		}
		sealedToo := i+1 < len(found) && found[i+1].Sequence == s.Sequence
		if sealedToo && superseded(s, found[i+1]) {
			if err := os.Remove(s.plainPath()); err != nil {
				return err
			}
			continue
		}
		if sealedToo {
			// Whatever made this of it, the plain one is the original.
			if err := os.Remove(found[i+1].Path()); err != nil {
				return err
			}
			l.cfg.Log.Warn("log_segment_resealed", telemetry.Name("segment", s.Path()))
		}
		if err := l.restorePlain(c, s); err != nil {
			return err
		}
	}
	classes := *l.classes.Load()
	classes[name] = c // nobody reads it yet
	return nil
}

// superseded reports whether sealed holds all of plain.
func superseded(plain, sealed Segment) bool {
	info, err := os.Stat(plain.plainPath())
	if err != nil {
		return false
	}
	t, ok := readFooter(sealed.Path())
	return ok && t.size == info.Size()
}

func (l *Log) restoreSealed(c *class, s Segment) error {
	info, err := os.Stat(s.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil // dropped above, as its plain one is there
	}
	if err != nil {
		return err
	}
	t, ok := readFooter(s.Path())
	if !ok {
		l.cfg.Log.Warn("log_segment_damaged", telemetry.Name("segment", s.Path()))
		t.times = guess(s, info.ModTime())
	}
	s.times, s.entries, s.size = t.times, t.entries, t.size
	c.segments, c.sequence = append(c.segments, s), s.Sequence
	return nil
}

// guess is the times of a segment's entries by those of its file, which is not
// older than they are.
func guess(s Segment, written time.Time) span {
	return span{min(s.Start.UnixNano(), written.UnixNano()), max(s.Start.UnixNano(), written.UnixNano())}
}

// restorePlain repairs a segment that was not sealed.
func (l *Log) restorePlain(c *class, s Segment) error {
	info, err := os.Stat(s.plainPath())
	if err != nil {
		return err
	}
	cut, err := repair(s.plainPath(), s.Ext)
	if err != nil {
		return err
	}
	f, err := os.Open(s.plainPath())
	if err != nil {
		return err
	}
	t, err := measure(f, s.Ext)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if cut > 0 {
		l.cfg.Metrics.Repairs.Add(1)
		l.cfg.Metrics.Lost.Add(1)
		l.cfg.Log.Warn("log_torn_tail_repaired", telemetry.Name("segment", s.plainPath()), telemetry.Int("cut_bytes", cut))
		last := info.ModTime()
		first := last
		if !t.times.empty() {
			first = time.Unix(0, t.times.last)
		}
		if first.After(last) {
			first, last = last, first
		}
		c.queue.missing(record.Gap{Entries: 1, First: first, Last: last})
	}
	c.sequence = s.Sequence
	if info.Size() == cut {
		return os.Remove(s.plainPath())
	}
	if t.times.empty() {
		t.times = guess(s, info.ModTime())
	}
	s.times, s.entries, s.size = t.times, t.entries, t.size
	c.segments = append(c.segments, s)
	return nil
}

// count tells how many segments there are.
func (l *Log) count() {
	n := 0
	for _, c := range *l.classes.Load() {
		c.mu.Lock()
		n += len(c.segments)
		c.mu.Unlock()
	}
	l.cfg.Metrics.Segments.Set(int64(n))
}
