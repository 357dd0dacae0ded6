package walk

import "unicode/utf8"

// read takes as much of p as belongs to the token at hand.
func (j *jsonParser) read(p []byte) (n int, done bool, why Reason) {
	if j.token == inWord {
		for n < len(p) && kinds[p[n]]&isWord != 0 {
			n++
		}
		return n, n < len(p), Scanned
	}
	return j.string.read(p)
}

// take takes a token that is whole.
func (j *jsonParser) take(token []byte) (changed bool, why Reason) {
	switch j.token {
	case inWord:
		return j.word(token)
	case inKey:
		return j.key(token)
	}
	return j.value(token)
}

// word takes a number, true, false or null.
func (j *jsonParser) word(whole []byte) (changed bool, why Reason) {
	if len(whole) > j.o.limits.Value {
		return false, TooLong
	}
	switch {
	case string(whole) == "null":
		j.valueEnd()
		return false, Scanned
	case string(whole) != "true" && string(whole) != "false" && !isNumber(whole):
		return false, Broken
	}
	put, changed, why := j.o.visit(whole)
	if why != Scanned {
		return false, why
	}
	if changed {
		j.put = appendWord(j.put[:0], put)
	}
	j.valueEnd()
	return changed, Scanned
}

// value takes a string with its quotes.
func (j *jsonParser) value(whole []byte) (changed bool, why Reason) {
	text, why := j.unquote(whole)
	if why != Scanned {
		return false, why
	}
	put, changed, why := j.inner.value(j.o, text)
	if why != Scanned {
		return false, why
	}
	if changed {
		j.put = appendQuoted(j.put[:0], put)
	}
	j.valueEnd()
	return changed, Scanned
}

// key takes the name of a member with its quotes.
func (j *jsonParser) key(whole []byte) (changed bool, why Reason) {
	text, why := j.unquote(whole)
	if why != Scanned {
		return false, why
	}
	before, put, changed, why := j.o.enterKey(text)
	if why != Scanned {
		return false, why
	}
	if changed {
		j.put = appendQuoted(j.put[:0], put)
	}
	j.open[len(j.open)-1] = before
	j.want = wantColon
	return changed, Scanned
}

// unquote gives what stands between the quotes.
func (j *jsonParser) unquote(whole []byte) ([]byte, Reason) {
	text := whole[1 : len(whole)-1]
	if j.string.wide && !utf8.Valid(text) {
		return nil, Broken
	}
	if !j.string.escapes {
		return text, Scanned
	}
	var ok bool
	if j.text, ok = appendUnescaped(j.text[:0], text, false); !ok {
		return nil, Broken
	}
	return j.text, Scanned
}

// scan looks for the end of a string between double quotes, in pieces.
type scan struct {
	escapes bool // there is a backslash
	wide    bool // there is a byte beyond ASCII
	escaped bool // the last byte was a backslash that escapes the next
}

// read takes p as far as the string goes, its closing quote included.
func (s *scan) read(p []byte) (n int, done bool, why Reason) {
	for n < len(p) {
		if s.escaped {
			if s.escaped = false; kinds[p[n]]&(isControl|isWide) != 0 {
				return n, false, Broken
			}
			n++
			continue
		}
		for n < len(p) && kinds[p[n]]&inStrings == 0 {
			n++
		}
		if n == len(p) {
			break
		}
		c := kinds[p[n]]
		n++
		switch {
		case c == isQuote:
			return n, true, Scanned
		case c == isBackslash:
			s.escapes, s.escaped = true, true
		case c == isWide:
			s.wide = true
		default:
			return n, false, Broken
		}
	}
	return n, false, Scanned
}

// What a byte can be in the formats that are text.
const (
	isBlank uint8 = 1 << iota
	isWord        // of a number or a name
	isQuote
	isBackslash
	isControl
	isWide
	isDigit
	isPlain // of names, and of nothing else that is told by its bytes

	inStrings = isQuote | isBackslash | isControl | isWide
)

var kinds = func() (table [256]uint8) {
	for c := range table {
		switch {
		case c < 0x20:
			table[c] = isControl
		case c >= 0x80:
			table[c] = isWide
		case c >= '0' && c <= '9':
			table[c] = isWord | isDigit
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			table[c] = isWord | isPlain
		}
	}
	for _, c := range " \t\r\n" {
		table[c] |= isBlank
	}
	for _, c := range "+-._" {
		table[c] |= isWord
	}
	for _, c := range "-._" {
		table[c] |= isPlain
	}
	table['"'], table['\\'] = isQuote, isBackslash
	return table
}()

// isNumber reports whether b is a number of RFC 8259 section 6.
func isNumber(b []byte) bool {
	i := 0
	digits := func() bool {
		from := i
		for i < len(b) && kinds[b[i]]&isDigit != 0 {
			i++
		}
		return i > from
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return false
	}
	if i < len(b) && b[i] == '.' {
		if i++; !digits() {
			return false
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(b)
}
