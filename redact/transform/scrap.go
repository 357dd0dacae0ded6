package transform

// Scrap is what a Maker wrote of one value, kept so that it can be written again
// of the same value. It holds nothing that a policy keeps as it came, masked or
// shortened: the texts of many people are not to lie about in memory. The zero
// Scrap is empty.
type Scrap struct {
	class, epoch string // of the keys, where there is a pseudonym in it
	source       Source
	encoding     Encoding
	length       uint8
	text         [maxScrap]byte
}

// maxScrap is the most bytes of a Scrap: a pseudonym, an address, an origin.
const maxScrap = 46

// Mark is where the Maker stands.
func (m *Maker) Mark() int { return len(m.sheet.pieces) }

// Scrap puts into s what was written into the open Clean since a Mark. It reports
// whether that may be kept: it is one piece, and short.
func (m *Maker) Scrap(mark int, s *Scrap) bool {
	if mark+1 != len(m.sheet.pieces) {
		return false
	}
	p := m.sheet.pieces[mark]
	switch p.source.kind {
	case KindKeep, KindMask, KindShorten, KindNoQuery:
		return false
	case KindHash, KindEncrypt, KindEncryptPrefix:
		s.class, s.epoch = m.hashing.class, m.hashing.current()
	}
	s.source, s.encoding = p.source, m.pen.encoding
	text := m.sheet.buf[p.start:p.end]
	s.length = uint8(copy(s.text[:], text))
	return len(text) <= maxScrap
}

// Kept reports whether all that was written since a Mark is one value as it came.
func (m *Maker) Kept(mark int) bool {
	pieces := m.sheet.pieces[mark:]
	return len(pieces) == 1 && pieces[0].source.kind == KindKeep
}

// Again writes s into the open Clean, if that is what would be written here and
// now: in this encoding and, where there is a pseudonym in it, for this class and
// epoch.
func (m *Maker) Again(s *Scrap) bool {
	if s.encoding != m.pen.encoding || s.epoch != "" && (s.class != m.hashing.class || s.epoch != m.hashing.current()) {
		return false
	}
	start := len(m.sheet.buf)
	m.sheet.buf = append(m.sheet.buf, s.text[:s.length]...)
	m.piece(start, s.source)
	return true
}
