package accesslog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"weir/proxy/telemetry"
)

// write is the writer's goroutine.
func (l *Log) write() {
	defer close(l.syncer.stop)
	defer close(l.written)
	// Half the interval, so that an entry is written within the whole of it.
	tick := time.NewTicker(l.cfg.FlushInterval / 2)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = l.turn(true) // told by turn
		case <-l.wake:
			_ = l.turn(false)
		case done := <-l.flushes:
			done <- l.turn(true)
		case d := <-l.demands:
			err := l.extend(d.class)
			l.told(err)
			d.done <- err
		case <-l.stop:
			_ = l.turn(true)
			for _, c := range *l.classes.Load() {
				_ = l.leave(c)
			}
			return
		}
	}
}

// turn writes what waits, in every class, and leaves segments that are old
// enough; where due it has what was written brought to the disk. It tells when
// writing begins to fail and when it works again.
func (l *Log) turn(due bool) (err error) {
	now := l.rounds.begin()
	defer l.rounds.end(now)
	defer func() {
		if r := recover(); r != nil {
			l.cfg.Log.Panic("log_writer_panicked", r)
			err = errors.New("the log's writer failed")
		}
		l.told(err)
	}()
	var errs []error
	var pending int64
	for _, c := range *l.classes.Load() {
		if c.file != nil || c.queue.wants() {
			errs = append(errs, l.extend(c))
		}
		errs = append(errs, l.drain(c))
		if due || l.cfg.Sync == SyncAlways {
			errs = append(errs, l.brings(c.file))
		}
		waits, _ := c.queue.waiting()
		pending += waits
	}
	l.cfg.Metrics.Pending.Set(pending)
	return errors.Join(errs...)
}

func (l *Log) told(err error) {
	if err != nil {
		l.cfg.Metrics.Failures.Add(1)
		l.cfg.Log.Error("log_write_failed", telemetry.Name("folder", l.cfg.Dir), telemetry.Err(err))
	} else if l.failing {
		l.cfg.Log.Info("log_write_resumed", telemetry.Name("folder", l.cfg.Dir))
	}
	l.failing = err != nil
	l.cfg.Check.Set(!l.failing && !l.unsynced.Load())
}

// drain writes what waits in one class. What comes meanwhile is the next turn's:
// on a slow disk this one had no end, and with it no fdatasync.
func (l *Log) drain(c *class) error {
	now := l.cfg.Now()
	if c.file != nil && (now.Sub(c.file.opened) >= l.cfg.MaxAge || now.Before(c.file.opened)) {
		if err := l.roll(c, now); err != nil {
			return err
		}
	}
	for taken := false; ; {
		if len(c.queue.back.lines) == 0 {
			if taken || !c.queue.take(now, l.cfg.Service, l.cfg.Format) {
				return nil
			}
			taken = true
		}
		if err := l.put(c, now); err != nil {
			c.queue.regret()
			return err
		}
	}
}

// put writes the back batch of c into as many segments as it needs.
func (l *Log) put(c *class, now time.Time) error {
	if c.file != nil && c.file.vanished() {
		l.cfg.Log.Warn("log_segment_vanished", telemetry.Name("class", c.name))
		c.saved = 0 // so has class.json, for all we know
		if err := l.leave(c); err != nil {
			return err
		}
	}
	for len(c.queue.back.lines) > 0 {
		if c.file == nil {
			if err := l.start(c, now); err != nil {
				return err
			}
		} else if err := c.save(); err != nil {
			return err
		}
		lines := l.fitting(c)
		if len(lines) == 0 {
			if err := l.roll(c, now); err != nil {
				return err
			}
			continue
		}
		n, err := c.file.write(lines)
		l.wrote(c, n)
		if err != nil {
			if !persists(err) {
				_ = l.leave(c) // the first error is the one to tell
			}
			return err
		}
	}
	if b := &c.queue.back; b.gaps > 0 {
		l.cfg.Metrics.Gaps.Add(1)
		l.cfg.Log.Warn("log_gap_written", telemetry.Name("class", c.name), telemetry.Int("entries", int64(b.gap.Entries)))
		b.gaps = 0
	}
	return nil
}

// fitting is the part of what waits that the open segment still takes; one line
// always fits an empty one.
func (l *Log) fitting(c *class) []byte {
	lines := c.queue.back.lines
	room := l.cfg.MaxSize - c.file.size
	if int64(len(lines)) <= room || c.file.full {
		return lines
	}
	if whole := bytes.LastIndexByte(lines[:max(room, 0)], '\n') + 1; whole > 0 || c.file.size > 0 {
		return lines[:whole]
	}
	return lines[:bytes.IndexByte(lines, '\n')+1]
}

// wrote counts n bytes of the back batch as written to the open segment.
func (l *Log) wrote(c *class, n int) {
	if n == 0 {
		return
	}
	times := c.queue.back.times
	// Both at once: to who asks for the oldest entry meanwhile, one that has left
	// the queue must not be missing in the segment. Keys are destroyed by that.
	c.mu.Lock()
	entries := c.queue.wrote(n)
	if last := len(c.segments) - 1; last >= 0 && c.segments[last].Open {
		s := &c.segments[last]
		s.times = s.times.with(times)
		s.entries += int64(entries)
		s.size += int64(n)
	}
	c.mu.Unlock()
	if len(c.queue.back.lines) == 0 {
		entries -= c.queue.back.gaps // no exchange's
	}
	l.cfg.Metrics.Written.Add(uint64(entries))
	l.cfg.Metrics.Bytes.Add(uint64(n))
}

// start begins a segment, with room for what was promised where that is done.
func (l *Log) start(c *class, now time.Time) error {
	if err := l.folder(c); err != nil {
		return err
	}
	if err := c.save(); err != nil {
		return err
	}
	s := c.begin(extension(l.cfg.Format), now)
	f, err := create(s, now)
	if err == nil && l.cfg.Strict {
		if err = l.allocate(c, f); err != nil {
			err = errors.Join(err, f.f.Close(), os.Remove(s.plainPath()))
		}
	}
	if err != nil {
		c.change(s.Sequence, func(*Segment) bool { return false })
		if c.file == nil {
			c.queue.exhausted(0)
		}
		return fmt.Errorf("segment cannot be made: %w", err)
	}
	c.file = f
	l.count()
	return nil
}

// folder makes the folder of a class, and that of the log anew where it was
// deleted under us, with its lock.
func (l *Log) folder(c *class) error {
	err := c.folder()
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	lock, err := lockFolder(l.cfg.Dir)
	if err != nil {
		return err
	}
	_ = l.lock.Close() // of a file that is gone
	l.lock, c.saved = lock, 0
	return c.folder()
}

// roll leaves the open segment for another. Where room was promised on it, the
// other is begun first; if it cannot be, this one goes on beyond its size.
func (l *Log) roll(c *class, now time.Time) error {
	if !l.cfg.Strict {
		return l.leave(c)
	}
	old := c.file
	if err := l.start(c, now); err != nil {
		old.full, old.opened = true, now
		l.cfg.Log.Warn("log_segment_goes_on", telemetry.Name("class", c.name), telemetry.Err(err))
		return nil
	}
	l.end(c, old)
	return nil
}

// leave ends the open segment, so that it can be sealed.
func (l *Log) leave(c *class) error {
	f := c.file
	if f == nil {
		return nil
	}
	c.file = nil
	c.queue.exhausted(0)
	return l.end(c, f)
}

// end ends a segment that is written no more.
func (l *Log) end(c *class, f *file) error {
	gone, empty := f.vanished(), f.size == 0
	if f.torn || f.allocated > f.size {
		// What cannot be cut off now is when it is sealed.
		f.torn = f.f.Truncate(f.size) != nil
	}
	path := f.f.Name()
	var err error
	if l.cfg.Sync == SyncAlways && !gone && !empty {
		err = errors.Join(datasync(f.f), f.f.Close())
	} else {
		l.syncer.take(f.f, true) // which may have it at hand
	}
	c.change(f.sequence, func(s *Segment) bool {
		s.Open, s.torn = false, f.torn
		return !gone && !empty
	})
	if empty && !gone {
		if err := os.Remove(path); err != nil {
			l.cfg.Log.Warn("log_segment_remove_failed", telemetry.Name("class", c.name), telemetry.Err(err))
		}
	}
	l.count()
	poke(l.kick)
	return err
}

// reserves sees that the disk can promise room, where that will be asked of it.
func (l *Log) reserves() error {
	if !l.cfg.Strict {
		return nil
	}
	f, err := os.OpenFile(l.lock.Name(), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	probe := file{f: f}
	if err := probe.allocate(1); errors.Is(err, ErrNoAhead) {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Truncate(0), f.Close())
}
