//go:build unix && !linux

package http1

import "syscall"

type probeState struct {
	got  standing
	byte [1]byte
}

// look peeks: an end behind unread bytes is seen when they are read.
func (p *prober) look(fd uintptr) {
	switch n, _, err := syscall.Recvfrom(int(fd), p.byte[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT); {
	case err == syscall.EAGAIN || err == syscall.EINTR:
	case err != nil:
		p.got = reset
	case n == 0:
		p.got = halfClosed
	default:
		p.got = readable
	}
}
