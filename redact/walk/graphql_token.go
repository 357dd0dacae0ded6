package walk

import "unicode/utf8"

// take takes a token that is whole.
func (g *graphqlParser) take(token []byte) (changed bool, why Reason) {
	if g.lexeme != stringLexeme && len(token) > g.o.limits.Value {
		return false, TooLong
	}
	switch g.lexeme {
	case dotsLexeme:
		if len(token) != 3 {
			return false, Broken
		}
		return false, g.grammar.mark(g.o, '.')
	case nameLexeme:
		return g.name(token)
	case numberLexeme:
		if !isNumber(token) {
			return false, Broken
		}
		return g.value(token)
	case commentLexeme:
		return g.comment(token)
	}
	text, why := g.unquote(token)
	if why != Scanned {
		return false, why
	}
	if !g.grammar.wantsValue() && !g.grammar.describes() {
		return false, Broken
	}
	if g.dry {
		g.grammar.valueEnd(g.o)
		return false, Scanned
	}
	put, changed, why := g.inner.value(g.o, text)
	if changed {
		g.put = appendQuoted(g.put[:0], put)
	}
	if why == Scanned {
		g.grammar.valueEnd(g.o)
	}
	return changed, why
}

// name takes a name, which may be a value.
func (g *graphqlParser) name(token []byte) (changed bool, why Reason) {
	if !g.grammar.wantsValue() {
		if !isName(token) {
			changed, why = g.unlikely(token)
		}
		if why == Scanned {
			why = g.grammar.name(g.o, token)
		}
		return changed, why
	}
	if string(token) == "null" {
		g.grammar.valueEnd(g.o)
		return false, Scanned
	}
	return g.visit(token)
}

// unlikely visits a name that looks like a value.
func (g *graphqlParser) unlikely(token []byte) (changed bool, why Reason) {
	before, why := g.o.enter(anyKey)
	if why != Scanned {
		return false, why
	}
	put, changed, why := g.o.visit(token)
	if why != Scanned {
		return false, why
	}
	g.o.leave(before)
	if changed {
		g.put = append(g.put[:0], '_')
		for _, c := range put {
			if !isNameByte(c) {
				c = '_'
			}
			g.put = append(g.put, c)
		}
	}
	return changed, Scanned
}

func (g *graphqlParser) value(token []byte) (changed bool, why Reason) {
	if !g.grammar.wantsValue() {
		return false, Broken
	}
	return g.visit(token)
}

// visit visits a number or a word.
func (g *graphqlParser) visit(token []byte) (changed bool, why Reason) {
	put, changed, why := g.o.visit(token)
	if changed {
		g.put = appendWord(g.put[:0], put)
	}
	if why == Scanned {
		g.grammar.valueEnd(g.o)
	}
	return changed, why
}

func (g *graphqlParser) comment(token []byte) (changed bool, why Reason) {
	if !utf8.Valid(token) {
		return false, Broken
	}
	put, changed, why := g.o.visit(token[1:])
	if changed {
		g.put = appendOneLine(append(g.put[:0], '#'), put)
	}
	return changed, why
}
