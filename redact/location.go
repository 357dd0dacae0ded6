package redact

import (
	"bytes"

	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
	"weir/redact/walk"
)

// Bounds of what is written of a URL.
const (
	maxSegments   = 32
	maxParameters = 64
)

// any stands for a host or a name that is not known.
const anyName = "*"

// own decides on the URL of the request, whose marker is at i, and returns the
// index after its parts.
func (s *state) own(i int) int {
	u := &s.urls[s.items[i].field.Index]
	parts := s.parts(i + 1)
	if host := s.find(parts, raw.Host, 0); host != nil {
		s.maker.Open(transform.Plain)
		s.host(&host.field, host.place)
		s.entry.Server = s.maker.Close()
		s.entry.ServerPort = s.port(u)
	}
	s.maker.Open(transform.Segment)
	route := s.path(u.Path.Peek(), parts)
	if t := s.entry.Trace; route != nil && t != nil {
		t.Route = route.Template
	}
	s.entry.Path = s.maker.Close()
	s.entry.HasQuery = u.HasQuery
	for j := range parts {
		it := &parts[j]
		switch it.field.Kind {
		case raw.Query:
			if len(s.entry.Query) == maxParameters {
				s.entry.MoreQuery = true
				s.note(it.place, it.field.Value.Peek())
				continue
			}
			s.parameter(it)
		case raw.Userinfo, raw.Fragment:
			s.note(it.place, it.field.Value.Peek())
		}
	}
	s.entry.MoreQuery = s.entry.MoreQuery || s.cut && u.HasQuery
	return i + 1 + len(parts)
}

// parts are the items from i on that are parts of one URL.
func (s *state) parts(i int) []item {
	j := i
	for ; j < len(s.items) && s.items[j].place != nil; j++ {
		switch s.items[j].field.Kind {
		case raw.Userinfo, raw.Host, raw.Path, raw.Query, raw.Fragment:
			continue
		}
		break
	}
	return s.items[i:j]
}

func (s *state) find(parts []item, kind raw.Kind, index int) *item {
	for i := range parts {
		if f := &parts[i].field; f.Kind == kind && f.Index == index {
			return &parts[i]
		}
	}
	return nil
}

// parameter writes name=value of the request's query.
func (s *state) parameter(it *item) {
	p := record.Parameter{Bare: it.field.Name.Peek() == nil}
	if !p.Bare {
		s.maker.Open(transform.Query)
		s.maker.Name(it.place.Name)
		p.Name = s.maker.Close()
	}
	s.maker.Open(transform.Query)
	s.queryValue(it)
	p.Value = s.maker.Close()
	s.entry.Query = append(s.entry.Query, p)
}

// queryValue writes what is left of a value in a query. A plus in it may have
// been meant as a space or as itself: it is scanned both ways.
func (s *state) queryValue(it *item) {
	sent := it.field.Value.Peek()
	if len(sent) == 0 {
		return
	}
	text, sound := s.decoded(sent, true)
	if sound && bytes.IndexByte(sent, '+') < 0 {
		mark := s.withheld.len()
		s.write(&it.field, it.place, text, true)
		if s.withheld.len() > mark && len(sent) != len(text) {
			s.withheld.add(sent)
		}
		return
	}
	s.byName(&it.field, it.place, text)
	if bytes.IndexByte(sent, '+') >= 0 {
		other, _ := s.decoded(sent, false)
		if bytes.IndexByte(sent, '@') >= 0 {
			text, other = other, text
		}
		sound = s.scanOther(other) && sound
	}
	mark := s.withheld.len()
	if !s.scan(text) || !sound {
		s.refuse(it.place, text)
	} else {
		s.decide(&it.field, it.place, text)
	}
	if s.withheld.len() > mark && len(sent) != len(text) {
		s.withheld.add(sent)
	}
}

// scanOther scans the other reading of a value with a plus in it, which is as
// long as the likelier one. A form writes @ as %40 and a space as a plus: where
// an @ stands as it is, a plus does too. What is found only widens what is found
// in the likelier reading; the identifier is that one's.
func (s *state) scanOther(text []byte) bool {
	first := len(s.spans)
	complete := s.look(text)
	for i := first; i < len(s.spans); i++ {
		s.spans[i].value, s.spans[i].scanned = s.copied(s.spans[i].value), false
	}
	return complete
}

// host writes a host that may be written whole, or what a rule leaves of it;
// else the registrable domain of an outbound exchange, and "*" of an inbound one.
func (s *state) host(f *raw.Field, p *raw.Place) {
	host := f.Value.Peek()
	if s.maker.Domain(host, false) {
		return
	}
	done, mine := s.recall(asHost, f, p, host)
	if !done {
		s.unknownHost(f, p, host)
	}
	if mine {
		s.remember(p)
	}
}

// unknownHost writes a host that may not be written whole.
func (s *state) unknownHost(f *raw.Field, p *raw.Place, host []byte) {
	s.named(p.Category, p.Confidence, len(host))
	complete := s.scan(host)
	if _, ok := detect.Address(host); ok {
		s.spans = append(s.spans[:0], span{end: len(host), category: address, confidence: detect.Certain, scanned: true, value: host})
		if s.subjects.asked != nil {
			s.recording.unfit = true
			s.subjects.take(s.spans, host)
		}
	}
	switch {
	case !complete:
		s.refuse(p, host)
		s.maker.Literal(anyName)
		return
	case len(s.spans) == 0:
		d := s.ask(f, p, "", 0)
		if d.Rule == "" {
			s.withheld.add(host)
			if !s.maker.Domain(host, s.exchange.Direction == raw.Outbound) {
				s.maker.Literal(anyName)
			}
			return
		}
	}
	s.decideHost(f, p, host)
}

// decideHost writes what the policy leaves of a host, "*" where that is nothing.
func (s *state) decideHost(f *raw.Field, p *raw.Place, host []byte) {
	before := s.maker.Len()
	s.decide(f, p, host)
	if s.maker.Len() == before {
		s.maker.Literal(anyName)
	}
}

// port is the port of a URL where it may be written, else 0. A visitor can put
// any number beside a host that nobody knows.
func (s *state) port(u *walk.URL) uint16 {
	if s.exchange.Direction == raw.Inbound && !s.maker.Known(u.Host.Peek()) {
		return 0
	}
	return port(u.Port.Peek())
}

// port reads a port; 0 is none.
func port(b []byte) uint16 {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' || n > 65535 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	if n > 65535 {
		return 0
	}
	return uint16(n)
}
