package transform

import "net/netip"

// Clean is text that may be written. The zero Clean is empty. One that a Sheet
// holds is valid until the Sheet is reset.
type Clean struct {
	literal     string
	sheet       *Sheet
	first, last uint32
}

// Literal makes a Clean of text from the policy, the configuration or the
// binary. It must never be given text that came from traffic.
func Literal(s string) Clean { return Clean{literal: s} }

// Checked is Literal of a text that is written again and again: where no format
// escapes anything of it, that is looked for once.
func Checked(s string) Clean {
	for i := range len(s) {
		if c := s[i]; (c|0x20 < 'a' || c|0x20 > 'z') && (c < '-' || c > ':') && c != '_' {
			return Literal(s)
		}
	}
	return Clean{literal: s, first: plainText, last: plainText}
}

// plainText is where the pieces of a Literal begin and end that needs no escape.
const plainText = 1

// Plain reports whether c is a Literal of which no format escapes anything.
func (c Clean) Plain() bool { return c.sheet == nil && c.first == plainText }

// Empty reports whether there is nothing to write.
func (c Clean) Empty() bool { return c.literal == "" && c.first == c.last } // no piece is empty

// Len is the number of bytes.
func (c Clean) Len() int {
	if c.sheet == nil {
		return len(c.literal)
	}
	n := 0
	for _, p := range c.sheet.pieces[c.first:c.last] {
		n += int(p.end - p.start)
	}
	return n
}

// Pieces is the number of pieces that c is made of. A Literal is none: it is
// read by Text.
func (c Clean) Pieces() int { return int(c.last - c.first) }

// Text is a Literal's text, "" of any other.
func (c Clean) Text() string { return c.literal }

// Run returns the piece at i, from 0, where it comes from, and the index after
// it. Pieces from traffic that follow each other are one: what was withheld
// could stand across them.
func (c Clean) Run(i int) (text []byte, source Source, next int) {
	pieces := c.sheet.pieces[c.first:c.last]
	start, end, source := pieces[i].start, pieces[i].end, pieces[i].source
	for next = i + 1; source.Traffic() && next < len(pieces) && pieces[next].source.Traffic() && pieces[next].start == end; next++ {
		end, source = pieces[next].end, Source{kind: KindKeep}
	}
	return c.sheet.buf[start:end:end], source, next
}

// Append appends the whole text to dst.
func (c Clean) Append(dst []byte) []byte {
	if c.sheet == nil {
		return append(dst, c.literal...)
	}
	for _, p := range c.sheet.pieces[c.first:c.last] {
		dst = append(dst, c.sheet.buf[p.start:p.end]...)
	}
	return dst
}

// String is the text itself: it may be written.
func (c Clean) String() string { return string(c.Append(nil)) }

// Source says where a piece of clean text comes from.
type Source struct {
	kind Kind
	b    uint8 // the numbers of the transform
	a    uint32
}

// sourceOf is where a piece that t made comes from. What only words of a closed
// list can stand in comes from there.
func sourceOf(t Transform) Source {
	switch t.kind {
	case KindFamily, KindPhoneCountry, KindTemplate:
		return Source{}
	}
	return Source{t.kind, t.b, t.a}
}

// Traffic reports whether the piece holds bytes of the exchange: it was kept,
// masked, shortened or generalised. Pseudonyms and the policy's own words do not.
func (s Source) Traffic() bool { return s.kind >= KindMask }

// Yields reports whether text is what the transform makes of many values: a
// network without host bits, an origin, a month. Such text says no more of the
// exchange than it was meant to, wherever else it stands.
func (s Source) Yields(text []byte) bool {
	switch s.kind {
	case KindTruncate:
		a, err := netip.ParseAddr(string(text))
		if err != nil || a.Zone() != "" || a.Is4In6() {
			return false
		}
		network, ok := networkOf(a, int(s.a), int(s.b))
		return ok && network == a
	case KindOrigin:
		for _, scheme := range [...]string{"https://", "http://"} {
			if hasPrefixFold(text, scheme) {
				text = text[len(scheme):]
			}
		}
		domain, ok := registrable(text)
		return ok && len(domain) == len(text)
	case KindDomain:
		domain, ok := registrable(text)
		return ok && len(domain) == len(text) && listed(text)
	case KindYear, KindMonth, KindBucket, KindCoordinates:
		return s.yieldsNumber(text)
	}
	return false
}

// yieldsNumber is Yields of what leaves less of a number or a date. Each is
// what it makes of its own output.
func (s Source) yieldsNumber(text []byte) bool {
	var space [64]byte
	again, ok := space[:0], false
	switch s.kind {
	case KindYear:
		return len(text) == 4 && digits(text) == 4
	case KindMonth:
		return len(text) == 7 && digits(text) == 4 && text[4] == '-' && digits(text[5:]) == 2
	case KindBucket:
		again, ok = appendBucket(again, text, int64(s.a))
	case KindCoordinates:
		again, ok = appendCoordinates(again, text, int(s.a))
	}
	return ok && string(again) == string(text)
}

type piece struct {
	start, end uint32
	source     Source
}

// Sheet holds the clean values of one exchange. It belongs to one goroutine.
type Sheet struct {
	buf    []byte
	pieces []piece
}

// Reset empties s. Every Clean that it holds is invalid from then on.
func (s *Sheet) Reset() {
	s.buf, s.pieces = s.buf[:0], s.pieces[:0]
}
