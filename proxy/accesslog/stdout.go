package accesslog

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"weir/proxy/telemetry"
	"weir/redact/record"
)

// StdoutConfig says how lines are written to standard output or another stream.
// What is zero has its default.
type StdoutConfig struct {
	Out     *os.File // nil: os.Stdout
	Format  record.Format
	Service string // named by gap entries

	Buffer int // as in Config
	// FlushInterval is as in Config; 0 is a second, 50 ms for a terminal.
	FlushInterval time.Duration
	// CloseTimeout bounds how long Close waits for a reader that does not read;
	// 0 is 5 s.
	CloseTimeout time.Duration

	Log     *telemetry.Log
	Metrics *telemetry.Sink
	Check   *telemetry.Check

	Now func() time.Time // nil: time.Now
}

// Validate reports what NewStdout would refuse.
func (c StdoutConfig) Validate() error {
	var errs []error
	if c.Format >= record.FormatCount {
		errs = append(errs, fmt.Errorf("log format %d is unknown", c.Format))
	}
	if c.CloseTimeout < 0 {
		errs = append(errs, fmt.Errorf("close timeout %s is negative", c.CloseTimeout))
	}
	return errors.Join(append(errs, validBuffer(c.Buffer, c.FlushInterval)...)...)
}

// Stdout writes entries to a stream. It satisfies redact's Sink.
type Stdout struct {
	cfg   StdoutConfig
	out   *os.File
	queue queue

	wake    chan struct{}
	flushes chan chan error
	stop    chan struct{}
	written chan struct{}
	failing bool // the writer's alone

	closing sync.Once
	err     error
}

// NewStdout begins to write to the stream of cfg.
func NewStdout(cfg StdoutConfig) (*Stdout, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Out == nil {
		cfg.Out = os.Stdout
	}
	if cfg.Buffer == 0 {
		cfg.Buffer = DefaultBuffer
	}
	if cfg.FlushInterval == 0 {
		cfg.FlushInterval = DefaultFlushInterval
		if info, err := cfg.Out.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			cfg.FlushInterval = 50 * time.Millisecond // somebody is watching
		}
	}
	if cfg.CloseTimeout == 0 {
		cfg.CloseTimeout = 5 * time.Second
	}
	if cfg.Metrics == nil {
		cfg.Metrics = new(telemetry.Sink)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	// A descriptor of our own: the runtime ends the process on EPIPE at 1 and 2.
	fd, err := unix.FcntlInt(cfg.Out.Fd(), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("log to standard output: %w; is it closed?", err)
	}
	s := &Stdout{cfg: cfg, out: os.NewFile(uintptr(fd), "stdout"), queue: newQueue(),
		wake: make(chan struct{}, 1), flushes: make(chan chan error),
		stop: make(chan struct{}), written: make(chan struct{})}
	s.cfg.Check.Set(true)
	go s.write()
	return s, nil
}

// Format is how the lines are to be written.
func (s *Stdout) Format() record.Format { return s.cfg.Format }

// Append takes a sealed entry; see Log.Append.
func (s *Stdout) Append(e record.Sealed) {
	lost, wake := s.queue.add(e, s.cfg.Buffer)
	if lost {
		s.cfg.Metrics.Lost.Add(1)
	}
	if wake {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// Flush writes what was appended before it, and returns why it could not.
func (s *Stdout) Flush() error {
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
func (s *Stdout) Close() error {
	s.closing.Do(func() {
		s.queue.close()
		close(s.stop)
		select {
		case <-s.written:
			if lost := s.queue.abandoned(); lost > 0 {
				s.cfg.Metrics.Lost.Add(uint64(lost))
				s.err = fmt.Errorf("log to standard output: %d entries could not be written", lost)
			}
			if err := s.out.Close(); err != nil && s.err == nil {
				s.err = fmt.Errorf("log to standard output: %w", err)
			}
		case <-time.After(s.cfg.CloseTimeout):
			s.err = errors.New("log to standard output: nobody reads it; entries could not be written")
		}
		s.cfg.Check.Set(false)
	})
	return s.err
}

// write is the writer's goroutine.
func (s *Stdout) write() {
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
			_ = s.turn()
			return
		}
	}
}

func (s *Stdout) turn() error {
	err := s.drain()
	waits, _ := s.queue.waiting()
	s.cfg.Metrics.Pending.Set(waits)
	if err != nil {
		s.cfg.Metrics.Failures.Add(1)
		s.cfg.Log.Error("log_stdout_failed", telemetry.Err(err))
	} else if s.failing {
		s.cfg.Log.Info("log_stdout_resumed")
	}
	s.failing = err != nil
	s.cfg.Check.Set(!s.failing)
	return err
}

// drain writes until nothing waits. What a short write left of a line is
// written first the next time: a stream cannot be cut.
func (s *Stdout) drain() error {
	q := &s.queue
	for len(q.back.lines) > 0 || q.take(s.cfg.Now(), s.cfg.Service, s.cfg.Format) {
		n, err := s.out.Write(q.back.lines)
		entries := q.wrote(n)
		s.cfg.Metrics.Bytes.Add(uint64(n))
		if len(q.back.lines) == 0 {
			entries -= q.back.gaps
			s.cfg.Metrics.Gaps.Add(uint64(q.back.gaps))
			q.back.gaps = 0
		}
		s.cfg.Metrics.Written.Add(uint64(max(entries, 0)))
		if err != nil {
			return err
		}
	}
	return nil
}
