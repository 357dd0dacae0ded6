package http1

import (
	"bytes"

	"weir/redact/raw"
)

// requestLine takes "GET /path?query HTTP/1.1" (RFC 9112 section 3).
func (h *head) requestLine(line []byte, at uint32) reason {
	m := h.m
	i := 0
	for i < len(line) && chars[line[i]]&isToken != 0 {
		i++
	}
	if i == 0 || i == len(line) || line[i] != ' ' {
		return badMethod
	}
	m.Method = raw.Span{Start: at, End: at + uint32(i)}
	method, rest := line[:i], line[i+1:]
	space := bytes.IndexByte(rest, ' ')
	if space < 0 {
		return badRequestLine
	}
	target, version := rest[:space], rest[space+1:]
	if len(target) > h.lim.URLBytes {
		return urlTooLong
	}
	switch {
	case string(version) == "HTTP/1.1":
		m.Proto = raw.HTTP11
	case string(version) == "HTTP/1.0":
		m.Proto = raw.HTTP10
	case len(version) == 8 && string(version[:5]) == "HTTP/" && version[6] == '.' &&
		digits(version[5:6]) && digits(version[7:]):
		return unsupportedVersion
	default:
		return badRequestLine
	}
	return h.takeTarget(method, target, at+uint32(i)+1)
}

// takeTarget takes the request-target in one of its four forms (RFC 9112
// section 3.2); at is where it lies.
func (h *head) takeTarget(method, target []byte, at uint32) reason {
	m := h.m
	if !all(target, isTarget) {
		return badTarget
	}
	m.Target = raw.Span{Start: at, End: at + uint32(len(target))}
	switch {
	case string(method) == "CONNECT":
		if m.Proto == raw.HTTP10 {
			return connectInHTTP10
		}
		port, why := authority(target)
		if why != 0 {
			return why
		}
		if port == 0 {
			return connectWithoutPort
		}
		m.Authority, h.target = m.Target, m.Target
		return 0
	case target[0] == '/':
		return h.pathAndQuery(target, at)
	case len(target) == 1 && target[0] == '*':
		if string(method) != "OPTIONS" {
			return asteriskWithoutOptions
		}
		return 0
	}
	start := 0
	switch {
	case len(target) > 7 && raw.EqualFold(target[:7], "http://"):
		m.Scheme, h.targetPort, start = raw.HTTP, "80", 7
	case len(target) > 8 && raw.EqualFold(target[:8], "https://"):
		m.Scheme, h.targetPort, start = raw.HTTPS, "443", 8
	default:
		return badTarget
	}
	end := start
	for end < len(target) && target[end] != '/' && target[end] != '?' {
		end++
	}
	if user := bytes.IndexByte(target[start:end], '@'); user >= 0 {
		if !goodUserinfo(target[start : start+user]) {
			return badAuthority
		}
		m.Userinfo = raw.Span{Start: at + uint32(start), End: at + uint32(start+user)}
		start += user + 1
	}
	if _, why := authority(target[start:end]); why != 0 {
		return why
	}
	m.Authority = raw.Span{Start: at + uint32(start), End: at + uint32(end)}
	h.target = m.Authority
	return h.pathAndQuery(target[end:], at+uint32(end))
}

// pathAndQuery takes what follows the authority. The path of an absolute target
// may be empty.
func (h *head) pathAndQuery(b []byte, at uint32) reason {
	path := b
	if q := bytes.IndexByte(b, '?'); q >= 0 {
		path = b[:q]
		h.m.HasQuery = true
		h.m.Query = raw.Span{Start: at + uint32(q) + 1, End: at + uint32(len(b))}
	}
	h.m.Path = raw.Span{Start: at, End: at + uint32(len(path))}
	if !escaped(path) {
		return badTarget
	}
	return 0
}

// escaped reports whether every % begins an escape of two hexadecimal digits.
func escaped(b []byte) bool {
	for {
		i := bytes.IndexByte(b, '%')
		if i < 0 {
			return true
		}
		if len(b) < i+3 || !all(b[i+1:i+3], isHex) {
			return false
		}
		b = b[i+3:]
	}
}

// endRequest checks a whole request head and settles its framing.
func (h *head) endRequest() reason {
	m := h.m
	if h.hosts == 0 {
		if m.Proto == raw.HTTP11 {
			return missingHost
		}
	} else {
		host := m.Peek(h.host)
		port, why := authority(host)
		if why != 0 {
			return hostReason(why)
		}
		if h.target.Len() > 0 && !sameHost(m.Peek(h.target), host, port, h.targetPort) {
			return hostMismatch
		}
		if h.target.Len() == 0 {
			m.Authority = h.host
		}
	}
	if why := h.framing(); why != 0 {
		return why
	}
	switch {
	case string(m.Peek(m.Method)) == "CONNECT" && h.lengths+h.codings > 0:
		return connectWithBody
	case h.chunked:
		m.Framing = raw.Chunked
	case h.lengths > 0:
		m.Framing = raw.Length
	}
	return 0
}

func hostReason(why reason) reason {
	if why == badAuthority {
		return badHost
	}
	return why
}
