package relay

import (
	"strconv"

	"weir/redact/raw"
)

// requestHead makes the head that goes upstream of the request that came in.
// After it nothing of the request is decided any more.
func (j *journey) requestHead(t *Target) {
	m, h := &j.ex.Request, &j.request
	o := readOptions(m)
	fields := endToEnd(h.Header[:0], m, &o)
	*h = raw.Head{From: m, Method: m.Method, Scheme: m.Scheme, Authority: m.Authority, Target: originForm(m)}

	host := false
	for i := range fields {
		if m.Is(fields[i], "host") {
			host = true
			// RFC 9112 section 3.2.2: what the target says stands in for the field.
			if m.Authority.Len() > 0 {
				fields[i].Value = m.Authority
			}
		}
	}
	if !host {
		if h.Authority.Len() == 0 { // HTTP/1.0 need not say
			h.Authority = m.AppendString(t.authority)
		}
		fields = append(fields, raw.Pair{})
		copy(fields[1:], fields)
		fields[0] = raw.Pair{Name: m.AppendString("Host"), Value: h.Authority}
	}
	if o.trailers.Len() > 0 {
		fields = append(fields, raw.Pair{Name: m.AppendString("TE"), Value: o.trailers})
		h.TE = true
	}
	h.Framing, h.Length = onward(m)
	if m.Proto == raw.HTTP11 && h.Framing != raw.Chunked && h.Length == 0 {
		h.Upgrade = o.protocol
	}
	h.Header = j.forwarded(fields)
	if t := j.relay.cfg.Tracing; t != nil && t.Inject {
		h.Header = j.injected(h.Header)
	}
	if h.Framing == raw.Length {
		declare(h)
	}
}

// originForm is the target as an upstream is asked for it: the path and query
// of whatever form came in.
func originForm(m *raw.Message) raw.Span {
	target := m.Peek(m.Target)
	switch {
	case len(target) > 0 && (target[0] == '/' || target[0] == '*'):
		return m.Target
	case m.Path.Len() > 0:
		return raw.Span{Start: m.Path.Start, End: m.Target.End}
	case m.HasQuery:
		query := m.Peek(m.Query)
		s := m.AppendString("/?")
		s.End = m.Append(query).End
		return s
	case string(m.Peek(m.Method)) == "OPTIONS": // RFC 9112 section 3.2.4
		return m.AppendString("*")
	}
	return m.AppendString("/")
}

// onward is the framing of a request's body toward the upstream.
func onward(m *raw.Message) (raw.Framing, int64) {
	switch m.Framing {
	case raw.Length:
		return raw.Length, m.ContentLength
	case raw.Chunked:
		return raw.Chunked, 0
	case raw.Stream:
		if m.ContentLength >= 0 {
			return raw.Length, m.ContentLength
		}
		return raw.Chunked, 0
	}
	return raw.NoBody, 0
}

// responseHead makes the head that goes to the client of the final response
// that came in.
func (j *journey) responseHead() {
	m, h := &j.ex.Response, &j.response
	o := readOptions(m)
	fields := endToEnd(h.Header[:0], m, &o)
	*h = raw.Head{From: m, Status: m.Status, Reason: m.Reason, Header: fields, Close: j.relay.draining.Load()}
	switch {
	case m.Status == 204:
		h.HeadOnly = true
		without(h, "content-length") // RFC 9110 section 8.6
	case j.asksHead || m.Status == 304:
		h.HeadOnly = true
	case m.Framing == raw.Length || m.Framing == raw.Stream && m.ContentLength >= 0:
		h.Framing, h.Length = raw.Length, m.ContentLength
	case m.Framing == raw.NoBody:
		h.Framing = raw.Length
	case j.proto == raw.HTTP10:
		h.Framing, h.Close = raw.UntilClose, true
	default:
		h.Framing = raw.Chunked
	}
	if h.Framing == raw.Length {
		declare(h)
	}
	if m.Status == 426 { // it is of no use without the field that says to what
		h.Upgrade = o.protocol
	}
}

// informationalHead makes the head that goes to the client of a 1xx.
func (j *journey) informationalHead() {
	m, h := &j.ex.Response, &j.response
	o := readOptions(m)
	*h = raw.Head{From: m, Status: m.Status, Reason: m.Reason, Header: endToEnd(h.Header[:0], m, &o), HeadOnly: true}
	without(h, "content-length") // RFC 9110 section 8.6
	if m.Status == 101 {
		h.Upgrade = o.protocol
	}
}

// declare sees that a head whose body has a known length says so.
func declare(h *raw.Head) {
	for _, p := range h.Header {
		if h.From.Is(p, "content-length") {
			return
		}
	}
	var b [20]byte
	n := strconv.AppendInt(b[:0], h.Length, 10)
	h.Header = append(h.Header, raw.Pair{Name: h.From.AppendString("Content-Length"), Value: h.From.Append(n)})
}

// without takes the fields of that name out of a head.
func without(h *raw.Head, name string) {
	kept := h.Header[:0]
	for _, p := range h.Header {
		if !h.From.Is(p, name) {
			kept = append(kept, p)
		}
	}
	h.Header = kept
}
