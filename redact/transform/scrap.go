package transform

// Scrap is what a Maker wrote of one value, kept so that it can be written again
// of the same value. It holds nothing that a policy keeps as it came, masked or
// shortened: the texts of many people are not to lie about in memory.
type Scrap struct {
	text     []byte
	pieces   []piece // of text
	encoding Encoding
	class    string // of the keys, where there is a pseudonym in it
	epoch    string
}

// maxScrap is the most bytes of a Scrap.
const maxScrap = 256

// Mark is where the Maker stands.
func (m *Maker) Mark() int { return len(m.sheet.pieces) }

// Scrap is what was written into the open Clean since a Mark, in one encoding. ok
// is false where that must not be kept.
func (m *Maker) Scrap(mark int) (s *Scrap, ok bool) {
	s = &Scrap{encoding: m.pen.encoding}
	for _, p := range m.sheet.pieces[mark:] {
		switch p.source.kind {
		case KindKeep, KindMask, KindShorten, KindNoQuery:
			return nil, false
		case KindHash, KindEncrypt, KindEncryptPrefix:
			s.class, s.epoch = m.hashing.class, m.hashing.current()
		}
		start := len(s.text)
		s.text = append(s.text, m.sheet.buf[p.start:p.end]...)
		s.pieces = append(s.pieces, piece{uint32(start), uint32(len(s.text)), p.source})
	}
	return s, len(s.text) <= maxScrap
}

// Kept reports whether all that was written since a Mark is one value as it came.
func (m *Maker) Kept(mark int) bool {
	pieces := m.sheet.pieces[mark:]
	return len(pieces) == 1 && pieces[0].source.kind == KindKeep
}

// Holds reports whether s is what would be written here and now: in this encoding
// and, where there is a pseudonym in it, for this class and epoch.
func (m *Maker) Holds(s *Scrap) bool {
	return s.encoding == m.pen.encoding && (s.epoch == "" || s.class == m.hashing.class && s.epoch == m.hashing.current())
}

// Again writes s into the open Clean.
func (m *Maker) Again(s *Scrap) {
	at := uint32(len(m.sheet.buf))
	m.sheet.buf = append(m.sheet.buf, s.text...)
	for _, p := range s.pieces {
		m.sheet.pieces = append(m.sheet.pieces, piece{at + p.start, at + p.end, p.source})
	}
}
