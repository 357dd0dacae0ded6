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
	lexing
	bare    bool // the name query is there already
	dry     bool // nobody looks: texts in texts are not walked
	started bool // there was a byte
	before  int  // length of the name before query
	lead    lead
	grammar grammar
	lexeme  lexeme
	quote   graphqlString
	text    []byte // a string without its escapes
	inner   nested
}

// lexeme is what of a document is being read.
type lexeme uint8

const (
	nameLexeme lexeme = iota
	numberLexeme
	stringLexeme
	commentLexeme
	dotsLexeme
)

func newGraphQL(o *outlet) parser { return &graphqlParser{lexing: graphqlLexing(o)} }

func graphqlLexing(o *outlet) lexing { return lexing{o: o, blank: isBlank, seamed: true} }

var queryName = []byte("query")

// reset makes g ready for a text within a text, at the name query.
func (g *graphqlParser) reset() {
	g.bare, g.lead, g.started = true, leadOver, false
	g.lexing.reset()
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
	return g.lexing.write(g, p, i)
}

func (g *graphqlParser) close() Reason {
	if !g.started {
		return Scanned
	}
	if g.within {
		if g.lexeme == stringLexeme && !g.quote.closed() {
			return Broken
		}
		if why := g.last(g); why != Scanned {
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
func (g *graphqlParser) begin(c byte) (token bool, why Reason) {
	switch {
	case c == ',':
		return false, Scanned
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
		return false, g.grammar.mark(g.o, c)
	}
	return true, Scanned
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
