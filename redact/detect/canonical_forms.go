package detect

import (
	"bytes"
	"strconv"

	"weir/redact/category"
)

// phone makes the telephone number in dst[start:] canonical. What has letters
// is none and stays as it is. A national number is one of home, where that is not nil.
func phone(dst []byte, start int, home *plan) []byte {
	text := dst[start:]
	digits := 0
	for _, c := range text {
		switch {
		case isDigit(c):
			digits++
		case c == '+' && digits == 0, c == ' ', c == '-', c == '.', c == '/', c == '(', c == ')':
		default:
			return dst
		}
	}
	if digits == 0 {
		return dst
	}
	// "(0)" is dialled only within the country.
	plus := bytes.IndexByte(text, '+') >= 0
	skip := -1
	if plus || bytes.HasPrefix(text, []byte("00")) {
		skip = bytes.Index(text, []byte("(0)"))
	}
	n := start
	for i, c := range text {
		if isDigit(c) && (skip < 0 || i != skip+1) {
			dst[n] = c
			n++
		}
	}
	dst = dst[:n]
	if !plus && bytes.HasPrefix(dst[start:], []byte("00")) {
		plus = true
		dst = append(dst[:start], dst[start+2:]...)
	}
	if plus {
		return insert(dst, start, "+")
	}
	if home != nil {
		return home.international(dst, start)
	}
	return dst
}

// international puts the calling code before the national number in dst[start:],
// if it is one, in the place of what is dialled before it within the country.
func (p *plan) international(dst []byte, start int) []byte {
	digits := dst[start:]
	switch {
	case p.trunk != "" && hasStart(digits, p.trunk) && p.has(len(digits)-len(p.trunk)):
		dst = append(dst[:start], digits[len(p.trunk):]...)
	case !p.has(len(digits)), digits[0] == '0' && p.code != italian:
		return dst
	}
	return insert(dst, start, "+"+strconv.Itoa(p.code))
}

// italian is the calling code of Italy, whose numbers begin with a 0 that is part of them.
const italian = 39

func hasStart(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

// insert puts s into dst at start.
func insert(dst []byte, start int, s string) []byte {
	dst = append(dst, s...)
	copy(dst[start+len(s):], dst[start:])
	copy(dst[start:], s)
	return dst
}

// compact makes the number in dst[start:] canonical: without what divides it into
// groups, its letters upper case. What has other signs in it, or letters where it
// must be digits alone, stays as it is.
func compact(dst []byte, start int, digits bool) []byte {
	text, found := dst[start:], false
	for _, c := range text {
		switch {
		case isDigit(c):
			found = true
		case isAlnum(c) && !digits, c == '+' && !digits, c == ' ', c == '-', c == '.', c == '/':
		default:
			return dst
		}
	}
	if !found {
		return dst
	}
	n := start
	for _, c := range text {
		switch {
		case c == ' ', c == '-', c == '.', c == '/':
			continue
		case 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		}
		dst[n] = c
		n++
	}
	return dst[:n]
}

// birthday makes the date in dst[start:] canonical.
func birthday(dst []byte, start int, c category.Key) []byte {
	d, ok := DateOf(c, dst[start:])
	if !ok || d.Day == 0 {
		return dst
	}
	dst = dst[:start]
	for i, n := range [...]int{d.Year / 100, d.Year % 100, d.Month, d.Day} {
		if i > 1 {
			dst = append(dst, '-')
		}
		dst = append(dst, byte('0'+n/10), byte('0'+n%10))
	}
	return dst
}

// identity makes the identifier in dst[start:] canonical, if its form is one that
// is written in several ways.
func identity(dst []byte, start int) []byte {
	text := dst[start:]
	bare := text
	if n := len(bare); n == len("{}")+36 && bare[0] == '{' && bare[n-1] == '}' {
		bare = bare[1 : n-1]
	} else if n == len("urn:uuid:")+36 && bytes.EqualFold(bare[:9], []byte("urn:uuid:")) {
		bare = bare[9:]
	}
	switch {
	case groupsOfHex(bare, '-', 8, 4, 4, 4, 12):
		dst = append(dst[:start], bare...)
		lower(dst[start:])
	case groupsOfHex(text, '-', 2, 2, 2, 2, 2, 2), groupsOfHex(text, ':', 2, 2, 2, 2, 2, 2),
		groupsOfHex(text, '-', 2, 2, 2, 2, 2, 2, 2, 2), groupsOfHex(text, ':', 2, 2, 2, 2, 2, 2, 2, 2):
		lower(text)
		for i := 2; i < len(text); i += 3 {
			text[i] = ':'
		}
	case groupsOfHex(text, '.', 4, 4, 4): // as Cisco writes them
		var mac [17]byte
		n := 0
		for i, c := range bytes.ReplaceAll(text, []byte{'.'}, nil) {
			if i > 0 && i%2 == 0 {
				mac[n] = ':'
				n++
			}
			mac[n] = c
			n++
		}
		dst = append(dst[:start], mac[:]...)
		lower(dst[start:])
	case len(text) > 6 && hasStart(text, "GA1.") && isDigit(text[4]) && text[5] == '.' && clientIDs(text[6:]):
		dst = append(dst[:start], text[6:]...)
	}
	return dst
}

// groupsOfHex reports whether b is made of groups of so many hexadecimal digits.
func groupsOfHex(b []byte, divider byte, sizes ...int) bool {
	for i, size := range sizes {
		if i > 0 {
			if len(b) == 0 || b[0] != divider {
				return false
			}
			b = b[1:]
		}
		if len(b) < size {
			return false
		}
		for _, c := range b[:size] {
			if !isHex(c) {
				return false
			}
		}
		b = b[size:]
	}
	return len(b) == 0
}

// clientIDs reports whether b is two numbers with a dot between.
func clientIDs(b []byte) bool {
	first, second, ok := bytes.Cut(b, []byte{'.'})
	return ok && allDigits(first) && allDigits(second)
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) {
			return false
		}
	}
	return len(b) > 0
}
