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

// reserve has each sink promise room for the entry of x, or none. Which class it
// will have is known when x has ended: so there is room for it in each.
func (s *state) reserve(x *raw.Exchange) bool {
	s.reserved = 0
	n := reserveFacts + reserveHead*x.Request.ArenaLen()
	if s.tapped {
		n += maxSubjects * reserveSubject
	}
	for i, r := range s.engine.reserve {
		for j, c := range s.kept.classes {
			if r.Reserve(c.Class, c.Keep, n) {
				continue
			}
			for _, c := range s.kept.classes[:j] {
				r.Release(c.Class, n)
			}
			for _, r := range s.engine.reserve[:i] {
				for _, c := range s.kept.classes {
					r.Release(c.Class, n)
				}
			}
			return false
		}
	}
	s.reserved = n
	return true
}

// release gives back what was promised in the classes that the entry does not have.
func (s *state) release() {
	if s.reserved == 0 {
		return
	}
	for _, r := range s.engine.reserve {
		for _, c := range s.kept.classes {
			if c.Class != s.retention.Class {
				r.Release(c.Class, s.reserved)
			}
		}
	}
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
	case r.Reserve(s.retention.Class, s.retention.Keep, more):
		e.Reserved += more
	default:
		whole, told, trace := s.entry, s.told, s.trace
		s.sparse(x, "room")
		s.entry.Trace = whole.Trace
		e.Line, _ = record.Append(nil, sink.Format(), &s.entry, nil)
		s.entry, s.told, s.trace = whole, told, trace
	}
}
