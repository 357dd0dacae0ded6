package relay

import (
	"net"
	"sync"

	"weir/proxy/http1"
)

// seat is what Shutdown can reach of a connection or a stream, and of the
// exchange that it carries at the moment.
type seat struct {
	conn   *http1.ServerConn // nil for an HTTP/2 stream
	socket net.Conn          // innermost beneath conn
	stream Client            // nil for an HTTP/1.x connection

	mu      sync.Mutex
	up      Upstream
	taken   [2]net.Conn // of a tunnel
	stopped bool
}

// hold makes up the upstream of this exchange; it fails when weir is stopping.
func (s *seat) hold(up Upstream) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return false
	}
	s.up = up
	return true
}

// letGo takes the upstream back: from then on nothing aborts it.
func (s *seat) letGo() Upstream {
	s.mu.Lock()
	defer s.mu.Unlock()
	up := s.up
	s.up, s.taken = nil, [2]net.Conn{}
	return up
}

// take puts the two connections of a tunnel into Shutdown's reach; it fails
// when weir is stopping.
func (s *seat) take(client, up net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = [2]net.Conn{innermost(client), innermost(up)}
	return !s.stopped
}

// cut ends the exchange at once. It is called by another goroutine.
func (s *seat) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	if s.up != nil {
		s.up.Abort()
	}
	if s.stream != nil {
		s.stream.Abort()
	}
	for _, c := range [...]net.Conn{s.socket, s.taken[0], s.taken[1]} {
		if c != nil {
			_ = c.Close()
		}
	}
}

func (s *seat) isStopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped
}

// innermost is the socket that c wraps: closing it does not wait to take leave
// of the peer, as closing TLS would.
func innermost(c net.Conn) net.Conn {
	for {
		w, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return c
		}
		c = w.NetConn()
	}
}
