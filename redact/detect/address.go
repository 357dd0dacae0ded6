package detect

import (
	"bytes"
	"net/netip"
	"strconv"
)

// maxAddress is more than any written address has, in bytes, escapes included.
const maxAddress = 256

// Address reads b, the whole value of a field that holds an address or a host,
// as one address with or without a port: in quotes, in brackets, with a zone,
// percent-encoded, in full-width letters; and as inet_aton reads it, in fewer than four groups, in
// hexadecimal or octal (0x7f000001, 0177.0.0.1, 2130706433). Four decimal
// groups may have leading zeros, which are read as decimal where that is
// possible. A number alone is an address from 16777216 (1.0.0.0) on.
//
// IPv4-mapped addresses come unmapped, zones are left out. The port is 0 where
// there is none. Words such as "unknown" are no address.
func Address(b []byte) (netip.AddrPort, bool) {
	if len(b) > maxAddress {
		return netip.AddrPort{}, false
	}
	if a, ok := addressOf(b); ok {
		return a, true
	}
	addr, ok := bare(b) // with a zone that looks like an escape: fe80::%70
	return netip.AddrPortFrom(addr, 0), ok
}

func addressOf(b []byte) (netip.AddrPort, bool) {
	var buf [maxAddress]byte
	b, _ = normal(buf[:0], b)
	if len(b) >= 2 && b[0] == '"' && b[len(b)-1] == '"' {
		b = b[1 : len(b)-1]
	}
	if len(b) > 0 && b[0] == '[' {
		end := bytes.IndexByte(b, ']')
		if end < 0 {
			return netip.AddrPort{}, false
		}
		port, ok := portOf(b[end+1:])
		addr, found := bare(b[1:end])
		return netip.AddrPortFrom(addr, port), ok && found
	}
	if addr, ok := bare(b); ok {
		return netip.AddrPortFrom(addr, 0), true
	}
	colon := bytes.LastIndexByte(b, ':')
	if colon < 0 {
		return netip.AddrPort{}, false
	}
	port, ok := portOf(b[colon:])
	addr, found := bare(b[:colon])
	return netip.AddrPortFrom(addr, port), ok && found
}

// bare reads an address without a port.
func bare(b []byte) (netip.Addr, bool) {
	if a, ok := parse4(b); ok {
		return netip.AddrFrom4(a), true
	}
	if bytes.IndexByte(b, ':') < 0 {
		return numeric(b)
	}
	a, n, _ := parse6(b)
	if n == 0 {
		return netip.Addr{}, false
	}
	if rest := b[n:]; len(rest) > 0 {
		if rest[0] != '%' || len(rest) == 1 {
			return netip.Addr{}, false
		}
		for _, c := range rest[1:] {
			if !isZone(c) {
				return netip.Addr{}, false
			}
		}
	}
	return netip.AddrFrom16(a).Unmap(), true
}

// numeric reads what inet_aton does: one to four groups, of which the last
// fills all the bytes that are left.
func numeric(b []byte) (netip.Addr, bool) {
	var a [4]byte
	for group := 0; group < 4; group++ {
		text, rest, more := bytes.Cut(b, []byte{'.'})
		value, ok := number(text)
		if !ok {
			return netip.Addr{}, false
		}
		if !more {
			left := 4 - group
			if value >= 1<<(8*left) || group == 0 && value < 1<<24 {
				return netip.Addr{}, false
			}
			for i := 3; i >= group; i-- {
				a[i] = byte(value)
				value >>= 8
			}
			return netip.AddrFrom4(a), true
		}
		if value > 255 {
			return netip.Addr{}, false
		}
		a[group], b = byte(value), rest
	}
	return netip.Addr{}, false
}

// number reads a decimal, 0x hexadecimal or 0 octal number below 2^32.
func number(b []byte) (uint64, bool) {
	base := uint64(10)
	switch {
	case len(b) > 2 && b[0] == '0' && b[1]|0x20 == 'x':
		base, b = 16, b[2:]
	case len(b) > 1 && b[0] == '0':
		base, b = 8, b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	var v uint64
	for _, c := range b {
		if !isHex(c) || uint64(unhex(c)) >= base {
			return 0, false
		}
		if v = v*base + uint64(unhex(c)); v > 1<<32-1 {
			return 0, false
		}
	}
	return v, true
}

// portOf reads nothing, or a colon and a port.
func portOf(b []byte) (uint16, bool) {
	if len(b) == 0 {
		return 0, true
	}
	if b[0] != ':' || len(b) > 6 {
		return 0, false
	}
	var port [5]byte
	n := copy(port[:], b[1:])
	v, err := strconv.ParseUint(string(port[:n]), 10, 16)
	return uint16(v), err == nil
}
