package walk

// lexer reads the tokens of a language.
type lexer interface {
	// begin takes a byte that stands between tokens, and says whether it begins one.
	begin(c byte) (token bool, why Reason)
	// read takes as much of p as belongs to the token at hand.
	read(p []byte) (n int, done bool, why Reason)
	// take takes a token that is whole. Where it is changed, what stands in its
	// place is in lexing.put.
	take(token []byte) (changed bool, why Reason)
}

// lexing takes a text apart that comes in pieces, and writes what goes on of it.
type lexing struct {
	o      *outlet
	blank  uint8 // kinds of bytes that are skipped between tokens
	within bool  // a token
	seamed bool  // tokens that are changed could be read as one
	seam   seam
	held   []byte // what earlier pieces had of the token
	put    []byte // what stands in its place
}

// reset makes t ready for another text.
func (t *lexing) reset() { t.within, t.seam, t.held = false, seam{}, t.held[:0] }

// write takes a piece, from i on.
func (t *lexing) write(l lexer, p []byte, i int) Reason {
	emitted, start := 0, i // of p: what has gone on, where the token at hand begins
	for i < len(p) {
		if !t.within {
			c := p[i]
			if kinds[c]&t.blank != 0 {
				t.seam = seam{}
				i++
				continue
			}
			token, why := l.begin(c)
			if why != Scanned {
				return why
			}
			start = i
			i++
			if !token {
				t.seam = seam{}
				continue
			}
			t.within = true
		}
		n, done, why := l.read(p[i:])
		i += n
		if len(t.held)+i-start > t.o.limits.Value+2 {
			return TooLong
		}
		if why != Scanned {
			return why
		}
		if !done {
			t.o.emit(p[emitted:start])
			t.held = append(t.held, p[start:]...)
			return Scanned
		}
		if emitted, why = t.end(l, p, emitted, start, i); why != Scanned {
			return why
		}
	}
	t.o.emit(p[emitted:])
	return Scanned
}

// last takes the token that the end of the text ends.
func (t *lexing) last(l lexer) Reason {
	_, why := t.end(l, nil, 0, 0, 0)
	return why
}

// end takes the token that p[start:end] ends, and writes what goes on of it. It
// returns how much of p has gone on.
func (t *lexing) end(l lexer, p []byte, emitted, start, end int) (int, Reason) {
	token := p[start:end]
	if len(t.held) > 0 {
		t.held = append(t.held, token...)
		token = t.held
	}
	changed, why := l.take(token)
	if why != Scanned {
		return emitted, why
	}
	as := token
	if changed {
		as = t.put
	}
	if t.seamed && t.seam.join(as, changed) {
		t.o.emit(p[emitted:start])
		t.o.emit([]byte{' '})
		emitted = start
	}
	if changed || len(t.held) > 0 {
		t.o.emit(p[emitted:start])
		t.o.emit(as)
		emitted = end
	}
	t.held, t.within = t.held[:0], false
	return emitted, Scanned
}

// seam is where a token goes on right behind another, as in [E-1"a"]: if one of
// them is changed, the two could be read as one.
type seam struct {
	word    bool // the token before ends as a number or name
	empty   bool // it is ""
	changed bool
}

// join takes the next token, and reports whether a blank must stand before it.
func (s *seam) join(token []byte, changed bool) bool {
	before := *s
	first, last := token[0], token[len(token)-1]
	*s = seam{word: kinds[last]&isWord != 0, empty: string(token) == `""`, changed: changed}
	return (changed || before.changed) && (before.word && kinds[first]&isWord != 0 || before.empty && first == '"')
}
