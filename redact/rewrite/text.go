package rewrite

import (
	"net/netip"
	"unicode/utf8"

	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/record"
)

// said is the name of what a log says in words: log.text.
var said = []byte("text")

// text writes a line of free text. One that is not UTF-8, or too long to be
// scanned, can not be read.
func (w *lines) text(dst, line []byte) ([]byte, bool) {
	if len(line) > detect.MaxText || !utf8.Valid(line) {
		return dst, false
	}
	w.parsed.Spans = w.parsed.Spans[:0]
	w.begin(w.now)
	return w.prose(dst, said, line, record.Line), true
}

// prose writes free text that is a field of the line.
func (w *lines) prose(dst, name, text []byte, style record.Style) []byte {
	dst = w.cleaner.Text(dst, raw.LogField, name, text, style)
	w.cleaner.Done(w.count)
	return dst
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
