package http1

import (
	"io"
	"syscall"

	"weir/proxy/listen"
)

// Sockets are read and written by their descriptor: so a buffer is taken only
// when there is something to put in it, and a deadline set only for a wait.

// tryRead is called with the socket until it returns true, and between calls
// the goroutine waits until the socket can be read.
func (c *conn) tryRead(fd uintptr) bool {
	in := &c.in
	p := in.dst
	if p == nil {
		p = in.hold()
	}
	for {
		n, err := listen.Receive(fd, p, 0)
		switch err {
		case 0:
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

// tryWrite is tryRead's counterpart.
func (c *conn) tryWrite(fd uintptr) bool {
	o := &c.out
	for len(o.src) > 0 {
		n, err := listen.Send(fd, o.src)
		switch err {
		case 0:
			o.src = o.src[n:]
		case syscall.EINTR:
		case syscall.EAGAIN:
			if !o.armed {
				o.armed = true
				c.armWrite()
			}
			return false
		default:
			o.failed = err
			return true
		}
	}
	return true
}

// touched peeks whether the peer has sent something or ended something.
func (p *peeker) touched(fd uintptr) {
	_, err := listen.Receive(fd, p.byte[:], syscall.MSG_PEEK)
	p.got = err != syscall.EAGAIN // in doubt it is not used again
}
