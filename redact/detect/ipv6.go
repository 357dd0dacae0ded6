package detect

import (
	"bytes"

	"weir/redact/category"
)

// addresses6 finds IPv6 addresses in runs of hexadecimal digits, colons and
// dots. Times and MAC addresses are no addresses; "::" by itself is nobody's.
// gaps says whether there is a "::" anywhere: without it all groups are written,
// of which the last two may be a quad.
func (s *Scanner) addresses6(t []byte, gaps bool) {
	least := 6
	if gaps {
		least = 2
	}
	for i := 0; i < len(t); {
		colon := nextByte(t, i, ':')
		if colon+1 >= len(t) && !gaps {
			return
		}
		if colon == len(t) {
			return
		}
		if !gaps && !isHex(t[colon+1]) {
			i = colon + 1
			continue
		}
		start := colon
		for start > i && (isHex(t[start-1]) || t[start-1] == '.') {
			start--
		}
		end := colon + 1
		for end < len(t) && (isHex(t[end]) || t[end] == ':' || t[end] == '.') {
			end++
		}
		i = end
		switch n := bytes.Count(t[start:end], []byte{':'}); {
		case n == 5 && s.mac(t, start, end):
		case n >= least && s.inForce().kinds&kindAddress != 0:
			s.address6(t, start, end)
		}
	}
}

// address6 looks for an address at the start of a run, and behind its first
// colon, where a name may stand before it: "src:2001:db8::1".
func (s *Scanner) address6(t []byte, start, end int) {
	for start < end && t[start] == '.' {
		start++
	}
	wordBefore := start > 0 && isAlnum(t[start-1])
	if (!wordBefore || t[start] == ':' && t[start+1] != ':') && s.address6At(t, start, end) {
		return
	}
	if first := bytes.IndexByte(t[start:end], ':'); first >= 0 {
		s.address6At(t, start+first+1, end)
	}
}

func (s *Scanner) address6At(t []byte, start, end int) bool {
	if start+1 < end && t[start] == ':' && t[start+1] != ':' {
		start++
	}
	a, n, groups := parse6(t[start:end])
	if n == 0 || a == [16]byte{} || allPairs(t[start:start+n]) {
		return false
	}
	stop := start + n
	if !ends6(t[stop:end], t[end:]) {
		return false
	}
	stop += zone(t[stop:], a[0] == 0xfe && a[1]&0xc0 == 0x80)
	confidence := uint8(Certain)
	if groups < 3 && n < 8 {
		confidence = Possible // a::b
		if s.binary {
			return false // bytes by chance
		}
	}
	s.report(t, start, stop, category.IPAddress, confidence)
	// An interface identifier made of a network card's address (RFC 4291 appendix A).
	if a[11] == 0xff && a[12] == 0xfe && a[8]&2 != 0 && s.inForce().kinds&kindMAC != 0 && !s.binary {
		s.report(t, start, stop, category.DeviceID, Likely)
	}
	return true
}

// mac reports a run that is a network card's address, six pairs with colons.
func (s *Scanner) mac(t []byte, start, end int) bool {
	for end > start && t[end-1] == '.' {
		end--
	}
	if s.inForce().kinds&kindMAC == 0 || s.binary || !isMAC(t[start:end], ':') || inWord(t, start, end) {
		return false
	}
	s.sole(t, start, end, category.DeviceID, Certain)
	return true
}

// ends6 reports whether an address can end before rest, what is left of its
// run, with after behind the run: at its end, before a full stop, or before a port.
func ends6(rest, after []byte) bool {
	if len(rest) == 0 {
		return len(after) == 0 || !isAlnum(after[0])
	}
	if rest[0] == '.' {
		return len(rest) == 1 || !isDigit(rest[1])
	}
	digits := bytes.TrimRight(rest[1:], ".:")
	if rest[0] != ':' || len(digits) > 5 {
		return false
	}
	for _, c := range digits {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// allPairs reports whether b is eight groups of two digits each: an EUI-64.
func allPairs(b []byte) bool {
	if len(b) != 8*3-1 {
		return false
	}
	for i := 2; i < len(b); i += 3 {
		if b[i] != ':' {
			return false
		}
	}
	return true
}

// parse6 reads as much of b as is one IPv6 address (RFC 4291 section 2.2), with
// a dotted quad at its end or without, and returns its length and how many
// groups were written; a length of 0 means that there is none.
func parse6(b []byte) (a [16]byte, n, written int) {
	gap, groups, i := -1, 0, 0
	if len(b) >= 2 && b[0] == ':' {
		if b[1] != ':' {
			return a, 0, 0
		}
		gap, i, n = 0, 2, 2
	}
	for groups < 8 {
		value, j := 0, i
		for j < len(b) && j < i+4 && isHex(b[j]) {
			value = value<<4 | int(unhex(b[j]))
			j++
		}
		if j == i || j < len(b) && isHex(b[j]) {
			break
		}
		if j < len(b) && b[j] == '.' && groups <= 6 {
			if quad, m := leading4(b[i:]); m > 0 {
				copy(a[groups*2:], quad[:])
				groups, written, n = groups+2, written+2, i+m
				break
			}
		}
		a[groups*2], a[groups*2+1] = byte(value>>8), byte(value)
		groups, written, n = groups+1, written+1, j
		if j+1 >= len(b) || b[j] != ':' {
			break
		}
		i = j + 1
		if b[i] == ':' {
			if gap >= 0 {
				break
			}
			gap, i, n = groups, j+2, j+2
		}
	}
	if gap < 0 {
		if groups != 8 {
			return a, 0, 0
		}
		return a, n, written
	}
	if groups > 7 {
		return a, 0, 0
	}
	copy(a[16-(groups-gap)*2:], a[gap*2:groups*2])
	clear(a[gap*2 : 16-(groups-gap)*2])
	return a, n, written
}

// leading4 reads a dotted quad at the start of b and returns its length, 0 where
// there is none.
func leading4(b []byte) ([4]byte, int) {
	end := 0
	for end < len(b) && (isDigit(b[end]) || b[end] == '.') {
		end++
	}
	for end > 0 && b[end-1] == '.' {
		end--
	}
	if a, ok := parse4(b[:end]); ok {
		return a, end
	}
	return [4]byte{}, 0
}

// zone returns the length of the zone at the start of b, with its percent sign
// (RFC 4007), or escaped as "%25" (RFC 6874). What could as well be an escape,
// such as %2C, is none; but behind a link-local address a number is one.
func zone(b []byte, linkLocal bool) int {
	if len(b) < 2 || b[0] != '%' {
		return 0
	}
	from := 1
	escaped := len(b) > 3 && b[1] == '2' && b[2] == '5' && isZone(b[3])
	if escaped {
		from = 3
	}
	end := from
	for end < len(b) && isZone(b[end]) {
		end++
	}
	for end > from && b[end-1] == '.' {
		end--
	}
	if end == from {
		return 0
	}
	if escaped || len(b) < 3 || !isHex(b[1]) || !isHex(b[2]) {
		return end
	}
	for _, c := range b[from:end] {
		if !isDigit(c) {
			return 0
		}
	}
	if !linkLocal {
		return 0
	}
	return end
}

func isZone(c byte) bool { return isAlnum(c) || c == '.' || c == '_' || c == '-' || c == '~' }
