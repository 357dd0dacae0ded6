package walk

import (
	"bytes"
	"mime"
	"unicode/utf8"
)

// param is a parameter of a header field.
type param struct {
	name     []byte // in lower case, without the star of an extended one
	from, to int    // where its value stands, quotes included
	text     []byte // the value in UTF-8
	extended bool   // written as RFC 8187 has it: name*=UTF-8''value
	unread   bool   // in a charset that is not known: there is no text
}

// maxParams bounds the parameters of one field.
const maxParams = 32

// paramsOf reads the parameters of the field value at b[from:to]. A parameter in several
// sections (RFC 2231 section 3), which RFC 7578 rules out, is Broken, as is one
// that stands there twice.
func paramsOf(b []byte, from, to int) (all []param, why Reason) {
	at := from
	for at < to && b[at] != ';' {
		if b[at] == '"' {
			return nil, Broken
		}
		at++
	}
	for {
		for at < to && (isFold(b[at]) || b[at] == ';') {
			at++
		}
		if at == to {
			return all, Scanned
		}
		var p param
		if p, at, why = paramAt(b, at, to); why != Scanned {
			return nil, why
		}
		if len(all) == maxParams {
			return nil, TooMany
		}
		for i := range all {
			if all[i].extended == p.extended && bytes.Equal(all[i].name, p.name) {
				return nil, Broken
			}
		}
		all = append(all, p)
	}
}

func isFold(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func paramAt(b []byte, at, to int) (p param, end int, why Reason) {
	equals := bytes.IndexByte(b[at:to], '=')
	if equals < 0 {
		return p, to, Broken
	}
	p.name = bytes.ToLower(bytes.Trim(b[at:at+equals], " \t\r\n"))
	if p.name, p.extended = bytes.CutSuffix(p.name, []byte{'*'}); !isToken(p.name) || bytes.IndexByte(p.name, '*') >= 0 {
		return p, to, Broken
	}
	at += equals + 1
	for at < to && isFold(b[at]) {
		at++
	}
	p.from = at
	switch {
	case p.extended:
		at = tokenEnd(b, at, to)
		p.to = at
		p.text, why = extendedText(b[p.from:p.to])
	case at < to && b[at] == '"':
		if at = quotedEnd(b, at, to); at < 0 {
			return p, to, Broken
		}
		p.to = at
		p.text, why = quotedText(b[p.from+1 : p.to-1])
	default:
		at = tokenEnd(b, at, to)
		p.to = at
		p.text, why = quotedText(b[p.from:p.to])
	}
	for at < to && isFold(b[at]) {
		at++
	}
	if at < to && b[at] != ';' {
		return p, to, Broken
	}
	if why == UnknownCharset {
		p.unread, p.text, why = true, nil, Scanned
	}
	return p, at, why
}

func tokenEnd(b []byte, at, to int) int {
	for at < to && b[at] != ';' && b[at] != '"' && !isFold(b[at]) {
		at++
	}
	return at
}

// quotedEnd is behind the quote that ends the string at at, or below 0.
func quotedEnd(b []byte, at, to int) int {
	for at++; at < to; at++ {
		switch b[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return -1
}

var encodedWords mime.WordDecoder

// quotedText is a string without its escapes. Browsers write a backslash as itself, so one
// is an escape only before a quote or another. Words in the way of RFC 2047, as mail
// programs write them, are read.
func quotedText(b []byte) ([]byte, Reason) {
	text := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '\\' && i+1 < len(b) && (b[i+1] == '"' || b[i+1] == '\\') {
			i++
			c = b[i]
		}
		if c != '\r' && c != '\n' {
			text = append(text, c)
		}
	}
	if !utf8.Valid(text) {
		return nil, Broken
	}
	if bytes.Contains(text, []byte("=?")) {
		plain, err := encodedWords.DecodeHeader(string(text))
		if err != nil {
			return nil, UnknownCharset
		}
		text = []byte(plain)
	}
	return text, Scanned
}

// extendedText reads RFC 8187's value: charset, language, percent-encoded text.
func extendedText(b []byte) ([]byte, Reason) {
	name, rest, found := bytes.Cut(b, []byte{'\''})
	_, value, both := bytes.Cut(rest, []byte{'\''})
	if !found || !both {
		return nil, Broken
	}
	text := make([]byte, 0, len(value))
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '%' {
			if i+2 >= len(value) || unhex(value[i+1]) > 15 || unhex(value[i+2]) > 15 {
				return nil, Broken
			}
			c = unhex(value[i+1])<<4 | unhex(value[i+2])
			i += 2
		}
		text = append(text, c)
	}
	switch charsets[string(bytes.ToLower(name))] {
	case eight:
		if !utf8.Valid(text) {
			return nil, Broken
		}
		return text, Scanned
	case latin1:
		d := decoder{charset: latin1}
		_, why := d.bytes(text)
		return d.text, why
	}
	return nil, UnknownCharset
}

func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}

// written is text as the parameter's value. A quoted string has quotes, backslashes and
// controls as the WHATWG form-data encoding has quotes: percent-encoded, so that no reader
// takes them for an escape or an end.
func (p *param) written(text []byte) []byte {
	const digits = "0123456789ABCDEF"
	out := []byte{'"'}
	if p.extended {
		out = []byte("UTF-8''")
	}
	for _, c := range text {
		safe := c >= ' ' && c != '"' && c != '\\' && c != 0x7F
		if p.extended {
			safe = 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
		}
		if safe {
			out = append(out, c)
		} else {
			out = append(out, '%', digits[c>>4], digits[c&15])
		}
	}
	if !p.extended {
		out = append(out, '"')
	}
	return out
}
