package capture

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Template is a format of one line for each exchange: text that always stands
// there, with fields between.
type Template struct {
	parts []part
}

// part is a text, and the field behind it; a template's last part may have none.
type part struct {
	text   string
	field  *Field
	quoted bool
}

var errShape = errors.New("capture: a format needs a variable")

// newTemplate checks that each field's end can be found.
func newTemplate(parts []part) (*Template, error) {
	fields := 0
	for i := range parts {
		p := &parts[i]
		if p.field == nil {
			continue
		}
		fields++
		own := *p.field
		own.Key, own.spelled = own.key(), []byte(own.Name)
		p.field = &own
		if i > 0 && p.text == "" && parts[i-1].field != nil && p.field.Starts == 0 && parts[i-1].field.Role != Question {
			return nil, fmt.Errorf("capture: nothing stands between the variables %d and %d, so that nobody can tell where the first ends", fields-1, fields)
		}
		if i+1 < len(parts) && parts[i+1].text != "" {
			q := parts[i+1].text[0]
			p.quoted = q == '"' && len(p.text) > 0 && p.text[len(p.text)-1] == q
		}
	}
	if fields == 0 {
		return nil, errShape
	}
	return &Template{parts}, nil
}

// Parse takes a line apart, without its line feed. It reports whether the line is
// of this format.
func (t *Template) Parse(line []byte, l *Line) bool {
	l.Spans = l.Spans[:0]
	at := 0
	for i := range t.parts {
		p := &t.parts[i]
		if len(line)-at < len(p.text) || string(line[at:at+len(p.text)]) != p.text {
			return false
		}
		at += len(p.text)
		if p.field == nil {
			continue
		}
		n := t.length(i, line[at:])
		if n < 0 || !p.field.fits(line[at:at+n]) {
			return false
		}
		if p.field.Role == Request {
			request(l, line, at, at+n, p.quoted)
		} else {
			l.add(p.field, at, at+n, p.quoted)
		}
		at += n
	}
	return at == len(line)
}

// length is that of the field of a part, which rest begins with; -1 where its end
// does not come.
func (t *Template) length(i int, rest []byte) int {
	p := &t.parts[i]
	switch {
	case p.field.Role == Question:
		return len(rest) - len(bytes.TrimPrefix(rest, []byte{'?'}))
	case i+1 == len(t.parts):
		return len(rest)
	}
	next := &t.parts[i+1]
	switch {
	case next.text == "":
		return t.joined(i, rest)
	case p.quoted:
		return closing(rest)
	case next.text[0] == ' ' && p.field.List:
		return list(rest)
	case next.text[0] == ':' && p.field.Role == Address:
		end := bytes.IndexByte(rest, ' ')
		if end < 0 {
			end = len(rest)
		}
		return bytes.LastIndexByte(rest[:end], ':')
	case len(next.text) == 1 || next.text[0] == ' ' || p.field.Role == Time:
		return bytes.IndexByte(rest, next.text[0])
	}
	return bytes.Index(rest, []byte(next.text))
}

// joined is the length of a field behind which another stands at once. That one
// is where its first byte is, or empty and where the next text begins.
func (t *Template) joined(i int, rest []byte) int {
	end := len(rest)
	for j := i + 1; j < len(t.parts); j++ {
		if text := t.parts[j].text; text != "" {
			if end = bytes.IndexByte(rest, text[0]); end < 0 {
				return -1
			}
			break
		}
	}
	for j := i + 1; j < len(t.parts) && t.parts[j].text == ""; j++ {
		if n := bytes.IndexByte(rest[:end], t.parts[j].field.Starts); n >= 0 {
			return n
		}
	}
	return end
}

// closing finds the quote that ends a text with escapes.
func closing(b []byte) int {
	at := 0
	for {
		n := bytes.IndexByte(b[at:], '"')
		if n < 0 {
			return -1
		}
		at += n
		slashes := 0
		for slashes < at && b[at-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return at
		}
		at++
	}
}

// list finds the space that ends values divided by ", " or " : ".
func list(b []byte) int {
	at := 0
	for {
		n := bytes.IndexByte(b[at:], ' ')
		if n < 0 {
			return -1
		}
		at += n
		rest := b[at:]
		switch {
		case at > 0 && b[at-1] == ',':
			at++
		case len(rest) > 3 && rest[1] == ':' && rest[2] == ' ':
			at += 3
		default:
			return at
		}
	}
}

var (
	methodField   = &Field{Role: Method}
	targetField   = &Field{Role: Target, Key: 1}
	protocolField = &Field{Role: Protocol}
	noRequest     = &Field{Role: Ignored}
)

// RequestLine takes a request line apart.
func RequestLine(line []byte, l *Line) {
	l.Spans = l.Spans[:0]
	request(l, line, 0, len(line), false)
}

// request adds the parts of a request line. One that is none, such as the bytes
// of a TLS handshake, is one field of which nothing is written.
func request(l *Line, line []byte, start, end int, quoted bool) {
	b := line[start:end]
	first := bytes.IndexByte(b, ' ')
	last := bytes.LastIndexByte(b, ' ')
	if first <= 0 {
		l.add(noRequest, start, end, quoted)
		return
	}
	l.add(methodField, start, start+first, quoted)
	if last == first || !bytes.HasPrefix(b[last+1:], []byte("HTTP/")) && string(b[last+1:]) != "-" { // weir's, where there was none
		l.add(targetField, start+first+1, end, quoted) // HTTP/0.9
		return
	}
	l.add(targetField, start+first+1, start+last, quoted)
	l.add(protocolField, start+last+1, end, quoted)
}

// fits reports whether text may stand in a field: in that of a number nothing but
// one, so that the last field of a line does not swallow more than is its own.
func (f *Field) fits(text []byte) bool {
	if f.Role != Number && f.Role != Status || string(text) == unreadable {
		return true
	}
	for _, c := range text {
		if strings.IndexByte("0123456789.,:+-eE ", c) < 0 {
			return false
		}
	}
	return true
}

// unreadable is what a line says that could not be read.
const unreadable = "weir:unreadable"

// Unreadable is a line of this format that says nothing but that there was one
// that could not be read: dashes, and that it is weir's.
func (t *Template) Unreadable() []byte {
	var out []byte
	marked := -1
	for i := range t.parts {
		if f := t.parts[i].field; f != nil && (t.parts[i].quoted || marked < 0 || !t.parts[marked].quoted) {
			marked = i
		}
	}
	for i := range t.parts {
		out = append(out, t.parts[i].text...)
		switch {
		case t.parts[i].field == nil || t.parts[i].field.Starts == '?':
		case i == marked:
			out = append(out, unreadable...)
		default:
			out = append(out, '-')
		}
	}
	return out
}
