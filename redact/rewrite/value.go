package rewrite

import (
	"bytes"

	"weir/redact/capture"
	"weir/redact/raw"
	"weir/redact/record"
)

// arguments writes a query, with or without its question mark.
func (w *lines) arguments(dst, text []byte, style record.Style) []byte {
	marked := text[0] == '?'
	if !marked {
		w.query = append(append(w.query[:0], '?'), text...)
		text = w.query
	}
	start := len(dst)
	dst = w.cleaner.Target(dst, text, style)
	if !marked && len(dst) > start {
		dst = append(dst[:start], dst[start+1:]...)
	}
	return dst
}

// hostOf is a host without its port.
func hostOf(b []byte) []byte {
	if at := bytes.LastIndexByte(b, ':'); at > 0 && bytes.IndexByte(b, ':') == at {
		return b[:at]
	}
	return bytes.Trim(b, "[]")
}

// unescaped is a text in quotes without the escapes of Apache and nginx: \", \\,
// \xHH, and those of C. It is b, or stands in room, which it takes.
func unescaped(room *[]byte, b []byte) []byte {
	at := bytes.IndexByte(b, '\\')
	if at < 0 {
		return b
	}
	out := append((*room)[:0], b[:at]...)
	for i := at; i < len(b); i++ {
		c := b[i]
		if c != '\\' || i+1 == len(b) {
			out = append(out, c)
			continue
		}
		i++
		switch c = b[i]; c {
		case 'x':
			if i+2 < len(b) && isHex(b[i+1]) && isHex(b[i+2]) {
				out = append(out, unhex(b[i+1])<<4|unhex(b[i+2]))
				i += 2
				continue
			}
			out = append(out, '\\', c)
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'r':
			out = append(out, '\r')
		case 'b', 'v', 'f':
			out = append(out, ' ')
		default:
			out = append(out, c)
		}
	}
	*room = out
	return out
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// exchange tells what the line at hand says of its exchange, and whether all of it
// could be read.
func (w *lines) exchange(x *raw.Exchange) bool {
	m := &x.Request
	if w.style == record.Bare {
		return w.collect(x)
	}
	for i := range w.parsed.Spans {
		sp := &w.parsed.Spans[i]
		text := w.line[sp.Start:sp.End]
		if len(text) == 0 || len(text) == 1 && text[0] == '-' {
			continue
		}
		if sp.Quoted {
			text = unescaped(&w.told, text) // the field at hand may stand in w.plain
		}
		w.tell(x, m, sp.Field, text)
	}
	return true
}

// tell puts one field of a line into an exchange.
func (w *lines) tell(x *raw.Exchange, m *raw.Message, f *capture.Field, text []byte) {
	switch f.Role {
	case capture.Request: // of an object; w.spare may be at hand
		capture.RequestLine(text, &w.asked)
		for _, sp := range w.asked.Spans {
			w.tell(x, m, sp.Field, text[sp.Start:sp.End])
		}
	case capture.Address:
		a := address(text)
		if f.Kind == raw.PeerAddress {
			x.Peer = a
		} else if a.Known() {
			x.Client = a
		}
	case capture.Method:
		m.Method = m.Append(text)
	case capture.Host:
		m.Authority = m.Append(text)
	case capture.Target:
		path, query, has := bytes.Cut(text, []byte{'?'})
		m.Target = m.Append(text)
		m.Path, m.Query, m.HasQuery = m.Append(path), m.Append(query), has
	case capture.Path:
		m.Path = m.Append(text)
	case capture.Arguments:
		m.Query, m.HasQuery = m.Append(bytes.TrimPrefix(text, []byte{'?'})), true
	case capture.Status:
		if n, ok := digits(text); ok && len(text) == 3 {
			x.Response.Status = n
		}
	case capture.Header:
		if f.Kind == raw.ResponseHeader {
			x.Response.Add(f.Spelled(), text)
		} else {
			m.Add(f.Spelled(), text)
		}
	case capture.Word:
		switch string(text) {
		case "http":
			m.Scheme = raw.HTTP
		case "https":
			m.Scheme = raw.HTTPS
		case "outbound":
			x.Direction = raw.Outbound
		case "tunnel":
			x.Visibility = raw.SeenTunnel
		}
	}
}
