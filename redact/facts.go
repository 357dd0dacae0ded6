package redact

import (
	"crypto/tls"

	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// fact is a word of a closed list, or another text that seldom changes, as it was
// written last.
type fact struct {
	text  string
	clean transform.Clean
}

func (f *fact) of(text string) transform.Clean {
	if f.text != text {
		f.text, f.clean = text, transform.Checked(text)
	}
	return f.clean
}

// facts are those that a state wrote last.
type facts struct {
	direction, scheme, protocol, tls, visibility, method, policy, retain, epoch fact
}

// outcome writes the facts that need nothing parsed.
func (s *state) outcome(x *raw.Exchange) {
	e := &s.entry
	e.Time, e.Service = x.Started, s.engine.service
	e.Direction = s.known.direction.of(x.Direction.String())
	e.Status = x.Response.Status
	e.Duration, e.FirstByte = x.Duration, x.FirstByte
	if t := x.Trace; t != nil {
		e.Trace = &record.Trace{ID: t.ID, Parent: t.Parent, Server: t.Server, Client: t.Client, Asked: t.Asked, Upstream: t.Upstream}
	}
	if x.Request.BodyBytes > 0 {
		e.RequestSize = x.Request.BodyBytes
	}
	if x.Response.Status > 0 {
		e.ResponseSize = x.Response.BodyBytes
	}
	switch {
	case x.Outcome == raw.Complete:
	case x.Outcome == raw.Refused && reason(x.Reason):
		e.Error = transform.Literal(x.Reason)
	default:
		e.Error = transform.Literal(x.Outcome.String())
	}
}

// reason reports whether text has the form of a key from a closed list.
func reason(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return text != "" && len(text) <= 64
}

// facts writes what is harmless of every exchange.
func (s *state) facts(x *raw.Exchange) {
	s.outcome(x)
	e := &s.entry
	e.Scheme = s.known.scheme.of(x.Request.Scheme.String())
	e.Protocol = s.known.protocol.of(x.Request.Proto.String())
	e.TLSVersion = s.known.tls.of(tlsVersion(x.TLSVersion))
	e.Visibility = s.known.visibility.of(x.Visibility.String())
	e.Attempts = x.Attempts
	if x.Visibility == raw.SeenTunnel || x.Upgraded {
		e.BytesUp, e.BytesDown = x.BytesUp, x.BytesDown
	}
}

// seal writes which policy and keys the entry is by. Where not everything was
// walked, that is told.
func (s *state) seal() {
	e := &s.entry
	e.Policy = s.known.policy.of(s.fingerprint)
	e.Retain = s.known.retain.of(s.retention.Class)
	if s.engine.keys != nil {
		e.Epoch = s.known.epoch.of(s.maker.Epoch())
	}
	if s.cut {
		e.Fault = transform.Literal("cut")
	}
}

func tlsVersion(v uint16) string {
	switch v {
	case tls.VersionTLS10:
		return "1.0"
	case tls.VersionTLS11:
		return "1.1"
	case tls.VersionTLS12:
		return "1.2"
	case tls.VersionTLS13:
		return "1.3"
	}
	return ""
}

// methods are those that are written: RFC 9110 section 9, RFC 5789, and the
// common ones of WebDAV (RFC 4918, 3253, 5323).
var methods = [...]string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
	"PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "QUERY"}

func knownMethod(b []byte) (string, bool) {
	for _, m := range methods {
		if m == string(b) {
			return m, true
		}
	}
	return "_OTHER", false
}
