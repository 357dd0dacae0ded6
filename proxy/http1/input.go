package http1

import "io"

// input is the reading half of a connection. Its buffer is held only while it
// holds bytes: a connection that waits holds none.
type input struct {
	buf  *buffer
	r, w int
	tiny [1]byte

	// Of the read under way. try is conn.tryRead, bound once.
	try   func(uintptr) bool
	dst   []byte // nil: into buf
	by    int64
	armed bool
	n     int
	err   error
	stop  func() bool // asked before waiting for a request: don't
}

func (in *input) window() []byte {
	if in.buf == nil {
		return nil
	}
	return in.buf[in.r:in.w]
}

func (in *input) buffered() int { return in.w - in.r }

// advance consumes n bytes.
func (in *input) advance(n int) {
	in.r += n
	if in.r == in.w {
		in.release()
	}
}

func (in *input) release() {
	in.r, in.w = 0, 0
	if in.buf != nil {
		buffers.Put(in.buf)
		in.buf = nil
	}
}

// fill reads into the buffer, which must be empty, by the given deadline.
func (c *conn) fill(by int64) error {
	n, err := c.read(nil, by)
	c.in.w = n
	if n == 0 {
		c.in.release()
		if err == nil {
			err = io.ErrNoProgress
		}
		return err
	}
	return nil
}

// read reads some bytes into p, or where that is nil to the start of the
// buffer. Errors are safe to print; a deadline that passed is a timeout.
func (c *conn) read(p []byte, by int64) (int, error) {
	in := &c.in
	in.dst, in.by, in.armed, in.n, in.err = p, by, false, 0, nil
	if !c.bare && c.replay != nil && c.replay.Buffered() == 0 {
		c.bare = true
	}
	if c.bare {
		if err := c.sock.Read(in.try); err != nil {
			in.n, in.err = 0, err
		}
	} else {
		c.plainRead()
	}
	in.dst = nil
	if in.armed && c.readBy.Swap(0) == 0 {
		return 0, timeout{}
	}
	if in.n > 0 {
		return in.n, nil
	}
	return 0, safe(in.err)
}

// plainRead reads where the socket itself can't be read, as under TLS.
func (c *conn) plainRead() {
	in := &c.in
	if in.arm(c) {
		in.err = io.EOF
		return
	}
	if in.dst != nil {
		in.n, in.err = c.nc.Read(in.dst)
		return
	}
	if p := phase(in.by & phaseMask); c.replay == nil && (p == phaseIdle || p == phaseAnswer) {
		// TLS gives the first byte of a record alone and keeps the rest, so
		// nothing is lost by waiting without a buffer.
		in.n, in.err = c.nc.Read(in.tiny[:])
		if in.n == 1 {
			in.hold()[0] = in.tiny[0]
		}
		return
	}
	in.n, in.err = c.nc.Read(in.hold())
}

// hold makes sure that there is a buffer and returns the whole of it.
func (in *input) hold() []byte {
	if in.buf == nil {
		in.buf = buffers.Get().(*buffer)
	}
	return in.buf[:]
}

// arm sets the deadline of the read under way and reports whether it should
// not wait at all. The order matters: who wants it to stop looks for the
// deadline after having said so.
func (in *input) arm(c *conn) (stop bool) {
	if !in.armed {
		in.armed = true
		c.armRead(in.by)
	}
	return in.stop != nil && phase(in.by&phaseMask) == phaseIdle && in.stop()
}
