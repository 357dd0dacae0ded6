package detect

import "unicode/utf8"

// unescape decodes one round of escapes: %41, %u0041, \u0041, \x41, &#65;,
// &#x41;. It reports whether there was one.
func unescape(l *layer, t []byte) bool {
	l.text, l.from = l.text[:0], l.from[:0]
	any := false
	for i := 0; i < len(t); {
		r, n := escapeAt(t[i:])
		if n == 0 {
			l.text, l.from = append(l.text, t[i]), append(l.from, uint16(i))
			i++
			continue
		}
		any = true
		before := len(l.text)
		if t[i] == '%' && n == 3 {
			l.text = append(l.text, byte(r)) // a byte, not a character
		} else {
			l.text = utf8.AppendRune(l.text, r)
		}
		for range len(l.text) - before {
			l.from = append(l.from, uint16(i))
		}
		i += n
	}
	l.from = append(l.from, uint16(len(t)))
	return any
}

// escapeAt returns what the escape at the start of t stands for and its length,
// 0 where there is none.
func escapeAt(t []byte) (rune, int) {
	if len(t) < 3 {
		return 0, 0
	}
	switch {
	case t[0] == '%' && isHex(t[1]) && isHex(t[2]):
		return rune(unhex(t[1])<<4 | unhex(t[2])), 3
	case t[0] == '\\' && t[1] == 'x' && len(t) >= 4 && isHex(t[2]) && isHex(t[3]):
		return rune(unhex(t[2])<<4 | unhex(t[3])), 4
	case t[0] == '\\' && t[1] == 'u', t[0] == '%' && t[1]|0x20 == 'u':
		if len(t) < 6 {
			return 0, 0
		}
		var r rune
		for _, c := range t[2:6] {
			if !isHex(c) {
				return 0, 0
			}
			r = r<<4 | rune(unhex(c))
		}
		return r, 6
	case t[0] == '&' && t[1] == '#':
		return reference(t)
	}
	return 0, 0
}

// reference reads a numeric character reference of HTML, with at most seven digits.
func reference(t []byte) (rune, int) {
	i, base := 2, rune(10)
	if t[2]|0x20 == 'x' {
		i, base = 3, 16
	}
	var r rune
	first := i
	for i < len(t) && i < first+7 && (isDigit(t[i]) || base == 16 && isHex(t[i])) {
		r = r*base + rune(unhex(t[i]))
		i++
	}
	if i == first || i == len(t) || t[i] != ';' || r > utf8.MaxRune {
		return 0, 0
	}
	return r, i + 1
}
