package walk

import (
	"bytes"
	"unicode/utf8"
)

// formParser walks application/x-www-form-urlencoded as the WHATWG URL standard
// reads it: pairs are divided by & alone. The name of a value is its key; a key
// that looks like no name is visited as in JSON; a piece without = is a value
// without a name. A value that holds JSON is walked in turn.
//
// A % without two hexadecimal digits, and what is decoded no UTF-8, is Broken.
type formParser struct {
	o      *outlet
	part   formPart
	before int    // length of the name before the key at hand
	held   []byte // what earlier pieces had of the part
	text   []byte // the part, decoded
	put    []byte // what stands in its place
	inner  nested
}

// formPart is what of a form is being read.
type formPart uint8

const (
	formKey   formPart = iota // or a piece without =
	formValue                 // behind the =
)

func newForm(o *outlet) parser { return &formParser{o: o} }

func (f *formParser) write(p []byte) Reason {
	emitted, start := 0, 0 // of p: what has gone on, where the part at hand begins
	for i := 0; ; i++ {
		for i < len(p) && p[i] != '&' && (p[i] != '=' || f.part == formValue) {
			i++
		}
		if len(f.held)+i-start > f.o.limits.Value {
			return TooLong
		}
		if i == len(p) {
			break
		}
		var why Reason
		if emitted, why = f.end(p, emitted, start, i, p[i]); why != Scanned {
			return why
		}
		start = i + 1
	}
	f.o.emit(p[emitted:start])
	f.held = append(f.held, p[start:]...)
	return Scanned
}

func (f *formParser) close() Reason {
	_, why := f.end(nil, 0, 0, 0, '&')
	return why
}

// end takes the part that p[start:end] ends, before the byte c, and writes what
// goes on of it. It returns how much of p has gone on.
func (f *formParser) end(p []byte, emitted, start, end int, c byte) (int, Reason) {
	coded := p[start:end]
	if len(f.held) > 0 {
		f.held = append(f.held, coded...)
		coded = f.held
	}
	text, ok := f.decode(coded)
	if !ok {
		return emitted, Broken
	}
	put, change, why := f.visit(text, c)
	switch {
	case why != Scanned:
		return emitted, why
	case change:
		f.put = appendForm(f.put[:0], put)
		f.o.emit(p[emitted:start])
		f.o.emit(f.put)
		emitted = end
	case len(f.held) > 0:
		f.o.emit(coded)
		emitted = end
	}
	f.held = f.held[:0]
	return emitted, Scanned
}

// visit takes a part that stands before c.
func (f *formParser) visit(text []byte, c byte) (put []byte, change bool, why Reason) {
	switch {
	case f.part == formValue:
		put, change, why = f.inner.value(f.o, text)
		f.o.leave(f.before)
		f.part = formKey
	case c == '=':
		f.before, put, change, why = f.o.enterKey(text)
		f.part = formValue
	case len(text) > 0:
		put, change, why = f.inner.value(f.o, text)
	}
	return put, change, why
}

// decode undoes percent-encoding and the plus for a blank.
func (f *formParser) decode(coded []byte) (text []byte, ok bool) {
	if bytes.IndexByte(coded, '%') < 0 && bytes.IndexByte(coded, '+') < 0 {
		return coded, utf8.Valid(coded)
	}
	f.text = f.text[:0]
	for i := 0; i < len(coded); i++ {
		c := coded[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%':
			if i+2 >= len(coded) {
				return nil, false
			}
			high, ok := hexDigit(coded[i+1])
			low, also := hexDigit(coded[i+2])
			if !ok || !also {
				return nil, false
			}
			c = high<<4 | low
			i += 2
		}
		f.text = append(f.text, c)
	}
	return f.text, utf8.Valid(f.text)
}

// appendForm appends text as the URL standard's serialiser of forms writes it.
func appendForm(dst, text []byte) []byte {
	const upper = "0123456789ABCDEF"
	for _, c := range text {
		switch {
		case c == ' ':
			dst = append(dst, '+')
		case kinds[c]&isWord != 0 && c != '+' || c == '*':
			dst = append(dst, c)
		default:
			dst = append(dst, '%', upper[c>>4], upper[c&15])
		}
	}
	return dst
}
