package http1

import (
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"weir/redact/raw"
)

// ServerConn is a client's connection. One goroutine reads requests from it and
// answers them in order; while it waits for an upstream or answers, one other
// may be in ReadBody. Abort, Drain and Gone may be called from anywhere.
type ServerConn struct {
	conn
	head head
	body body

	started time.Time
	served  int  // requests that were read
	persist bool // the client wants to go on
	last    bool // this exchange is the last: so it was told, or must be
	refused bool // what follows can't be framed
	old     bool // the client speaks HTTP/1.0
	expect  bool // it waits for 100 (Continue)
	to      asked
	ended   bool // the client closed between requests, or was silent there
	headed  bool // the final head was written
	replied bool // the response is whole

	// Of whoever is in ReadBody.
	bodyDone, bodySeen   atomic.Bool
	stopped, gone        atomic.Bool
	draining, fresh      atomic.Bool
	continued            bool
	mu                   sync.Mutex // of watch
	watched              interface{ Abort() }
	watchFrom, endedFrom int64
	prober               prober
}

// NewServerConn takes over a connection from a client, which may be TLS or any
// wrapper whose NetConn leads to the socket. A wrapper with Buffered() int
// promises that once that is 0, reading it is reading NetConn(). lim and sw
// must outlive the connection.
func NewServerConn(nc net.Conn, lim *Limits, sw *Sweeper) *ServerConn {
	s := &ServerConn{}
	s.init(nc, lim, sw, s)
	s.in.stop = s.waitsInVain
	s.fresh.Store(true)
	s.bodyDone.Store(true)
	s.replied = true
	return s
}

// FirstByte is when the first byte of the current request was there.
func (s *ServerConn) FirstByte() time.Time { return s.started }

// KeepAlive reports whether another request can be read from the connection
// once this exchange is finished.
func (s *ServerConn) KeepAlive() bool {
	return !s.closed.Load() && s.replied && s.persist && !s.last && !s.refused && !s.stopped.Load() &&
		!s.draining.Load() && s.out.err == nil
}

// Wait waits for the first byte of the next request, having read what was left
// of the last one's body, so that what an exchange needs can be got after. io.EOF
// is the end between two requests: the client closed, said nothing for too
// long, or must not send more. It is optional; ReadRequest does the same.
func (s *ServerConn) Wait() error {
	if s.served > 0 && !s.KeepAlive() || s.closed.Load() {
		return io.EOF
	}
	if !s.bodyDone.Load() {
		if !s.body.discard(s.lim.DrainBytes) {
			s.last = true
			return io.EOF
		}
		s.bodyDone.Store(true)
	}
	if s.in.buffered() > 0 {
		return nil
	}
	limit := s.lim.Idle
	if s.served == 0 {
		limit = s.lim.ReadHead
		if s.draining.Load() && (limit == 0 || limit > firstWhileDraining) {
			limit = firstWhileDraining
		}
	}
	err := s.fill(s.sw.due(limit, phaseIdle))
	s.ended = err != nil
	if err == (timeout{}) || err != nil && s.draining.Load() {
		return io.EOF
	}
	return err
}

// ReadRequest reads the next request's head into m, which it resets. io.EOF is
// the end between two requests; a *RefusedError one that must be answered with
// its status and then closed, m holding as much as was understood. Every
// other error is a connection that broke.
func (s *ServerConn) ReadRequest(m *raw.Message) error {
	m.Reset()
	if err := s.Wait(); err != nil {
		return err
	}
	s.started = time.Now()
	s.served++
	s.fresh.Store(false)
	s.persist, s.last, s.expect, s.headed, s.replied, s.continued = false, false, false, false, false, false
	s.bodySeen.Store(false)
	s.out.open = false
	s.old, s.to = false, askedOther
	h := &s.head
	h.reset(s.lim, m, false)
	by := int64(0)
	for {
		n, done, why := h.feed(s.in.window())
		s.in.advance(n)
		if why != 0 {
			return s.refuse(why)
		}
		if done {
			break
		}
		if by == 0 {
			by = s.sw.due(s.lim.ReadHead, phaseHead)
		}
		switch err := s.fill(by); {
		case err == nil:
		case err == (timeout{}):
			return s.refuse(slowHead)
		case err == io.EOF && m.ArenaLen() > 2:
			return io.ErrUnexpectedEOF
		default:
			return err
		}
	}
	s.old = m.Proto == raw.HTTP10
	if why := h.endRequest(); why != 0 {
		return s.refuse(why)
	}
	switch method := m.Peek(m.Method); {
	case string(method) == "HEAD":
		s.to = askedHead
	case string(method) == "CONNECT":
		s.to = askedConnect
	}
	s.persist = h.persists()
	s.expect = h.expect && !s.old
	s.body.begin(&s.conn, m)
	s.bodyDone.Store(s.body.done)
	return nil
}

func (s *ServerConn) refuse(why reason) error {
	s.refused = true
	return why.refused()
}

// ReadBody reads payload of the request. io.EOF is its clean end; trailers then
// stand in the request's message. A *FramingError is a body that can't be
// followed further, io.ErrUnexpectedEOF one that was cut, ErrStopped one
// that nobody wants any more; a net.Error with Timeout is a client that is silent.
func (s *ServerConn) ReadBody(p []byte) (int, error) {
	if s.stopped.Load() {
		return 0, ErrStopped
	}
	n, err := s.body.read(p)
	if n > 0 {
		s.bodySeen.Store(true)
	}
	if s.body.done {
		s.bodyDone.Store(true)
	}
	if err != nil && err != io.EOF && s.stopped.Load() {
		return n, ErrStopped
	}
	return n, err
}

// StopRead ends a ReadBody that waits in another goroutine, and every later one.
// The connection ends with this exchange.
func (s *ServerConn) StopRead() {
	s.stopped.Store(true)
	_ = s.base.SetReadDeadline(past)
}

// Buffered is how many bytes can be read without waiting, framing included.
func (s *ServerConn) Buffered() int { return s.in.buffered() }

func (s *ServerConn) String() string             { return raw.Placeholder }
func (s *ServerConn) GoString() string           { return raw.Placeholder }
func (s *ServerConn) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, raw.Placeholder) }
