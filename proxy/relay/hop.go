package relay

import "weir/redact/raw"

// options is what a message's Connection, TE and Upgrade fields say to this hop.
type options struct {
	nominated bool     // Connection names a field beyond those that always go
	upgrade   bool     // Connection holds the upgrade option
	protocol  raw.Span // the Upgrade field's value; empty where it is not to be carried
	trailers  raw.Span // the trailers member of TE, as it was sent
}

// readOptions finds in m's header what was meant for this hop alone.
func readOptions(m *raw.Message) options {
	var o options
	h2c, lines := false, 0
	for _, p := range m.Header {
		switch p.Name.Len() {
		case len("connection"):
			if !m.Is(p, "connection") {
				continue
			}
			each(m, p.Value, func(s raw.Span) {
				switch t := m.Peek(s); {
				case raw.EqualFold(t, "upgrade"):
					o.upgrade = true
				case raw.EqualFold(t, "close"), raw.EqualFold(t, "keep-alive"), raw.EqualFold(t, "te"), raw.EqualFold(t, "http2-settings"):
				default:
					o.nominated = true
				}
			})
		case len("upgrade"):
			if !m.Is(p, "upgrade") {
				continue
			}
			lines++
			o.protocol = p.Value
			each(m, p.Value, func(s raw.Span) { h2c = h2c || raw.EqualFold(m.Peek(s), "h2c") })
		case len("te"):
			if !m.Is(p, "te") {
				continue
			}
			each(m, p.Value, func(s raw.Span) {
				if raw.EqualFold(m.Peek(s), "trailers") {
					o.trailers = s
				}
			})
		}
	}
	// h2c by upgrade would carry requests past weir that nobody has looked at.
	if !o.upgrade || h2c || lines != 1 {
		o.protocol = raw.Span{}
	}
	return o
}

// endToEnd appends to dst the field lines of m that the next hop is meant to
// see (RFC 9110 section 7.6.1).
func endToEnd(dst []raw.Pair, m *raw.Message, o *options) []raw.Pair {
	for _, p := range m.Header {
		if hopByHop(m, p) || o.nominated && nominated(m, p) {
			continue
		}
		dst = append(dst, p)
	}
	return dst
}

// hopByHop reports whether p is a field that no proxy forwards. Those that
// carry a proxy's credentials are among them.
func hopByHop(m *raw.Message, p raw.Pair) bool {
	switch p.Name.Len() {
	case len("te"):
		return m.Is(p, "te")
	case len("upgrade"):
		return m.Is(p, "upgrade")
	case len("connection"): // and keep-alive
		return m.Is(p, "connection") || m.Is(p, "keep-alive")
	case len("http2-settings"):
		return m.Is(p, "http2-settings")
	case len("proxy-connection"):
		return m.Is(p, "proxy-connection")
	case len("transfer-encoding"):
		return m.Is(p, "transfer-encoding")
	case len("proxy-authenticate"):
		return m.Is(p, "proxy-authenticate")
	case len("proxy-authorization"):
		return m.Is(p, "proxy-authorization")
	case len("proxy-authentication-info"): // RFC 9110 section 11.7.3
		return m.Is(p, "proxy-authentication-info")
	}
	return false
}

// nominated reports whether a Connection field of m names p. Host and
// Content-Length cannot be taken away like that: they decide where the message
// goes and where it ends.
func nominated(m *raw.Message, p raw.Pair) bool {
	name := m.Peek(p.Name)
	if raw.EqualFold(name, "host") || raw.EqualFold(name, "content-length") {
		return false
	}
	found := false
	for _, c := range m.Header {
		if m.Is(c, "connection") {
			each(m, c.Value, func(s raw.Span) { found = found || sameFold(m.Peek(s), name) })
		}
	}
	return found
}

// each calls f with each member of a comma-separated list, without the white
// space around it; empty members are passed over.
func each(m *raw.Message, list raw.Span, f func(raw.Span)) {
	b := m.Peek(list)
	for start := 0; start <= len(b); {
		end := start
		for end < len(b) && b[end] != ',' {
			end++
		}
		i, j := start, end
		for i < j && (b[i] == ' ' || b[i] == '\t') {
			i++
		}
		for i < j && (b[j-1] == ' ' || b[j-1] == '\t') {
			j--
		}
		if i < j {
			f(raw.Span{Start: list.Start + uint32(i), End: list.Start + uint32(j)})
		}
		start = end + 1
	}
}

func sameFold(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if lowered(a[i]) != lowered(b[i]) {
			return false
		}
	}
	return true
}

func lowered(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
