package http2

import (
	"net/netip"
	"strings"
)

// token reports whether s is a token (RFC 9110 section 5.6.2).
func token(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return true
}

// plainTarget reports whether b has nothing in it that a request-target can't
// have: no space, control byte, fragment or byte beyond ASCII.
func plainTarget(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c >= 0x7f || c == '#' {
			return false
		}
	}
	return true
}

// authority reports whether s is a host with an optional port (RFC 3986 section
// 3.2), without userinfo. Of a name it takes what package http1 takes: the rest
// names no host, but is read differently by different parsers.
func authority(s string) bool {
	host, port := s, ""
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return false
		}
		a, err := netip.ParseAddr(s[1:end])
		if err != nil || !a.Is6() || a.Zone() != "" {
			return false
		}
		host, port = s[1:end], s[end+1:]
	} else {
		if i := strings.IndexByte(s, ':'); i >= 0 {
			host, port = s[:i], s[i:]
		}
		for i := range len(host) {
			c := host[i]
			switch {
			case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			case strings.IndexByte("-._~", c) >= 0:
			default:
				return false
			}
		}
	}
	if host == "" {
		return false
	}
	if port == "" {
		return true
	}
	if port[0] != ':' || len(port) < 2 || len(port) > 6 {
		return false
	}
	n := 0
	for _, c := range []byte(port[1:]) {
		if c < '0' || c > '9' {
			return false
		}
		n = n*10 + int(c-'0')
	}
	return 0 < n && n < 1<<16
}

// lookalike reports whether name is a framing field with "_" for "-", which some
// upstreams can't tell apart.
func lookalike(name string) bool {
	return strings.EqualFold(name, "content_length") || strings.EqualFold(name, "transfer_encoding")
}

// forbiddenTrailer reports whether a field of this canonical name must not stand
// in a trailer section: framing, routing, request modifiers, authentication,
// response control, and what says how a body is to be read (RFC 9110 section
// 6.5.1). The list is that of package http1.
func forbiddenTrailer(name string) bool {
	switch name {
	case "Transfer-Encoding", "Content-Length", "Trailer", "Te", "Connection", "Keep-Alive", "Proxy-Connection", "Upgrade",
		"Host", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via",
		"Cache-Control", "Expect", "Max-Forwards", "Pragma", "Range",
		"Authorization", "Proxy-Authorization", "Www-Authenticate", "Proxy-Authenticate", "Authentication-Info",
		"Proxy-Authentication-Info", "Cookie", "Set-Cookie",
		"Age", "Date", "Expires", "Location", "Retry-After", "Vary", "Warning",
		"Content-Encoding", "Content-Type", "Content-Range", "Content-Location":
		return true
	}
	return strings.HasPrefix(name, "If-") || lookalike(name)
}

// hopByHop reports whether a field of this canonical name belongs to one
// connection of HTTP/1.x, and so never to HTTP/2 (RFC 9113 section 8.2.2).
func hopByHop(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}

func lower(b []byte) {
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
}
