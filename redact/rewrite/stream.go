package rewrite

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"weir/redact"
)

// Config is what a copy of one log needs.
type Config struct {
	Engine *redact.Engine
	// Format is how the log is written; nil is to be recognised.
	Format *Format
	// Jobs is how many lines may be written at one time, at least 1.
	Jobs int
	// Now is the time of lines that name none.
	Now time.Time
	// Read is told how many bytes were read since the last time; nil is nobody.
	Read func(n int)
}

// Validate reports what is wrong with c.
func (c *Config) Validate() error {
	if c.Engine == nil || c.Jobs < 1 || c.Jobs > MaxJobs || c.Now.IsZero() {
		return errors.New("rewrite: an engine, a time and 1 to 256 jobs are needed")
	}
	return nil
}

// MaxJobs bounds the memory of a copy, which is some MiB for each job.
const MaxJobs = 256

// chunk is how many bytes are read, and written as whole lines, at one time;
// leastRead at first.
const (
	chunk     = 1 << 20
	leastRead = 64 << 10
)

// Copy writes what the policy leaves of a log, line by line, in the order of in.
// It says which format it was. The error is that of in, out or ctx; what was
// written by then is whole lines.
func Copy(ctx context.Context, out io.Writer, in io.Reader, cfg Config) (*Format, Counts, error) {
	var total Counts
	if err := cfg.Validate(); err != nil {
		return nil, total, err
	}
	r := &reader{in: in, told: cfg.Read, ctx: ctx}
	f := cfg.Format
	if f == nil {
		first, err := r.peek()
		if err != nil {
			return nil, total, err
		}
		f = Recognise(first)
	}
	if f.whole != nil {
		err := f.whole(&cfg, f, out, r, &total)
		total.Bytes = r.total
		return f, total, err
	}
	var err error
	if cfg.Jobs == 1 {
		err = alone(out, r, newLines(cfg.Engine, f, cfg.Now), &total)
	} else {
		err = together(out, r, f, &cfg, &total)
	}
	total.Bytes = r.total
	return f, total, err
}

// alone writes chunk after chunk.
func alone(out io.Writer, r *reader, w *lines, total *Counts) error {
	defer w.leave(total)
	var src, dst []byte
	for {
		var err error
		if src, err = r.next(src[:0]); err != nil || len(src) == 0 {
			return err
		}
		dst = w.rewrite(dst[:0], src)
		if _, err := out.Write(dst); err != nil {
			return err
		}
	}
}

// leave lets go of everything and adds what was counted.
func (w *lines) leave(total *Counts) {
	w.forget()
	total.Merge(&w.counts)
}

// job is one chunk on its way.
type job struct {
	src, dst []byte
	done     chan struct{}
}

// together has several workers write chunks, and puts them in their order.
func together(out io.Writer, r *reader, f *Format, cfg *Config, total *Counts) error {
	work, order := make(chan *job), make(chan *job, cfg.Jobs)
	free := make(chan *job, cfg.Jobs+2)
	for range cap(free) {
		free <- &job{}
	}
	var workers sync.WaitGroup
	var mu sync.Mutex
	for range cfg.Jobs {
		workers.Go(func() {
			w := newLines(cfg.Engine, f, cfg.Now)
			for j := range work {
				j.dst = w.rewrite(j.dst[:0], j.src)
				close(j.done)
			}
			mu.Lock()
			defer mu.Unlock()
			w.leave(total)
		})
	}
	var wrote error
	var writer sync.WaitGroup
	failed := make(chan struct{})
	writer.Go(func() {
		for j := range order {
			<-j.done
			if wrote == nil {
				if _, wrote = out.Write(j.dst); wrote != nil {
					close(failed)
				}
			}
			free <- j
		}
	})
	err := feed(r, work, order, free, failed)
	close(work)
	close(order)
	workers.Wait()
	writer.Wait()
	return errors.Join(wrote, err)
}

// feed reads chunks and hands them out, until there are no more or one could not
// be written.
func feed(r *reader, work, order, free chan *job, failed chan struct{}) error {
	for {
		var j *job
		select {
		case <-failed:
			return nil
		case j = <-free:
		}
		j.done = make(chan struct{})
		var err error
		if j.src, err = r.next(j.src[:0]); err != nil || len(j.src) == 0 {
			return err
		}
		order <- j
		work <- j
	}
}

// reader reads whole lines.
type reader struct {
	in    io.Reader
	ctx   context.Context
	told  func(n int)
	total int64
	size  int    // to be read at one time
	held  []byte // read, and not yet given out
	rest  []byte // of held, where Read gives it out
	ended bool
}

// peek reads ahead what a format can be recognised by: the first lines, as far as
// they come at once.
func (r *reader) peek() ([]byte, error) {
	for !r.ended && bytes.IndexByte(r.held, '\n') < 0 && len(r.held) < chunk {
		var err error
		if r.held, err = r.read(r.held); err != nil {
			return nil, err
		}
	}
	return r.held, nil
}

// next appends whole lines to dst, nothing at the end. The last line may lack its
// line feed. A line longer than MaxLine is given out as one that is just too long.
func (r *reader) next(dst []byte) ([]byte, error) {
	dst = append(dst, r.held...)
	r.held = r.held[:0]
	for {
		if end := bytes.LastIndexByte(dst, '\n'); end >= 0 {
			r.held = append(r.held, dst[end+1:]...)
			return dst[:end+1], nil
		}
		if r.ended {
			return dst, nil
		}
		if len(dst) > MaxLine {
			return r.skip(dst[:MaxLine+1])
		}
		var err error
		if dst, err = r.read(dst); err != nil {
			return nil, err
		}
	}
}

// skip reads to the end of a line that is too long, of which dst is the beginning.
func (r *reader) skip(dst []byte) ([]byte, error) {
	for !r.ended {
		var err error
		if r.held, err = r.read(r.held[:0]); err != nil {
			return nil, err
		}
		if end := bytes.IndexByte(r.held, '\n'); end >= 0 {
			dst = append(dst, '\n')
			r.held = append(r.held[:0], r.held[end+1:]...)
			return dst, nil
		}
	}
	r.held = r.held[:0]
	return dst, nil
}

// read appends what comes next. At the end r.ended is set.
func (r *reader) read(dst []byte) ([]byte, error) {
	if err := r.ctx.Err(); err != nil {
		return dst, err
	}
	r.size = max(r.size, leastRead)
	dst = slices.Grow(dst, r.size)
	n, err := r.in.Read(dst[len(dst) : len(dst)+r.size])
	dst = dst[:len(dst)+n]
	if n == r.size {
		r.size = min(2*r.size, chunk)
	}
	r.total += int64(n)
	if r.told != nil {
		r.told(n)
	}
	if err == io.EOF {
		r.ended = true
		return dst, nil
	}
	return dst, err
}

// Read is of io.Reader, for formats that are not made of lines.
func (r *reader) Read(p []byte) (int, error) {
	if len(r.held) == 0 {
		if r.ended {
			return 0, io.EOF
		}
		var err error
		if r.held, err = r.read(r.held[:0]); err != nil {
			return 0, err
		}
		r.rest = r.held
	}
	if r.rest == nil {
		r.rest = r.held
	}
	n := copy(p, r.rest)
	if r.rest = r.rest[n:]; len(r.rest) == 0 {
		r.held, r.rest = r.held[:0], nil
	}
	return n, nil
}
