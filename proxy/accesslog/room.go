package accesslog

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// ahead is how much more than was promised is allocated on the disk, in bytes,
	// so that few promises have to wait for it.
	ahead = 256 << 10
	// slack is kept free of promises: for the entry of a gap, and for what a file
	// system needs to turn allocated blocks into written ones.
	slack = 64 << 10
	// reserveTimeout is how long a promise may wait for a disk that hangs.
	reserveTimeout = time.Second
)

// room is what was promised of a queue and what there is to keep it with.
type room struct {
	strict   bool
	full     bool  // the disk had no more when it was asked last
	reserved int64 // bytes promised to entries that have not come yet
	disk     int64 // bytes allocated for what is not written yet
}

// fits reports whether n more bytes could be kept. q.mu is held.
func (q *queue) fits(n int64, limit int) bool {
	n += q.rest + int64(len(q.front.lines)) + q.room.reserved
	return n <= int64(limit) && (!q.room.strict || n+slack <= q.room.disk)
}

// reserve promises n bytes. hopeless says that it could not and that asking the
// disk is of no use, low that there will soon be nothing to promise.
func (q *queue) reserve(n, limit int) (ok, hopeless, low bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if ok = !q.closed && q.fits(int64(n), limit); ok {
		q.room.reserved += int64(n)
	}
	hopeless = q.closed || q.room.full || !q.room.strict
	return ok, hopeless, q.low(limit)
}

// low reports whether there will soon be nothing to promise, and the writer can
// do something about it. q.mu is held.
func (q *queue) low(limit int) bool {
	return q.room.strict && !q.room.full && !q.fits(ahead/2, limit)
}

func (q *queue) release(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.room.reserved -= int64(n)
}

// need is how many bytes the disk must have for what waits and was promised.
func (q *queue) need() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.rest + int64(len(q.front.lines)) + q.room.reserved + slack
}

// settle says how many bytes the disk has, where that is enough for all that was
// promised meanwhile.
func (q *queue) settle(disk int64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if disk < q.rest+int64(len(q.front.lines))+q.room.reserved+slack {
		return false
	}
	q.room.disk, q.room.full = disk, false
	return true
}

// exhausted says that the disk has no more than it has, or nothing at all.
func (q *queue) exhausted(disk int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.room.disk, q.room.full = disk, q.room.strict
}

func (q *queue) isFull() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.room.full
}

// wants reports whether anything waits, for the writer or for room.
func (q *queue) wants() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.rest > 0 || len(q.front.lines) > 0 || q.gap.Entries > 0 || q.room.reserved > 0 || q.room.full
}

// Reserve promises that an entry of n bytes will be written, unless the disk
// breaks: the buffer has a place for it and the disk has room, allocated already.
// Each promise is ended by Append of the entry with Reserved n, or by Release. It
// waits for the disk only where more must be allocated, a second at most.
func (l *Log) Reserve(name string, keep time.Duration, n int) bool {
	c := l.known(name, keep)
	if c == nil {
		return false
	}
	ok, hopeless, low := c.queue.reserve(n, l.cfg.Buffer)
	if low {
		poke(l.wake)
	}
	if ok || hopeless {
		return ok
	}
	if !l.asked(c) {
		return false
	}
	ok, _, _ = c.queue.reserve(n, l.cfg.Buffer)
	return ok
}

// Release ends a promise whose entry does not come.
func (l *Log) Release(name string, n int) {
	if c := (*l.classes.Load())[name]; c != nil {
		c.queue.release(n)
	}
}

// demand is a class that asks the writer for room.
type demand struct {
	class *class
	done  chan error
}

// asked has the writer allocate for c, and reports whether it could.
func (l *Log) asked(c *class) bool {
	d := demand{c, make(chan error, 1)}
	late := time.NewTimer(reserveTimeout)
	defer late.Stop()
	select {
	case l.demands <- d:
	case <-l.written:
		return false
	case <-late.C:
		l.cfg.Check.Set(false) // until the writer comes through
		return false
	}
	select {
	case err := <-d.done:
		return err == nil
	case <-late.C:
		l.cfg.Check.Set(false)
		return false
	}
}

// extend allocates what c has promised and some more. It is the writer's.
func (l *Log) extend(c *class) error {
	if !l.cfg.Strict {
		return nil
	}
	if c.file != nil && c.file.vanished() {
		if err := l.leave(c); err != nil {
			return err
		}
	}
	if c.file == nil {
		return l.start(c, l.cfg.Now())
	}
	return l.allocate(c, c.file)
}

// allocate sees that f has room for all that c promised, and tells its queue.
func (l *Log) allocate(c *class, f *file) error {
	for full := c.queue.isFull(); ; full = false {
		need := c.queue.need()
		// What is left of a full disk gives nobody a promise, nor a gap its entry,
		// before there is more: they would come and go.
		if full || f.room() < need+ahead/2 {
			if err := f.allocate(max(need+ahead-f.room(), ahead)); err != nil {
				if f == c.file {
					c.queue.exhausted(f.room())
				}
				return err
			}
		}
		if c.queue.settle(f.room()) {
			return nil
		}
	}
}

// room is how many bytes are allocated behind those that are written.
func (w *file) room() int64 { return w.allocated - w.size }

// allocate adds n bytes or some more to what is allocated. The file's size stays,
// so that readers see nothing of it.
func (w *file) allocate(n int64) error {
	if w.allocated < w.size { // it was written beyond
		w.allocated = w.size
	}
	n = (n + ahead - 1) / ahead * ahead
	for {
		err := preallocate(int(w.f.Fd()), w.allocated, n)
		switch {
		case err == nil:
			w.allocated += n
			return nil
		case errors.Is(err, unix.EOPNOTSUPP):
			return ErrNoAhead
		case !errors.Is(err, unix.EINTR):
			return fmt.Errorf("room cannot be reserved: %w", err)
		}
	}
}

// ErrNoAhead is why Open refuses a folder with Config.Strict.
var ErrNoAhead = errors.New("the file system cannot reserve room ahead")
