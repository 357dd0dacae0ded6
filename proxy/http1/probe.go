package http1

import "syscall"

// standing is what stands at a socket that nobody reads.
type standing uint8

const (
	quiet      standing = iota
	readable            // bytes
	halfClosed          // the peer ended its direction
	reset               // the connection is broken
)

// prober asks a socket without reading it or waiting, in one system call.
type prober struct {
	f func(uintptr)
	probeState
}

func (p *prober) probe(sock syscall.RawConn) standing {
	if sock == nil {
		return quiet
	}
	if p.f == nil {
		p.f = p.look
	}
	p.got = quiet
	// Control, not Read: it doesn't wait for a goroutine that is reading.
	if sock.Control(p.f) != nil {
		return reset
	}
	return p.got
}

// peeker asks an idle socket the one thing that a pool wants to know, by the
// cheapest call there is.
type peeker struct {
	f    func(uintptr)
	byte [1]byte
	got  bool
}

// quiet reports whether the peer has sent nothing and ended nothing.
func (p *peeker) quiet(sock syscall.RawConn) bool {
	if sock == nil {
		return true
	}
	if p.f == nil {
		p.f = p.touched
	}
	p.got = false
	return sock.Control(p.f) == nil && !p.got
}
