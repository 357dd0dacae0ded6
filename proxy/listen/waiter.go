package listen

import (
	"io"
	"net"
	"os"
	"syscall"
)

// bufferSize is how much a tunnel's direction carries at a time.
const bufferSize = 32 << 10

// waiter reads a plain socket without holding a buffer while there is nothing
// to read, so that an idle tunnel costs no memory but its goroutines.
type waiter struct {
	raw syscall.RawConn
	buf *[bufferSize]byte
	n   int
	err syscall.Errno
	try func(fd uintptr) bool
}

// newWaiter returns nil where the socket can't be reached.
func newWaiter(c *net.TCPConn) *waiter {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	w := &waiter{raw: raw}
	w.try = w.once
	return w
}

// once reads if there is something, else tells the runtime to wait.
func (w *waiter) once(fd uintptr) bool {
	w.buf = buffers.Get().(*[bufferSize]byte)
	for {
		w.n, w.err = Receive(fd, w.buf[:], 0)
		switch w.err {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			buffers.Put(w.buf)
			w.buf = nil
			return false
		}
		return true
	}
}

// read returns a buffer of the pool and how much of it was filled. buf is nil
// where a deadline passed.
func (w *waiter) read() (buf *[bufferSize]byte, n int, err error) {
	w.buf, w.n, w.err = nil, 0, 0
	if err := w.raw.Read(w.try); err != nil {
		if w.buf != nil {
			buffers.Put(w.buf)
		}
		return nil, 0, err
	}
	switch {
	case w.err != 0:
		return w.buf, 0, os.NewSyscallError("read", w.err)
	case w.n == 0:
		return w.buf, 0, io.EOF
	}
	return w.buf, w.n, nil
}

// sender writes a plain socket.
type sender struct {
	raw    syscall.RawConn
	p      []byte
	waited bool // until the socket took more
	err    error
	try    func(fd uintptr) bool
}

// newSender returns nil where the socket can't be reached.
func newSender(c *net.TCPConn) *sender {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	s := &sender{raw: raw}
	s.try = s.once
	return s
}

// once writes what the socket takes, and tells the runtime to wait where that
// is not all.
func (s *sender) once(fd uintptr) bool {
	for len(s.p) > 0 {
		n, err := Send(fd, s.p)
		switch err {
		case 0:
			s.p = s.p[n:]
		case syscall.EINTR:
		case syscall.EAGAIN:
			s.waited = true
			return false
		default:
			s.err = os.NewSyscallError("write", err)
			return true
		}
	}
	return true
}

// write writes all of p, or fails.
func (s *sender) write(p []byte) error {
	s.p, s.waited, s.err = p, false, nil
	err := s.raw.Write(s.try)
	s.p = nil
	if err == nil {
		err = s.err
	}
	return err
}
