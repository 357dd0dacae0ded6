package http1

import "golang.org/x/sys/unix"

type probeState struct {
	got standing
	fds [1]unix.PollFd
}

// look polls: unlike a peek it sees the end behind bytes that are unread.
func (p *prober) look(fd uintptr) {
	p.fds[0] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN | unix.POLLRDHUP}
	if n, err := unix.Poll(p.fds[:], 0); n <= 0 || err != nil {
		return
	}
	switch got := p.fds[0].Revents; {
	case got&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) != 0:
		p.got = reset
	case got&unix.POLLRDHUP != 0:
		p.got = halfClosed
	default:
		p.got = readable
	}
}
