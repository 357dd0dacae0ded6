package redact

import (
	"slices"

	"weir/redact/raw"
	"weir/redact/record"
)

// An entry is longer than its facts by what is written of the request's head and
// the response's. Where it comes out longer still, more is asked for, and where
// there is no more its facts are written alone: those fit.
const (
	reserveFacts = 2 << 10
	reserveHead  = 2 // bytes for each one of the request's head
	// For each subject that there may be: a pseudonym in quotes.
	reserveSubject = 32
)

// reserve has each sink promise room for the entry of x, or none.
func (s *state) reserve(x *raw.Exchange) bool {
	s.reserved = 0
	n := reserveFacts + reserveHead*x.Request.ArenaLen()
	if s.tapped {
		n += maxSubjects * reserveSubject
	}
	for i, r := range s.engine.reserve {
		if !r.Reserve(s.retention.class, s.retention.keep, n) {
			for _, r := range s.engine.reserve[:i] {
				r.Release(s.retention.class, n)
			}
			return false
		}
	}
	s.reserved = n
	return true
}

// redeem makes of e what was promised for it.
func (s *state) redeem(sink Sink, x *raw.Exchange, e *record.Sealed) {
	r, ok := sink.(Reserver)
	if !ok || !slices.Contains(s.engine.reserve, r) {
		return
	}
	e.Reserved = s.reserved
	switch more := len(e.Line) - s.reserved; {
	case more <= 0:
	case r.Reserve(s.retention.class, s.retention.keep, more):
		e.Reserved += more
	default:
		whole := s.entry
		s.sparse(x, "room")
		s.entry.Trace = whole.Trace
		e.Line, _ = record.Append(nil, sink.Format(), &s.entry, nil)
		s.entry = whole
	}
}
