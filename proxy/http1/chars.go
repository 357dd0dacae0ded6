package http1

import "encoding/binary"

const (
	isToken  = 1 << iota // tchar, RFC 9110 section 5.6.2
	isTarget             // printable ASCII without "#": what a target may hold
	isHost               // unreserved, RFC 3986: what a name or IPv4 host may hold
	isHex
	isValue // HTAB, SP, VCHAR, obs-text
)

// chars classifies bytes.
var chars = func() (t [256]uint8) {
	for c := range t {
		b := byte(c)
		alnum := '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
		if alnum || contains("!#$%&'*+-.^_`|~", b) {
			t[c] |= isToken
		}
		if b > ' ' && b < 0x7f && b != '#' {
			t[c] |= isTarget
		}
		if alnum || contains("-._~", b) {
			t[c] |= isHost
		}
		if '0' <= b && b <= '9' || 'A' <= b && b <= 'F' || 'a' <= b && b <= 'f' {
			t[c] |= isHex
		}
		if b == '\t' || b >= ' ' && b != 0x7f {
			t[c] |= isValue
		}
	}
	return t
}()

func contains(set string, b byte) bool {
	for i := range len(set) {
		if set[i] == b {
			return true
		}
	}
	return false
}

// all reports whether every byte of b is in class, and there is one.
func all(b []byte, class uint8) bool {
	for _, c := range b {
		if chars[c]&class == 0 {
			return false
		}
	}
	return len(b) > 0
}

// value says why b can't be a field's value: 0, bareLF, bareCR or controlCharacter.
func value(b []byte) reason {
	const ones = 0x0101010101010101
	const high = 0x80 * ones
	for len(b) >= 8 {
		x := binary.LittleEndian.Uint64(b)
		del := x ^ 0x7f*ones
		// A byte below 0x20, or a zero byte of del, sets its high bit. HTAB does
		// too, so a hit is only a reason to look closer.
		if ((x-0x20*ones)&^x|(del-ones)&^del)&high != 0 {
			if why := slowValue(b[:8]); why != 0 {
				return why
			}
		}
		b = b[8:]
	}
	return slowValue(b)
}

func slowValue(b []byte) reason {
	for _, c := range b {
		if chars[c]&isValue == 0 {
			switch c {
			case '\r':
				return bareCR
			case '\n':
				return bareLF
			}
			return controlCharacter
		}
	}
	return 0
}

// trim takes white space (RFC 9110 section 5.6.3) from both ends of b.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}
