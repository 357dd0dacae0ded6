package walk

// markup walks HTML, XML or a script as text. A value that is written with the
// format's own escapes reads otherwise there: a text that has any but the
// commonplace ones is told of as UnknownCoding, though all of it is walked.
type markup struct {
	o      *outlet
	inner  parser
	script bool
	seen   []byte // of a reference, from & on
}

func newMarkup(o *outlet, f form) parser {
	return &markup{o: o, inner: newText(o), script: f == asScript}
}

// harmlessReferences are the references that hide nothing of a value that is looked for.
var harmlessReferences = map[string]bool{"&amp;": true, "&lt;": true, "&gt;": true, "&quot;": true, "&apos;": true, "&nbsp;": true}

func (m *markup) write(p []byte) Reason {
	if m.o.missed == Scanned {
		for _, c := range p {
			m.look(c)
		}
	}
	return m.inner.write(p)
}

// look tells a reference or an escape: &#64; in markup, any backslash in a script. An &
// before a blank, or in a query string before a name, is none where no ; ends it soon.
func (m *markup) look(c byte) {
	switch {
	case m.script:
		if c == '\\' {
			m.o.miss(UnknownCoding)
		}
	case c == '&':
		m.seen = append(m.seen[:0], c)
	case len(m.seen) == 0:
	case c == '#' && len(m.seen) == 1:
		m.o.miss(UnknownCoding)
	case c == ';':
		if m.seen = append(m.seen, c); !harmlessReferences[string(m.seen)] {
			m.o.miss(UnknownCoding)
		}
		m.seen = m.seen[:0]
	case !inReference(c), len(m.seen) > maxReference:
		m.seen = m.seen[:0]
	default:
		m.seen = append(m.seen, c)
	}
}

// maxReference is longer than the longest name of HTML's references, in bytes.
const maxReference = 40

func inReference(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
}

func (m *markup) close() Reason { return m.inner.close() }
