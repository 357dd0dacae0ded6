package accesslog

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"sync"
	"time"

	"weir/proxy/telemetry"
	"weir/redact/record"
)

// Outlet is where the lines of a Stream go: a pipe, or a service elsewhere. One
// goroutine calls it, but for Close, which may come while Write waits and ends it.
type Outlet interface {
	// Write takes whole lines and returns how many bytes of them it took, which
	// are whole lines too unless what it writes to cannot be cut. Where that is
	// not all of them the error says why, and the rest is offered again later.
	// With an error that is a Rejection all were taken.
	Write(lines []byte) (taken int, err error)
	Close() error
}

// Rejection is the error of an Outlet whose other side has the lines and will not
// keep that many entries of them. They count as lost.
type Rejection interface {
	error
	Rejected() (entries int)
}

// StreamConfig says how lines are given to an Outlet. What is zero has its default.
type StreamConfig struct {
	Name    string // of the outlet as configured, for errors and weir's own log
	Out     Outlet
	Format  record.Format
	Service string // named by gap entries

	Buffer int // as in Config
	// Batch bounds the bytes of one Write, save that of a single line; 0 is no bound.
	Batch         int
	FlushInterval time.Duration // as in Config
	// CloseTimeout bounds how long Close waits for an outlet that takes nothing;
	// 0 is 5 s.
	CloseTimeout time.Duration

	Log     *telemetry.Log
	Metrics *telemetry.Sink
	Check   *telemetry.Check

	Now func() time.Time // nil: time.Now
}

// Validate reports what NewStream would refuse.
func (c StreamConfig) Validate() error {
	var errs []error
	if c.Out == nil {
		errs = append(errs, errors.New("the log leads nowhere"))
	}
	if c.Format >= record.FormatCount {
		errs = append(errs, fmt.Errorf("log format %d is unknown", c.Format))
	}
	if c.CloseTimeout < 0 {
		errs = append(errs, fmt.Errorf("close timeout %s is negative", c.CloseTimeout))
	}
	if c.Batch < 0 {
		errs = append(errs, fmt.Errorf("batch of %d bytes is negative", c.Batch))
	}
	return errors.Join(append(errs, validBuffer(c.Buffer, c.FlushInterval)...)...)
}

// Stream gives entries to an Outlet. It satisfies redact's Sink. An outlet that
// takes nothing holds nobody: what finds no room in the buffer is lost, counted,
// and told by one gap entry.
type Stream struct {
	cfg   StreamConfig
	queue queue

	wake    chan struct{}
	flushes chan chan error
	stop    chan struct{}
	written chan struct{}
	failing bool // the writer's alone

	closing sync.Once
	err     error
}

// NewStream begins to write to the outlet of cfg, which it closes in the end.
func NewStream(cfg StreamConfig) (*Stream, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.Buffer = cmp.Or(cfg.Buffer, DefaultBuffer)
	cfg.FlushInterval = cmp.Or(cfg.FlushInterval, DefaultFlushInterval)
	cfg.CloseTimeout = cmp.Or(cfg.CloseTimeout, 5*time.Second)
	if cfg.Metrics == nil {
		cfg.Metrics = new(telemetry.Sink)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Stream{cfg: cfg, queue: newQueue(),
		wake: make(chan struct{}, 1), flushes: make(chan chan error),
		stop: make(chan struct{}), written: make(chan struct{})}
	s.cfg.Check.Set(true)
	go s.write()
	return s, nil
}

// Format is how the lines are to be written.
func (s *Stream) Format() record.Format { return s.cfg.Format }

// Append takes a sealed entry. It copies the line and returns; it never waits
// for the outlet.
func (s *Stream) Append(e record.Sealed) {
	lost, wake := s.queue.add(e, s.cfg.Buffer)
	if lost {
		s.cfg.Metrics.Lost.Add(1)
		s.cfg.Check.Set(false) // until the writer comes through: it may hang
	}
	if wake {
		poke(s.wake)
	}
}

// Reserve promises that an entry of n bytes has a place in the buffer, as that of
// Log does. What becomes of it then is the outlet's.
func (s *Stream) Reserve(_ string, _ time.Duration, n int) bool {
	ok, _, _ := s.queue.reserve(n, s.cfg.Buffer)
	return ok
}

// Release ends a promise whose entry does not come.
func (s *Stream) Release(_ string, n int) { s.queue.release(n) }

// poke wakes who listens to c, now or when it listens again.
func poke(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Flush writes what was appended before it, and returns why it could not.
func (s *Stream) Flush() error {
	done := make(chan error, 1)
	select {
	case s.flushes <- done:
		return <-done
	case <-s.written:
		return errClosed
	}
}

// Close writes what waits and ends, after CloseTimeout in any case. It may be
// called again, and returns the same.
func (s *Stream) Close() error {
	s.closing.Do(func() {
		s.queue.close()
		close(s.stop)
		why := "could not be written"
		select {
		case <-s.written:
		case <-time.After(s.cfg.CloseTimeout):
			why = "found nobody who takes them"
		}
		err := s.cfg.Out.Close() // ends a write that waits
		if lost := s.queue.abandoned(); lost > 0 {
			s.cfg.Metrics.Lost.Add(uint64(lost))
			s.err = fmt.Errorf("log to %s: %d entries %s", s.cfg.Name, lost, why)
		} else if err != nil {
			s.err = fmt.Errorf("log to %s: %w", s.cfg.Name, err)
		}
		s.cfg.Check.Set(false)
	})
	return s.err
}

// write is the writer's goroutine.
func (s *Stream) write() {
	defer close(s.written)
	tick := time.NewTicker(s.cfg.FlushInterval / 2)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = s.turn() // told by turn
		case <-s.wake:
			_ = s.turn()
		case done := <-s.flushes:
			done <- s.turn()
		case <-s.stop:
			if s.turn() == nil {
				_ = s.turn() // the gap of what was rejected in the one before
			}
			return
		}
	}
}

func (s *Stream) turn() (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.cfg.Log.Panic("log_outlet_panicked", r)
			err = errors.New("the log's outlet failed")
		}
		s.told(err)
	}()
	return s.drain()
}

func (s *Stream) told(err error) {
	waits, _ := s.queue.waiting()
	s.cfg.Metrics.Pending.Set(waits)
	if err != nil {
		s.cfg.Metrics.Failures.Add(1)
		s.cfg.Log.Error("log_outlet_failed", telemetry.Name("outlet", s.cfg.Name), telemetry.Err(err))
	} else if s.failing {
		s.cfg.Log.Info("log_outlet_resumed", telemetry.Name("outlet", s.cfg.Name))
	}
	s.failing = err != nil
	s.cfg.Check.Set(!s.failing)
}

// drain writes what waits; what comes meanwhile is the next turn's. What a short
// write left of a line is written first the next time: a stream cannot be cut.
func (s *Stream) drain() error {
	q := &s.queue
	for taken := false; ; {
		if len(q.back.lines) == 0 {
			if taken || !q.take(s.cfg.Now(), s.cfg.Service, s.cfg.Format) {
				return nil
			}
			taken = true
		}
		n, err := s.cfg.Out.Write(s.batch())
		rejected, err := s.rejected(err)
		entries := q.wrote(n)
		s.cfg.Metrics.Bytes.Add(uint64(n))
		if len(q.back.lines) == 0 {
			entries -= q.back.gaps
			s.cfg.Metrics.Gaps.Add(uint64(q.back.gaps))
			q.back.gaps = 0
		}
		rejected = max(min(rejected, entries), 0)
		s.cfg.Metrics.Written.Add(uint64(max(entries-rejected, 0)))
		if rejected > 0 {
			s.cfg.Metrics.Lost.Add(uint64(rejected))
			first, last := time.Unix(0, q.back.times.first), time.Unix(0, q.back.times.last)
			q.missing(record.Gap{Entries: rejected, First: first, Last: last})
		}
		if err != nil {
			q.regret()
			return err
		}
	}
}

// batch is what is offered next.
func (s *Stream) batch() []byte {
	lines := s.queue.back.lines
	if s.cfg.Batch == 0 || len(lines) <= s.cfg.Batch {
		return lines
	}
	if n := bytes.LastIndexByte(lines[:s.cfg.Batch], '\n') + 1; n > 0 {
		return lines[:n]
	}
	return lines[:bytes.IndexByte(lines, '\n')+1]
}

// rejected tells what the other side will not keep from what it could not be given.
func (s *Stream) rejected(err error) (int, error) {
	var r Rejection
	if !errors.As(err, &r) {
		return 0, err
	}
	s.cfg.Log.Warn("log_entries_rejected", telemetry.Name("outlet", s.cfg.Name), telemetry.Int("entries", int64(r.Rejected())))
	return r.Rejected(), nil
}
