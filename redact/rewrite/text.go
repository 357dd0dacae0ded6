package rewrite

import (
	"bytes"
	"net/netip"
	"unicode/utf8"

	"weir/redact/capture"
	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/record"
)

// text writes a line of free text, which may be one of an access log. One that is not UTF-8, or too long to be
// scanned, can not be read.
func (w *lines) text(dst, line []byte) ([]byte, bool) {
	if !prose(line) {
		return dst, false
	}
	w.parsed.Spans = w.parsed.Spans[:0]
	w.begin(w.now)
	if out, ok := w.within(dst, line); ok {
		return out, true
	}
	return w.say(dst, textField, line, record.Line), true
}

// textField is what a log says in words.
var textField = capture.Member("text")

// prose reports whether text can be looked through.
func prose(text []byte) bool { return len(text) <= detect.MaxText && utf8.Valid(text) }

// say writes free text.
func (w *lines) say(dst []byte, f *capture.Field, text []byte, style record.Style) []byte {
	dst = w.cleaner.Text(dst, raw.LogField, f.Spelled(), text, style)
	w.cleaner.Done(w.count)
	return dst
}

// said writes what a line of another format says in words, which may be a line of
// an access log or an object: containers and syslog carry those.
func (w *lines) said(dst, text []byte, sp *capture.Span) []byte {
	if !prose(text) {
		return append(dst, w.nothing...)
	}
	ending := text[len(bytes.TrimRight(text, "\r\n")):]
	inner := text[:len(text)-len(ending)]
	if out, ok := w.within(dst, inner); ok {
		return append(out, ending...)
	}
	style := w.style
	if style == record.Word {
		style = record.Line
	}
	return w.say(dst, sp.Field, text, style)
}

// within writes a text that is itself a line of an access log or an object. What
// is in an object was divided by its walk already.
func (w *lines) within(dst, text []byte) ([]byte, bool) {
	outer, line, style, nothing := w.parsed, w.line, w.style, w.nothing
	defer func() { w.parsed, w.line, w.style, w.nothing = outer, line, style, nothing }()
	w.parsed = w.spare
	defer func() { w.spare = w.parsed }()
	for _, t := range accessLog {
		if t.Parse(text, &w.parsed) {
			w.style, w.nothing = record.Word, "-"
			defer w.begin(w.began)
			return w.spans(dst, text), true
		}
	}
	if style != record.Bare && len(text) > 0 && text[0] == '{' {
		defer w.begin(w.began)
		return w.object(dst, text)
	}
	return dst, false
}

// count counts a finding of a field that is not remembered.
func (w *lines) count(r *record.Redaction, n int) { w.counts.add(r, int64(n)) }

// address reads an address for the rules; none where it is something else.
func address(text []byte) raw.Address {
	a, ok := detect.Address(text)
	if !ok {
		return raw.AddressOf(netip.AddrPort{})
	}
	return raw.AddressOf(a)
}
