package transform

import (
	"bytes"
	"unicode/utf8"
)

// stars stand for what a mask hides, whatever its length.
const stars = "***"

// leastHidden is the fewest characters that a mask hides; of a value that
// would hide fewer nothing is shown.
const leastHidden = 4

// appendMasked appends the first and last characters of text around stars.
func appendMasked(dst, text []byte, first, last int) []byte {
	if utf8.RuneCount(text) < first+last+leastHidden {
		return append(dst, stars...)
	}
	dst = append(dst, text[:runes(text, first)]...)
	dst = append(dst, stars...)
	at := len(text)
	for range last {
		_, n := utf8.DecodeLastRune(text[:at])
		at -= n
	}
	return append(dst, text[at:]...)
}

// runes is the length in bytes of the first n characters of text.
func runes(text []byte, n int) int {
	at := 0
	for ; n > 0 && at < len(text); n-- {
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return at
}

// origin appends scheme and registrable domain of a URL, or the host where it
// may be written whole. A URL without an http scheme or whose host is an
// address has no answer.
func (m *Maker) origin(text []byte) bool {
	scheme, rest := "https://", text
	switch {
	case hasPrefixFold(text, "https://"):
		rest = text[len("https://"):]
	case hasPrefixFold(text, "http://"):
		scheme, rest = "http://", text[len("http://"):]
	default:
		return false
	}
	if at := bytes.IndexAny(rest, `/?#\`); at >= 0 {
		rest = rest[:at]
	}
	if at := bytes.LastIndexByte(rest, '@'); at >= 0 {
		rest = rest[at+1:]
	}
	if at := bytes.IndexByte(rest, ':'); at >= 0 {
		rest = rest[:at]
	}
	start := len(m.sheet.buf)
	m.sheet.buf = append(m.sheet.buf, scheme...)
	if m.domain(rest) {
		return true
	}
	m.sheet.buf = m.sheet.buf[:start]
	return false
}

// domain appends the host where it may be written whole, else its registrable domain.
func (m *Maker) domain(host []byte) bool {
	if name, ok := m.hosts.Known(host); ok {
		m.sheet.buf = append(m.sheet.buf, name...)
		return true
	}
	var ok bool
	if m.scratch, ok = lowerHost(m.scratch[:0], host); !ok {
		return false
	}
	domain, ok := registrable(m.scratch)
	m.sheet.buf = append(m.sheet.buf, domain...)
	return ok
}

// Domain adds what may be written of a host without asking anybody: the
// host where it may be written whole; else, where wide is set, its registrable
// domain; else nothing, and the answer is false.
func (m *Maker) Domain(host []byte, wide bool) bool {
	if name, ok := m.hosts.Known(host); ok {
		m.Literal(name)
		return true
	}
	start := len(m.sheet.buf)
	if !wide || !m.domain(host) {
		m.sheet.buf = m.sheet.buf[:start]
		return false
	}
	m.piece(start, Source{kind: KindOrigin})
	return true
}

// Known reports whether a host is one that may be written whole.
func (m *Maker) Known(host []byte) bool {
	_, ok := m.hosts.Known(host)
	return ok
}

func hasPrefixFold(b []byte, lower string) bool {
	if len(b) < len(lower) {
		return false
	}
	for i := range len(lower) {
		c := b[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
