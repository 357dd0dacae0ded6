package walk

import (
	"unicode/utf16"
	"unicode/utf8"
)

const hex = "0123456789abcdef"

// appendUnescaped appends the text of a JSON string without its escapes (RFC 8259
// section 7), or one of GraphQL where braces says that \u{1f600} is an escape too.
// Half a surrogate pair is U+FFFD.
func appendUnescaped(dst, text []byte, braces bool) ([]byte, bool) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '\\' {
			dst = append(dst, c)
			continue
		}
		if i++; i == len(text) {
			return dst, false
		}
		if text[i] != 'u' {
			if c = unescaped(text[i]); c == 0 {
				return dst, false
			}
			dst = append(dst, c)
			continue
		}
		if braces && i+1 < len(text) && text[i+1] == '{' {
			r, n := bracedRune(text[i+1:])
			if n == 0 {
				return dst, false
			}
			i += n
			dst = utf8.AppendRune(dst, r)
			continue
		}
		r, ok := hexRune(text[i+1:])
		if !ok {
			return dst, false
		}
		i += 4
		if utf16.IsSurrogate(r) {
			low, ok := rune(utf8.RuneError), false
			if rest := text[i+1:]; len(rest) > 1 && rest[0] == '\\' && rest[1] == 'u' {
				low, ok = hexRune(rest[2:])
			}
			if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
				i += 6
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst, true
}

// unescaped is what a backslash and c stand for; 0 is that they stand for nothing.
func unescaped(c byte) byte {
	switch c {
	case '"', '\\', '/':
		return c
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return 0
}

// hexRune reads four hexadecimal digits.
func hexRune(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		d, ok := hexDigit(c)
		if !ok {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, true
}

// bracedRune reads hexadecimal digits in braces; n is how many bytes it read, 0
// where they are no character's.
func bracedRune(b []byte) (r rune, n int) {
	for n = 1; n < len(b); n++ {
		if b[n] == '}' && n > 1 {
			return r, n + 1
		}
		d, ok := hexDigit(b[n])
		if r = r<<4 | rune(d); !ok || r > utf8.MaxRune {
			break
		}
	}
	return 0, 0
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// appendQuoted appends text as a JSON string, which is one of GraphQL too. What
// is not UTF-8 becomes U+FFFD.
func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	for len(text) > 0 {
		c := text[0]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, n := utf8.DecodeRune(text)
			dst = utf8.AppendRune(dst, r)
			text = text[n:]
			continue
		}
		text = text[1:]
	}
	return append(dst, '"')
}

// appendWord appends what stands in the place of a number or a word: a number as
// it is, null where nothing is left, all else as a string.
func appendWord(dst, text []byte) []byte {
	if len(text) == 0 {
		return append(dst, "null"...)
	}
	if isNumber(text) {
		return append(dst, text...)
	}
	return appendQuoted(dst, text)
}
