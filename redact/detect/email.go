package detect

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"weir/redact/category"
)

// maxQuoted bounds how far back a quoted local part is looked for, in bytes:
// RFC 5321 section 4.5.3.1.1 allows 64.
const maxQuoted = 66

// emails finds mail addresses: RFC 5321's dot-atom with the letters of RFC
// 6531, a quoted local part, or an address in brackets as domain. Of RFC 5322's
// atext those that separate values in URLs and cookies (/ = & ? # | % { } ` ^)
// are not taken as part of a local part.
func (s *Scanner) emails(t []byte) {
	for i := 0; i < len(t); {
		at := bytes.IndexByte(t[i:], '@')
		if at < 0 {
			return
		}
		at += i
		i = at + 1
		start := localPart(t, at)
		if start == at {
			continue
		}
		end, confidence := domain(t, at+1)
		if end == 0 || confidence < Likely && s.binary {
			continue
		}
		if t[at-1] == '"' {
			confidence = min(confidence, Likely)
		}
		n := len(s.findings)
		s.report(t, start, end, category.Email, confidence)
		if len(s.findings) > n && start > 0 && isRoute(t[start-1]) {
			s.findings[n].route = t[start-1]
		}
	}
}

// isRoute reports whether c stands between another's address and the one that mail
// for it goes by: anna=example.dk@, anna%example.dk@, example.dk!anna@.
func isRoute(c byte) bool { return c == '=' || c == '%' || c == '!' }

// localPart returns where the local part that ends at at begins; at itself
// where there is none.
func localPart(t []byte, at int) int {
	if at > 0 && t[at-1] == '"' {
		return quotedPart(t, at)
	}
	start := at
	for start > 0 {
		if c := t[start-1]; c >= utf8.RuneSelf {
			r, n := utf8.DecodeLastRune(t[:start])
			if !isWritten(r) {
				break
			}
			start -= n
		} else if isLocal(c) {
			start--
		} else {
			break
		}
	}
	// What an address does not begin with stands before it: '…', (*…
	for start < at && isPunctuation(t[start]) {
		start++
	}
	return start
}

// quotedPart returns where the quoted string that ends before at begins. A
// quote with a letter before it closes something else.
func quotedPart(t []byte, at int) int {
	for i := at - 2; i >= max(0, at-maxQuoted); i-- {
		if t[i] != '"' || i > 0 && t[i-1] == '\\' {
			continue
		}
		if i == at-2 || i > 0 && isAlnum(t[i-1]) {
			return at
		}
		return i
	}
	return at
}

func isLocal(c byte) bool {
	switch c {
	case '.', '_', '+', '-', '\'', '!', '$', '*', '~':
		return true
	}
	return isAlnum(c)
}

func isPunctuation(c byte) bool {
	return c < utf8.RuneSelf && !isAlnum(c) && c != '_' && c != '+' && c != '"'
}

// isWritten reports whether r can be part of a name in some script.
func isWritten(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// domain returns where the mail domain that begins at from ends, 0 where there
// is none, and how sure it is.
func domain(t []byte, from int) (end int, confidence uint8) {
	if from < len(t) && t[from] == '[' {
		return literal(t, from)
	}
	end = from
	dot := from - 1 // the last dot within t[from:end]
	for end < len(t) {
		c := t[end]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(t[end:])
			if !isWritten(r) {
				break
			}
			end += n
			continue
		}
		if c == '.' {
			if end == dot+1 || end+1 == len(t) || !isAlnum(t[end+1]) && t[end+1] < utf8.RuneSelf {
				break // an empty label: the dot ends a sentence
			}
			dot = end
		} else if !isAlnum(c) && c != '-' {
			break
		}
		end++
	}
	if dot >= from && end == dot+1 {
		end, dot = dot, bytes.LastIndexByte(t[from:dot], '.')+from
	}
	for end > from && t[end-1] == '-' {
		end--
	}
	return topLevel(t, from, dot, end)
}

// topLevel judges a domain by its last label, which begins behind dot. A number
// is a version or an address; what follows a hyphen after letters is not part of it.
func topLevel(t []byte, from, dot, end int) (int, uint8) {
	if end <= from {
		return 0, 0
	}
	if dot < from {
		for _, c := range t[from:end] {
			if isDigit(c) {
				return 0, 0
			}
		}
		if end-from < 2 {
			return 0, 0
		}
		return end, Possible
	}
	top := t[dot+1 : end]
	if len(top) > 4 && bytes.EqualFold(top[:4], []byte("xn--")) {
		return end, Certain
	}
	letters := 0
	for letters < len(top) && (isLetter(top[letters]) || top[letters] >= utf8.RuneSelf) {
		letters++
	}
	switch {
	case letters == len(top) && letters >= 2:
		if pixelRatio(t[from:dot]) {
			return 0, 0
		}
		return end, Certain
	case letters >= 2 && top[letters] == '-':
		return dot + 1 + letters, Likely
	case letters == 0 && bytes.IndexByte(top, '-') < 0:
		return 0, 0
	}
	return end, Possible
}

// pixelRatio reports whether b is what stands behind the @ of an image for a
// dense screen: logo@2x.png, logo@1.5x.png.
func pixelRatio(b []byte) bool {
	n := len(b) - 1
	if n < 1 || b[n]|0x20 != 'x' || !isDigit(b[0]) {
		return false
	}
	return n == 1 || n >= 3 && n <= 4 && b[1] == '.' && isDigit(b[2]) && isDigit(b[n-1])
}

// literal reads an address in brackets (RFC 5321 section 4.1.3).
func literal(t []byte, from int) (end int, confidence uint8) {
	length := bytes.IndexByte(t[from:min(len(t), from+64)], ']')
	if length < 0 {
		return 0, 0
	}
	inner := t[from+1 : from+length]
	if rest := bytes.TrimPrefix(inner, []byte("IPv6:")); len(rest) < len(inner) {
		if _, n, _ := parse6(rest); n != len(rest) || n == 0 {
			return 0, 0
		}
	} else if _, ok := parse4(inner); !ok {
		return 0, 0
	}
	return from + length + 1, Certain
}
