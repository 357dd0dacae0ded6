package listen

import (
	"io"
	"net"
	"os"
	"syscall"
)

// waiter reads a plain socket without holding a buffer while there is nothing
// to read, so that an idle tunnel costs no memory but its goroutines.
type waiter struct {
	raw syscall.RawConn
	buf *[32 << 10]byte
	n   int
	err error
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
	w.buf = buffers.Get().(*[32 << 10]byte)
	for {
		w.n, w.err = syscall.Read(int(fd), w.buf[:])
		if w.err == syscall.EINTR {
			continue
		}
		if w.err == syscall.EAGAIN {
			buffers.Put(w.buf)
			w.buf = nil
			return false
		}
		return true
	}
}

// read returns a buffer of the pool and how much of it was filled. buf is nil
// where a deadline passed.
func (w *waiter) read() (buf *[32 << 10]byte, n int, err error) {
	w.buf, w.n, w.err = nil, 0, nil
	if err := w.raw.Read(w.try); err != nil {
		if w.buf != nil {
			buffers.Put(w.buf)
		}
		return nil, 0, err
	}
	switch {
	case w.err != nil:
		return w.buf, 0, os.NewSyscallError("read", w.err)
	case w.n == 0:
		return w.buf, 0, io.EOF
	}
	return w.buf, w.n, nil
}
