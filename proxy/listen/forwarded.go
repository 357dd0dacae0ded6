package listen

import (
	"net/netip"
	"unsafe"
)

// Lines gives the field lines of one request.
type Lines interface {
	// Last returns the value of the i-th line of that name counted from the last,
	// which is 0, and whether there is one. Names are asked for in lower case.
	Last(name string, i int) ([]byte, bool)
}

// lists are fields to which each hop appends; the right end is the nearest hop.
// The first that a request has is read and no other.
var lists = [...]string{"x-forwarded-for", "forwarded", "x-original-forwarded-for"}

// singles are fields that hold one address, as a trusted hop found it. They are
// read where there is no list, the first that parses; a hop that passes them on
// from its own client without setting them must not be in Trust.
var singles = [...]string{
	"x-real-ip", "cf-connecting-ip", "cf-connecting-ipv6", "true-client-ip", "x-client-ip", "fastly-client-ip",
	"fly-client-ip", "x-cluster-client-ip", "x-azure-clientip", "x-envoy-external-address",
	"x-appengine-user-ip", "cloudfront-viewer-address",
}

// maxHops bounds how many hops of a list are looked at.
const maxHops = 64

// Client returns who a request comes from: the rightmost hop that is not
// trusted, as told by hops that are, starting with the connection's own peer. A
// hop that does not parse, or hides behind a name (RFC 7239 section 6.3), ends
// the search at the hop that told it. told is whether any hop was believed.
func (t Trust) Client(peer netip.AddrPort, lines Lines) (client netip.AddrPort, told bool) {
	if len(t.prefixes) == 0 || !t.Contains(peer.Addr()) {
		return peer, false
	}
	for i, name := range lists {
		if _, ok := lines.Last(name, 0); ok {
			return t.walk(peer, lines, name, i == 1)
		}
	}
	for _, name := range singles {
		if v, ok := lines.Last(name, 0); ok {
			if a, ok := parseHop(v); ok {
				return a, true
			}
		}
	}
	return peer, false
}

// walk goes through a list from its right end.
func (t Trust) walk(peer netip.AddrPort, lines Lines, name string, structured bool) (netip.AddrPort, bool) {
	client, told := peer, false
	hops := 0
	for i := 0; ; i++ {
		rest, ok := lines.Last(name, i)
		if !ok {
			return client, told
		}
		for more := true; more; {
			var element []byte
			element, rest, more = cutLast(rest, ',', structured)
			element = trim(element)
			if len(element) == 0 {
				continue // RFC 9110 section 5.6.1.2: empty elements don't count
			}
			if hops++; hops > maxHops {
				return client, told
			}
			if structured {
				if element, ok = forParameter(element); !ok {
					return client, told
				}
			}
			hop, ok := parseHop(element)
			if !ok {
				return client, told
			}
			client, told = hop, true
			if !t.Contains(hop.Addr()) {
				return client, told
			}
		}
	}
}

// cutLast splits b at its last separator that stands outside a quoted string.
func cutLast(b []byte, sep byte, quoted bool) (last, before []byte, more bool) {
	inside := false
	for i := len(b) - 1; i >= 0; i-- {
		switch {
		case b[i] == '"' && quoted && !escaped(b, i):
			inside = !inside
		case b[i] == sep && !inside:
			return b[i+1:], b[:i], true
		}
	}
	return b, nil, false
}

// escaped reports whether an odd number of backslashes stands before b[i].
func escaped(b []byte, i int) bool {
	n := 0
	for i--; i >= 0 && b[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

// forParameter returns the value of the one for parameter of a forwarded-element
// (RFC 7239 section 4), unquoted. A value with an escape in it is none of an
// address.
func forParameter(element []byte) (value []byte, ok bool) {
	for more := true; more; {
		var pair []byte
		pair, element, more = cutLast(element, ';', true)
		pair = trim(pair)
		if len(pair) < 4 || pair[3] != '=' || pair[0]|0x20 != 'f' || pair[1]|0x20 != 'o' || pair[2]|0x20 != 'r' {
			continue
		}
		if ok {
			return nil, false
		}
		value, ok = pair[4:], true
		if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
			value = value[1 : n-1]
		}
	}
	return value, ok
}

// parseHop reads an address with or without a port: 192.0.2.1, 192.0.2.1:80,
// 2001:db8::1, [2001:db8::1], [2001:db8::1]:80. Zones are dropped, IPv4-mapped
// addresses unmapped.
func parseHop(b []byte) (netip.AddrPort, bool) {
	b = trim(b)
	host, port := b, []byte(nil)
	switch {
	case len(b) == 0 || len(b) > 80:
		return netip.AddrPort{}, false
	case b[0] == '[':
		end := 1
		for end < len(b) && b[end] != ']' {
			end++
		}
		if end == len(b) {
			return netip.AddrPort{}, false
		}
		host, port = b[1:end], b[end+1:]
		if !contains(host, ':') {
			return netip.AddrPort{}, false
		}
	default:
		if i, colons := lastColon(b); colons == 1 {
			host, port = b[:i], b[i:]
		} else if colons == 8 { // CloudFront writes 2001:db8:0:0:0:0:0:1:443
			host, port = b[:i], b[i:]
		}
	}
	n := 0
	if len(port) > 0 {
		if len(port) < 2 || len(port) > 6 || port[0] != ':' {
			return netip.AddrPort{}, false
		}
		for _, c := range port[1:] {
			if c < '0' || c > '9' {
				return netip.AddrPort{}, false
			}
			n = n*10 + int(c-'0')
		}
		if n > 65535 {
			return netip.AddrPort{}, false
		}
	}
	if len(host) == 0 {
		return netip.AddrPort{}, false
	}
	// Only the error, which is dropped here, would hold on to the string.
	a, err := netip.ParseAddr(unsafe.String(&host[0], len(host)))
	if err != nil {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(a.Unmap().WithZone(""), uint16(n)), true
}

func lastColon(b []byte) (at, count int) {
	at = -1
	for i, c := range b {
		if c == ':' {
			at, count = i, count+1
		}
	}
	return at, count
}

func contains(b []byte, c byte) bool {
	for _, x := range b {
		if x == c {
			return true
		}
	}
	return false
}

func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}
