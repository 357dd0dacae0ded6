package policytest

import (
	"weir/redact/raw"
)

// Logged is the exchange of a line of a log, which tell puts into one that is empty; nil
// where its target is none. name stands for the line. What the line does not say is taken
// from given. A line tells nothing of bodies and not all of heads, so that such an exchange
// was never seen whole.
func Logged(name, service string, given Given, tell func(*raw.Exchange)) *Traffic {
	s := &Sample{partly: true}
	x := &s.exchange
	x.Reset()
	tell(x)
	m := &x.Request
	query, apart := m.Query, m.HasQuery // which may stand in a field of its own
	if target := string(m.Peek(m.Target)); target != "" && !setTarget(m, string(m.Peek(m.Method)), target) {
		return nil
	}
	if apart && !m.HasQuery {
		m.Query, m.HasQuery = query, true
	}
	if host, ok := m.Lookup("host"); ok && m.Authority.Len() == 0 {
		m.Authority = host
	}
	m.Proto, m.Whole = raw.HTTP11, true
	if s.answered = x.Response.Status != 0; s.answered {
		x.Response.Proto, x.Response.Whole = raw.HTTP11, true
	}
	given.At = x.Started
	if a, ok := x.Client.Peek().Addr(), x.Client.Known(); ok {
		given.Client = a
	}
	if x.Direction == raw.Outbound {
		given.Direction = x.Direction.String()
	}
	if x.Visibility == raw.SeenTunnel {
		given.Visibility = x.Visibility.String()
	}
	s.give(&given)
	return &Traffic{Name: name, Service: service, sample: s}
}
