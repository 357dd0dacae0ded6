package detect

import (
	"bytes"
	"net/netip"

	"weir/redact/category"
)

// The names under which the DNS holds addresses (RFC 1035 section 3.5, RFC 3596
// section 2.5): 7.113.0.203.in-addr.arpa, and in hexadecimal digits 7.0.…2.ip6.arpa.
// In them an address stands from its end to its beginning.

// The fewest labels that are reported: of fewer so many addresses begin alike that
// they are a network's, and of an allocation of the registries' at that.
const (
	leastQuads   = 4
	leastNibbles = 8
	allNibbles   = 32
)

// arpa finds those names. What may be cut or compared of one is the address: of a name
// that is not of a whole one nothing is known but that it is somebody's network.
func (s *Scanner) arpa(t []byte) {
	for from := 0; ; {
		dot := nextByte(t, from, '.')
		if dot == len(t) {
			return
		}
		from = dot + 1
		end := dot + len(".arpa")
		if end > len(t) || !equalFold(t[dot:end], ".arpa") || end < len(t) && (isAlnum(t[end]) || t[end] == '-') {
			continue
		}
		if in := dot - len(".in-addr"); in >= 0 && equalFold(t[in:dot], ".in-addr") {
			s.reversed4(t, in, end)
		} else if in := dot - len(".ip6"); in >= 0 && equalFold(t[in:dot], ".ip6") {
			s.reversed6(t, in, end)
		}
	}
}

// equalFold reports whether b is lower, but for the case of letters.
func equalFold(b []byte, lower string) bool {
	for i, c := range b {
		if c != lower[i] && !(isLetter(c) && c|0x20 == lower[i]) {
			return false
		}
	}
	return true
}

// reversed4 reports the labels that end at in, where a zone begins that ends at end.
// Classless delegation (RFC 2317) puts ranges between them: 7.0/25.113.0.203.
func (s *Scanner) reversed4(t []byte, in, end int) {
	start, labels, ranges := in, 0, false
	for start > 0 {
		at := start
		for at > 0 && start-at < len("255-255") && (isDigit(t[at-1]) || (t[at-1] == '-' || t[at-1] == '/') && at > 1 && isDigit(t[at-2]) && at < start) {
			at--
		}
		if at == start || at > 0 && isAlnum(t[at-1]) {
			break
		}
		ranges = ranges || bytes.ContainsAny(t[at:start], "-/")
		labels, start = labels+1, at
		if at == 0 || t[at-1] != '.' {
			break
		}
		start--
	}
	if start < in && t[start] == '.' {
		start++ // behind a label of another kind
	}
	if labels < leastQuads {
		return
	}
	var address []byte
	if quad, ok := parse4(t[start:in]); ok && !ranges {
		address = netip.AddrFrom4([4]byte{quad[3], quad[2], quad[1], quad[0]}).AppendTo(nil)
	}
	s.reportAs(t, start, end, address)
}

// reversed6 does the same with hexadecimal digits, each a label.
func (s *Scanner) reversed6(t []byte, in, end int) {
	start := in
	var whole [16]byte
	labels := 0
	for start > 0 && isHex(t[start-1]) && (start == 1 || !isAlnum(t[start-2]) && t[start-2] != '-') {
		if labels < allNibbles {
			whole[labels/2] |= unhex(t[start-1]) << (4 * (1 - labels%2))
		}
		labels++
		start--
		if start == 0 || t[start-1] != '.' || start == 1 || !isHex(t[start-2]) {
			break
		}
		start--
	}
	if start < in && t[start] == '.' {
		start++
	}
	if labels < leastNibbles {
		return
	}
	var address []byte
	if labels == allNibbles {
		address = netip.AddrFrom16(whole).Unmap().AppendTo(nil)
	}
	s.reportAs(t, start, end, address)
}

// reportAs adds a finding of an address that is written in another way; nil where it
// can not be told.
func (s *Scanner) reportAs(t []byte, start, end int, address []byte) {
	n := len(s.findings)
	s.report(t, start, end, category.IPAddress, Certain)
	if len(s.findings) == n || address == nil {
		return
	}
	from := len(s.values)
	s.values = append(s.values, address...)
	s.findings[n].Value = s.values[from:len(s.values):len(s.values)]
}
