package http1

import (
	"bytes"
	"net/netip"
)

// authority checks "host" or "host:port" and returns the port, 0 where there is
// none. Of RFC 3986's reg-name it takes letters, digits and "-._~": the rest
// names no host, but is read differently by different parsers.
func authority(b []byte) (port int, why reason) {
	if bytes.IndexByte(b, '@') >= 0 {
		return 0, userinfoInHost
	}
	var rest []byte
	if len(b) > 0 && b[0] == '[' {
		end := bytes.IndexByte(b, ']')
		if end < 0 || !goodIPv6(b[1:end]) {
			return 0, badAuthority
		}
		rest = b[end+1:]
	} else {
		host := b
		if i := bytes.IndexByte(b, ':'); i >= 0 {
			host, rest = b[:i], b[i:]
		}
		if !all(host, isHost) {
			return 0, badAuthority
		}
	}
	if len(rest) == 0 {
		return 0, 0
	}
	if rest[0] != ':' || len(rest) < 2 || len(rest) > 6 || !digits(rest[1:]) {
		return 0, badAuthority
	}
	for _, c := range rest[1:] {
		port = port*10 + int(c-'0')
	}
	if port == 0 || port > 65535 {
		return 0, badAuthority
	}
	return port, 0
}

// goodIPv6 reports whether b is an IPv6 address. A zone means nothing to
// another host and is refused.
func goodIPv6(b []byte) bool {
	if len(b) > 45 || bytes.IndexByte(b, ':') < 0 || bytes.IndexByte(b, '%') >= 0 {
		return false
	}
	_, err := netip.ParseAddr(string(b))
	return err == nil
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

func goodUserinfo(b []byte) bool {
	for _, c := range b {
		if chars[c]&isHost == 0 && !contains("!$&'()*+,;=:%", c) {
			return false
		}
	}
	return escaped(b)
}

// sameHost compares the Host line with the authority of the target. standard is
// the default port of the target's scheme; for CONNECT, which has none, a
// Host without a port passes.
func sameHost(target, host []byte, hostPort int, standard string) bool {
	a, aPort := splitPort(target)
	b, bPort := splitPort(host)
	if !bytes.EqualFold(a, b) {
		return false
	}
	if standard == "" {
		return hostPort == 0 || sameNumber(aPort, bPort)
	}
	if len(aPort) == 0 {
		aPort = []byte(standard)
	}
	if len(bPort) == 0 {
		bPort = []byte(standard)
	}
	return sameNumber(aPort, bPort)
}

// splitPort splits a checked authority.
func splitPort(b []byte) (host, port []byte) {
	i := bytes.LastIndexByte(b, ':')
	if i < 0 || i < bytes.IndexByte(b, ']') {
		return b, nil
	}
	return b[:i], b[i+1:]
}

func sameNumber(a, b []byte) bool {
	return bytes.Equal(bytes.TrimLeft(a, "0"), bytes.TrimLeft(b, "0"))
}
