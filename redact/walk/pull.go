package walk

import (
	"bufio"
	"errors"
	"io"
	"iter"
)

// pull has a decoder that reads run on bytes that are pushed. The decoder runs
// as a coroutine: only while write or close does, on their time, never beside
// them, so that there is nothing to lock. Between calls it is parked, which
// costs a small stack beside the decoder's own memory, and two switches for each
// piece. It ends with close or abandon.
type pull struct {
	next func() (struct{}, bool)
	stop func()
	wait func(struct{}) bool
	in   []byte
	last bool
	done bool
	why  Reason
}

var errAbandoned = errors.New("walk: the body was given up")

// pullSize is how much of what is decoded is walked at one time.
const pullSize = 8 << 10

// newPull has sink given what the reader that open makes of the pushed bytes gives.
func newPull(open func(io.Reader) (io.Reader, error), sink func([]byte) Reason) *pull {
	p := &pull{}
	p.next, p.stop = iter.Pull(func(yield func(struct{}) bool) {
		p.wait = yield
		p.why = p.run(open, sink)
	})
	return p
}

func (p *pull) run(open func(io.Reader) (io.Reader, error), sink func([]byte) Reason) Reason {
	source := bufio.NewReader(p)
	r, err := open(source)
	buf := make([]byte, pullSize)
	for err == nil {
		var n int
		n, err = r.Read(buf)
		if n > 0 {
			if why := sink(buf[:n]); why != Scanned {
				return why
			}
		}
	}
	if err == io.EOF {
		// What stands behind the end of what was decoded belongs to nothing.
		if _, err = source.Peek(1); err == io.EOF {
			return Scanned
		}
		return Broken
	}
	return reasonOf(err)
}

// Read gives the decoder what was pushed, and parks it while there is nothing.
func (p *pull) Read(b []byte) (int, error) {
	for len(p.in) == 0 {
		if p.last {
			return 0, io.EOF
		}
		if !p.wait(struct{}{}) {
			return 0, errAbandoned
		}
	}
	n := copy(b, p.in)
	p.in = p.in[n:]
	return n, nil
}

func (p *pull) write(b []byte) Reason {
	p.in = b
	return p.resume()
}

func (p *pull) close() Reason {
	p.last = true
	return p.resume()
}

func (p *pull) resume() Reason {
	if p.done {
		return p.why
	}
	if _, more := p.next(); !more {
		p.done = true
	}
	p.in = nil
	return p.why
}

// abandon ends the decoder where it is.
func (p *pull) abandon() {
	if p != nil && !p.done {
		p.done = true
		p.stop()
	}
}
