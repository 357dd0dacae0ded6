package http1

import "time"

// eofStands is how long a client's end of its direction must stand until it is
// taken to have left: one that only ends its direction and waits is served
// when the answer comes sooner.
const eofStands = int64(time.Second)

// Gone reports that the client has left.
func (s *ServerConn) Gone() bool { return s.gone.Load() }

// Watch has the sweeper abort up when the client leaves while it is waited for.
func (s *ServerConn) Watch(up interface{ Abort() }) {
	s.mu.Lock()
	s.watched, s.watchFrom, s.endedFrom = up, s.sw.clock.Load(), 0
	s.mu.Unlock()
}

// Unwatch ends Watch. When it has returned, what was watched isn't aborted any more.
func (s *ServerConn) Unwatch() {
	s.mu.Lock()
	s.watched = nil
	s.mu.Unlock()
}

// visit is the sweeper's look at the connection.
func (s *ServerConn) visit(now int64) int64 {
	next := s.expire(now)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watched == nil {
		return next
	}
	next = min(next, now+int64(period)/4)
	if now-s.watchFrom < int64(2*tick) {
		return next
	}
	switch s.prober.probe(s.sock) {
	case reset:
	case halfClosed:
		if s.endedFrom == 0 {
			s.endedFrom = now
		}
		// As long as an answer is being written, a reset will tell who left.
		if from := max(s.endedFrom, s.wrote.Load()); now-from < eofStands {
			return min(next, from+eofStands)
		}
	default:
		return next
	}
	s.gone.Store(true)
	s.watched.Abort()
	s.watched = nil
	return next
}

// Drain lets the connection serve the request it is at, if any, and no further
// one. One that waits between requests ends now; one that has not had its
// first request yet has another second for it.
func (s *ServerConn) Drain() {
	s.draining.Store(true)
	by := s.readBy.Load()
	if by == 0 || phase(by&phaseMask) != phaseIdle {
		return
	}
	soon := s.sw.due(1, phaseIdle)
	if s.fresh.Load() {
		soon = min(by, s.sw.due(firstWhileDraining, phaseIdle))
	}
	if s.readBy.CompareAndSwap(by, soon) {
		s.sw.hurry(&s.e, deadline(soon))
	}
}

// firstWhileDraining is how long a connection that is drained is waited for that
// has not had its first request yet.
const firstWhileDraining = time.Second

// waitsInVain reports that no request is to be waited for.
func (s *ServerConn) waitsInVain() bool { return s.draining.Load() && !s.fresh.Load() }

// Abort closes at once with a reset, so that an unfinished response is seen to
// be one. The goroutine that carries the connection still calls Close.
func (s *ServerConn) Abort() { s.abort(true) }

// Close ends the connection and gives its buffers back. Where the client may
// still be sending, it is told the end first and what it sends is read for a
// while (Limits.Linger), since a reset would take from it what it was last
// sent. No other goroutine may be in ReadBody.
func (s *ServerConn) Close() error {
	defer s.free()
	if !s.leave() {
		return nil
	}
	polite := s.replied && s.served > 0 && !s.ended && s.out.err == nil
	if polite && (s.refused || !s.bodyDone.Load() || s.in.buffered() > 0 || s.persist) {
		s.linger()
	}
	return safe(s.nc.Close())
}

// linger ends our direction and reads until the client ends its own.
func (s *ServerConn) linger() {
	until := time.Now().Add(s.lim.Linger)
	_ = s.base.SetDeadline(until)
	told := false
	if w, ok := s.nc.(closeWriter); ok {
		told = w.CloseWrite() == nil
	}
	// Under TLS the socket's direction stays open after the last record.
	if w, ok := s.base.(closeWriter); ok && s.base != s.nc {
		told = w.CloseWrite() == nil || told
	}
	if !told {
		return
	}
	scrap := buffers.Get().(*buffer)
	defer buffers.Put(scrap)
	for {
		if _, err := s.base.Read(scrap[:]); err != nil {
			return
		}
	}
}

type closeWriter interface{ CloseWrite() error }
