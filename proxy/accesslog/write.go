package accesslog

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"weir/proxy/telemetry"
)

// write is the writer's goroutine.
func (l *Log) write() {
	defer close(l.written)
	// Half the interval, so that an entry is written within the whole of it.
	tick := time.NewTicker(l.cfg.FlushInterval / 2)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = l.turn() // told by turn
		case <-l.wake:
			_ = l.turn()
		case done := <-l.flushes:
			done <- l.turn()
		case <-l.stop:
			_ = l.turn()
			for _, c := range *l.classes.Load() {
				_ = l.leave(c)
			}
			return
		}
	}
}

// turn writes what waits, in every class, and leaves segments that are old
// enough. It tells when writing begins to fail and when it works again.
func (l *Log) turn() (err error) {
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
		if err := l.drain(c); err != nil {
			errs = append(errs, err)
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
	l.cfg.Check.Set(!l.failing)
}

// drain writes one class until nothing waits.
func (l *Log) drain(c *class) error {
	now := l.cfg.Now()
	if c.file != nil && (now.Sub(c.file.opened) >= l.cfg.MaxAge || now.Before(c.file.opened)) {
		if err := l.leave(c); err != nil {
			return err
		}
	}
	for {
		if len(c.queue.back.lines) == 0 && !c.queue.take(now, l.cfg.Service, l.cfg.Format) {
			return nil
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
			if err := l.leave(c); err != nil {
				return err
			}
			continue
		}
		n, err := c.file.write(lines)
		l.wrote(c, n)
		if err != nil {
			return err
		}
	}
	l.cfg.Metrics.Gaps.Add(uint64(c.queue.back.gaps))
	c.queue.back.gaps = 0
	return nil
}

// fitting is the part of what waits that the open segment still takes; one line
// always fits an empty one.
func (l *Log) fitting(c *class) []byte {
	lines := c.queue.back.lines
	room := l.cfg.MaxSize - c.file.size
	if int64(len(lines)) <= room {
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

// start begins a segment.
func (l *Log) start(c *class, now time.Time) error {
	if err := c.folder(); err != nil {
		return err
	}
	if err := c.save(); err != nil {
		return err
	}
	s := c.begin(extension(l.cfg.Format), now)
	f, err := create(s, now)
	if err != nil {
		c.change(s.Sequence, func(*Segment) bool { return false })
		return fmt.Errorf("segment cannot be made: %w", err)
	}
	c.file = f
	l.count()
	return nil
}

// leave ends the open segment, so that it can be sealed.
func (l *Log) leave(c *class) error {
	if c.file == nil {
		return nil
	}
	f := c.file
	if f.torn {
		if err := f.f.Truncate(f.size); err != nil {
			return err
		}
		f.torn = false
	}
	gone := f.vanished()
	path := f.f.Name()
	if err := f.f.Close(); err != nil {
		l.cfg.Log.Warn("log_segment_close_failed", telemetry.Name("class", c.name), telemetry.Err(err))
	}
	c.file = nil
	empty := f.size == 0
	c.mu.Lock()
	if last := len(c.segments) - 1; last >= 0 && c.segments[last].Open {
		c.segments[last].Open = false
		if gone || empty {
			c.segments = c.segments[:last]
		}
	}
	c.mu.Unlock()
	if empty && !gone {
		if err := os.Remove(path); err != nil {
			l.cfg.Log.Warn("log_segment_remove_failed", telemetry.Name("class", c.name), telemetry.Err(err))
		}
	}
	l.count()
	poke(l.kick)
	return nil
}
