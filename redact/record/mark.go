package record

import "weir/redact/transform"

// Mark is a run of a finished line that comes from the exchange: a piece of a
// value that was kept, masked, shortened or generalised.
type Mark struct {
	Start, End int
	// Text is the piece before it was escaped for the line, valid as long as the entry.
	Text   []byte
	Source transform.Source
	Field  Ref
}

// Ref names a value of an Entry, so that it can be taken out of it.
type Ref struct {
	part  ref
	index int
}

type ref uint8

const (
	refOther ref = iota
	refClient
	refPeer
	refCertificate
	refServer
	refServerName
	refPath
	refQueryName
	refQuery
	refKey
	refValue
)

// Clear takes the value that r names out of e.
func (e *Entry) Clear(r Ref) {
	switch r.part {
	case refClient:
		e.ClientAddress = transform.Clean{}
	case refPeer:
		e.PeerAddress = transform.Clean{}
	case refCertificate:
		e.ClientCertificate = transform.Clean{}
	case refServer:
		e.Server = transform.Clean{}
	case refServerName:
		e.ServerName = transform.Clean{}
	case refPath:
		e.Path = transform.Clean{}
	case refQueryName, refQuery:
		e.Query[r.index].Value = transform.Clean{}
		if r.part == refQueryName {
			e.Query[r.index].Name = transform.Literal("*")
		}
	case refKey, refValue:
		e.Values[r.index].Text = transform.Clean{}
		if r.part == refKey {
			e.Values[r.index].Key = transform.Literal("*")
		}
	}
}

// line is a line in the making.
type line struct {
	b     []byte
	marks []Mark
}

// clean appends c, each piece escaped by esc, and marks those from traffic.
func (l *line) clean(c transform.Clean, at Ref, esc *escaper) {
	if c.Plain() {
		l.b = append(l.b, c.Text()...)
		return
	}
	if c.Pieces() == 0 {
		l.b = esc.text(l.b, c.Text())
		return
	}
	for i := 0; i < c.Pieces(); {
		text, source, next := c.Run(i)
		start := len(l.b)
		l.b = esc.bytes(l.b, text)
		if source.Traffic() {
			l.marks = append(l.marks, Mark{start, len(l.b), text, source, at})
		}
		i = next
	}
}
