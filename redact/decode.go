package redact

import "bytes"

// decoded undoes percent-encoding once, and where plus is set takes + for a
// space. It reports whether every % began an escape. The result is b itself or
// valid until finish.
func (s *state) decoded(b []byte, plus bool) ([]byte, bool) {
	if bytes.IndexByte(b, '%') < 0 && !(plus && bytes.IndexByte(b, '+') >= 0) {
		return b, true
	}
	start := len(s.text)
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c == '+' && plus:
			c = ' '
		case c == '%':
			if i+2 >= len(b) || !isHex(b[i+1]) || !isHex(b[i+2]) {
				s.text = s.text[:start]
				return b, false
			}
			c = unhex(b[i+1])<<4 | unhex(b[i+2])
			i += 2
		}
		s.text = append(s.text, c)
	}
	return s.text[start:len(s.text):len(s.text)], true
}

// copied keeps a copy of b until finish.
func (s *state) copied(b []byte) []byte {
	start := len(s.text)
	s.text = append(s.text, b...)
	return s.text[start:len(s.text):len(s.text)]
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
