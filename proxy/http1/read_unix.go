//go:build unix

package http1

import (
	"io"
	"syscall"
)

// direct says that sockets are read by their descriptor: so a buffer is taken
// only when there is something to put in it, and a deadline set only for a wait.
const direct = true

// tryRead is called with the socket until it returns true, and between calls
// the goroutine waits until the socket can be read.
func (c *conn) tryRead(fd uintptr) bool {
	in := &c.in
	p := in.dst
	if p == nil {
		p = in.hold()
	}
	for {
		n, err := syscall.Read(int(fd), p)
		switch err {
		case nil:
			if in.n = n; n == 0 {
				in.err = io.EOF
			}
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			if in.dst == nil {
				in.release()
			}
			if !in.arm(c) {
				return false
			}
			in.err = io.EOF
		default:
			in.err = err
		}
		return true
	}
}
