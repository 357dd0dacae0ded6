package walk

import "bytes"

// graphqlParser walks an executable document of GraphQL (its specification of
// September 2025, section 2). Strings, numbers, true, false and enum values are
// values, null and variables are not. An argument's is named
// query.<field>.<argument>, of the nearest field or directive, input objects'
// keys below it; a variable's default query.<variable>; a comment and a
// description have the name at hand. Names that look like values are visited as
// keys of JSON are; where one is changed, what is no letter, digit or _ becomes _.
//
// A block string is visited with its indentation, and becomes a plain string
// where it is changed.
type graphqlParser struct {
	o       *outlet
	bare    bool // the name query is there already
	dry     bool // nobody looks: texts in texts are not walked
	started bool // there was a byte
	before  int  // length of the name before query
	lead    lead
	grammar grammar
	lexeme  lexeme
	quote   graphqlString
	seam    seam
	held    []byte // what earlier pieces had of the token
	text    []byte // a string without its escapes
	put     []byte // what stands in its place
	inner   nested
}

// lexeme is what of a document is being read.
type lexeme uint8

const (
	noLexeme lexeme = iota // blanks, commas and marks of one byte
	nameLexeme
	numberLexeme
	stringLexeme
	commentLexeme
	dotsLexeme
)

func newGraphQL(o *outlet) parser { return &graphqlParser{o: o} }

var queryName = []byte("query")

// reset makes g ready for a text within a text, at the name query.
func (g *graphqlParser) reset() {
	g.bare, g.lead, g.started, g.lexeme, g.seam = true, leadOver, false, noLexeme, seam{}
	g.held = g.held[:0]
	g.grammar.reset()
}

func (g *graphqlParser) write(p []byte) Reason {
	if len(p) > 0 && !g.started {
		if g.started = true; !g.bare {
			var why Reason
			if g.before, why = g.o.enter(queryName); why != Scanned {
				return why
			}
		}
	}
	i, why := g.lead.pass(p)
	if why != Scanned {
		return why
	}
	emitted, start := 0, i // of p: what has gone on, where the token at hand begins
	for i < len(p) {
		if g.lexeme == noLexeme {
			c := p[i]
			if kinds[c]&isBlank != 0 || c == ',' {
				g.seam = seam{}
				i++
				continue
			}
			if why := g.begin(c); why != Scanned {
				return why
			}
			start = i
			i++
			if g.lexeme == noLexeme {
				g.seam = seam{}
				continue
			}
		}
		n, done, why := g.read(p[i:])
		i += n
		if len(g.held)+i-start > g.o.limits.Value+2 {
			return TooLong
		}
		if why != Scanned {
			return why
		}
		if !done {
			g.o.emit(p[emitted:start])
			g.held = append(g.held, p[start:]...)
			return Scanned
		}
		if emitted, why = g.end(p, emitted, start, i); why != Scanned {
			return why
		}
	}
	g.o.emit(p[emitted:])
	return Scanned
}

func (g *graphqlParser) close() Reason {
	if !g.started {
		return Scanned
	}
	if g.lexeme == stringLexeme && !g.quote.closed() {
		return Broken
	}
	if g.lexeme != noLexeme {
		if _, why := g.end(nil, 0, 0, 0); why != Scanned {
			return why
		}
	}
	if g.lead.torn() || !g.grammar.complete() {
		return Broken
	}
	if !g.bare {
		g.o.leave(g.before)
	}
	return Scanned
}

// begin takes a byte that stands between tokens.
func (g *graphqlParser) begin(c byte) Reason {
	switch {
	case c == '"':
		g.lexeme, g.quote = stringLexeme, graphqlString{}
	case c == '#':
		g.lexeme = commentLexeme
	case c == '.':
		g.lexeme = dotsLexeme
	case c == '-' || kinds[c]&isDigit != 0:
		g.lexeme = numberLexeme
	case isNameByte(c):
		g.lexeme = nameLexeme
	default:
		return g.grammar.mark(g.o, c)
	}
	return Scanned
}

func isNameByte(c byte) bool { return kinds[c]&isWord != 0 && c != '+' && c != '-' && c != '.' }

// read takes as much of p as belongs to the token at hand.
func (g *graphqlParser) read(p []byte) (n int, done bool, why Reason) {
	switch g.lexeme {
	case stringLexeme:
		return g.quote.read(p)
	case commentLexeme:
		if n = bytes.IndexAny(p, "\r\n"); n < 0 {
			return len(p), false, Scanned
		}
		return n, true, Scanned
	case nameLexeme:
		for n < len(p) && isNameByte(p[n]) {
			n++
		}
	case numberLexeme:
		for n < len(p) && kinds[p[n]]&isWord != 0 {
			n++
		}
	case dotsLexeme:
		for n < len(p) && p[n] == '.' {
			n++
		}
	}
	return n, n < len(p), Scanned
}
