package walk

import (
	"bytes"
	"unicode/utf8"
)

// graphqlString looks for the end of a string of GraphQL, in pieces: "…", or a block
// string """…""" in which \""" is an escape and nothing else.
type graphqlString struct {
	phase   quotePhase
	quotes  int  // that stand in a row, in a block string
	back    bool // the last byte was a backslash: in a string one that escapes the next
	shield  bool // the quotes that stand in a row follow a backslash
	escapes bool
}

type quotePhase uint8

const (
	quoteOpen  quotePhase = iota // behind one quote
	quoteTwice                   // behind two, which may be all
	quoteLine
	quoteBlock
)

// closed reports whether the string ends if nothing follows.
func (q *graphqlString) closed() bool { return q.phase == quoteTwice }

// read takes p as far as the string goes, its closing quotes included.
func (q *graphqlString) read(p []byte) (n int, done bool, why Reason) {
	for n < len(p) {
		c := p[n]
		switch q.phase {
		case quoteOpen:
			if q.phase = quoteLine; c == '"' {
				q.phase = quoteTwice
				n++
			}
		case quoteTwice:
			if c != '"' {
				return n, true, Scanned
			}
			q.phase = quoteBlock
			n++
		case quoteLine:
			n++
			switch {
			case c == '\n' || c == '\r':
				return n, false, Broken
			case q.back:
				q.back = false
			case c == '\\':
				q.back, q.escapes = true, true
			case c == '"':
				return n, true, Scanned
			}
		case quoteBlock:
			n++
			if q.block(c) {
				return n, true, Scanned
			}
		}
	}
	return n, false, Scanned
}

// block takes a byte of a block string and reports whether it ends it.
func (q *graphqlString) block(c byte) bool {
	if c != '"' {
		q.quotes, q.back = 0, c == '\\'
		return false
	}
	if q.quotes == 0 {
		q.shield = q.back
	}
	q.quotes, q.back = q.quotes+1, false
	if q.quotes < 3 {
		return false
	}
	q.quotes = 0
	q.escapes = q.escapes || q.shield
	return !q.shield
}

// unquote gives what stands between the quotes.
func (g *graphqlParser) unquote(token []byte) ([]byte, Reason) {
	if !utf8.Valid(token) {
		return nil, Broken
	}
	if g.quote.phase != quoteBlock {
		text := token[1 : len(token)-1]
		if !g.quote.escapes {
			return text, Scanned
		}
		var ok bool
		if g.text, ok = appendUnescaped(g.text[:0], text, true); !ok {
			return nil, Broken
		}
		return g.text, Scanned
	}
	text := token[3 : len(token)-3]
	if !g.quote.escapes {
		return text, Scanned
	}
	g.text = g.text[:0]
	for {
		i := bytes.Index(text, escapedQuotes)
		if i < 0 {
			g.text = append(g.text, text...)
			return g.text, Scanned
		}
		g.text = append(append(g.text, text[:i]...), escapedQuotes[1:]...)
		text = text[i+len(escapedQuotes):]
	}
}

var escapedQuotes = []byte(`\"""`)
