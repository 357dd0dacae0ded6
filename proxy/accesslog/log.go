package accesslog

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"weir/proxy/telemetry"
	"weir/redact/record"
)

// Log is a folder of segments. It satisfies redact's Sink.
type Log struct {
	cfg  Config
	lock *os.File

	making  sync.Mutex // of classes
	classes atomic.Pointer[map[string]*class]

	wake    chan struct{}
	flushes chan chan error
	demands chan demand
	kick    chan struct{} // to the tender: there is something to seal
	stop    chan struct{}
	written chan struct{} // closed when the writer has ended
	tended  chan struct{} // closed when the tender has ended
	tending sync.Mutex
	failing bool // the writer's alone

	rounds   rounds
	syncer   *syncer
	unsynced atomic.Bool // what was written could not be brought to the disk

	closing sync.Once
	err     error // of Close
}

// Open opens or makes the folder of cfg, repairs what a killed process left,
// and starts to write. Its errors name the folder and what to do.
func Open(cfg Config) (*Log, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	l := &Log{cfg: cfg.withDefaults(),
		wake: make(chan struct{}, 1), flushes: make(chan chan error), demands: make(chan demand), kick: make(chan struct{}, 1),
		stop: make(chan struct{}), written: make(chan struct{}), tended: make(chan struct{})}
	l.syncer = newSyncer(l)
	_ = l.rounds.begin()
	l.classes.Store(&map[string]*class{})
	lock, err := lockFolder(cfg.Dir)
	if err != nil {
		return nil, err
	}
	l.lock = lock
	if err := l.restore(); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("log folder %s: %w", cfg.Dir, err)
	}
	if err := l.reserves(); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("log folder %s: %w", cfg.Dir, err)
	}
	l.cfg.Check.Set(true)
	go l.write()
	go l.tend()
	go l.syncer.run()
	return l, nil
}

// Format is how the lines are to be written.
func (l *Log) Format() record.Format { return l.cfg.Format }

// Append takes a sealed entry. It copies the line and returns; it waits for the
// disk only with SyncAlways. What finds no room is counted and told by a gap entry.
func (l *Log) Append(s record.Sealed) {
	c := l.known(s.Class, s.Keep)
	if c == nil {
		l.cfg.Metrics.Lost.Add(1)
		l.cfg.Log.Error("log_class_refused", telemetry.Name("class", s.Class))
		return
	}
	lost, wake := c.queue.add(s, l.cfg.Buffer)
	if wake {
		poke(l.wake)
	}
	if lost {
		l.cfg.Metrics.Lost.Add(1)
		l.cfg.Check.Set(false) // until the writer comes through: it may hang
	} else if l.cfg.Sync == SyncAlways {
		l.commit()
	}
}

// known returns the class of a name, and notes how long it keeps.
func (l *Log) known(name string, keep time.Duration) *class {
	c := (*l.classes.Load())[name]
	if c == nil {
		if c = l.class(name, keep); c == nil {
			return nil
		}
	}
	if keep > 0 && c.keep.Load() != int64(keep) {
		c.keep.Store(int64(keep))
	}
	return c
}

// class returns the class of a name, made where it is new; nil for a name that
// cannot be one.
func (l *Log) class(name string, keep time.Duration) *class {
	if !className.MatchString(name) {
		return nil
	}
	l.making.Lock()
	defer l.making.Unlock()
	old := *l.classes.Load()
	if c := old[name]; c != nil {
		return c
	}
	grown := maps.Clone(old)
	c := newClass(l.cfg.Dir, name, keep)
	c.queue.room.strict = l.cfg.Strict
	grown[name] = c
	l.classes.Store(&grown)
	return c
}

// Oldest returns the time of the earliest entry of class that still exists, on
// disk or waiting; ok is false where there is none.
func (l *Log) Oldest(name string) (oldest time.Time, ok bool) {
	c := (*l.classes.Load())[name]
	if c == nil {
		return time.Time{}, false
	}
	_, times := c.queue.waiting()
	for _, s := range c.snapshot() {
		times = times.with(s.times)
	}
	if times.empty() {
		return time.Time{}, false
	}
	return time.Unix(0, times.first).UTC(), true
}

// Flush writes what was appended before it, and returns why it could not.
func (l *Log) Flush() error {
	done := make(chan error, 1)
	select {
	case l.flushes <- done:
		return <-done
	case <-l.written:
		return errClosed
	}
}

var errClosed = errors.New("the log is closed")

// closeTimeout is how long Close waits for a disk that hangs.
const closeTimeout = 10 * time.Second

// Close writes what waits, brings it to the disk, and ends. A segment that is
// open stays as it is and is sealed at the next start. Entries appended later are
// counted as lost. It waits 10 s at most for a disk that hangs. Close may be
// called again, and returns the same.
func (l *Log) Close() error {
	l.closing.Do(func() {
		for _, c := range *l.classes.Load() {
			c.queue.close()
		}
		close(l.stop)
		late := time.After(closeTimeout)
		for _, ended := range []<-chan struct{}{l.written, l.tended, l.syncer.done} {
			select {
			case <-ended:
			case <-late:
				l.err = fmt.Errorf("log folder %s: the disk hangs", l.cfg.Dir)
			}
			if l.err != nil {
				break
			}
		}
		lost := 0
		for _, c := range *l.classes.Load() {
			lost += c.queue.abandoned()
		}
		if lost > 0 {
			l.cfg.Metrics.Lost.Add(uint64(lost))
			l.err = fmt.Errorf("log folder %s: %d entries could not be written", l.cfg.Dir, lost)
		}
		l.cfg.Check.Set(false)
		if err := l.lock.Close(); err != nil && l.err == nil {
			l.err = fmt.Errorf("log folder %s: %w", l.cfg.Dir, err)
		}
	})
	return l.err
}
