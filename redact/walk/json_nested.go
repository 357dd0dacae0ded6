package walk

import (
	"bytes"
	"encoding/json"
)

// lead passes over a byte order mark at the start of a body.
type lead int

const leadOver lead = 3

// pass returns how many bytes of p belong to the mark.
func (l *lead) pass(p []byte) (n int, why Reason) {
	for *l < leadOver && n < len(p) {
		if p[n] != "\xef\xbb\xbf"[*l] {
			if *l > 0 {
				return n, Broken
			}
			*l = leadOver
			break
		}
		*l++
		n++
	}
	return n, Scanned
}

// torn reports whether a mark began and did not end.
func (l lead) torn() bool { return l > 0 && l < leadOver }

// nested visits texts that may hold JSON in turn, or GraphQL.
type nested struct {
	json    *jsonParser
	graphql *graphqlParser
	nobody  *outlet // for a look whether a text is GraphQL
	written []byte
	capture func([]byte)
}

// value visits text: below the name at hand where it is a JSON object or array,
// or where the name ends in query and it is an executable document of GraphQL,
// else as one value. put is the text as it is to be, where that is another.
func (n *nested) value(o *outlet, text []byte) (put []byte, change bool, why Reason) {
	switch {
	case opens(text) && json.Valid(text):
		if n.json == nil {
			n.json = &jsonParser{lexing: lexing{o: o, blank: isBlank}}
		}
		n.json.reset()
		return n.walk(o, n.json, text)
	case isQuery(o.name) && n.reads(o, text):
		n.graphql.o, n.graphql.dry = o, false
		n.graphql.reset()
		return n.walk(o, n.graphql, text)
	}
	return o.visit(text)
}

// isQuery reports whether the last key of a name is query.
func isQuery(name []byte) bool {
	rest, found := bytes.CutSuffix(name, queryName)
	return found && (len(rest) == 0 || rest[len(rest)-1] == '.')
}

// reads reports whether text is a document of GraphQL, or one beyond a limit. One that is
// too deep is a text: what merely looks like a document must not cost the body its walk.
func (n *nested) reads(o *outlet, text []byte) bool {
	if bytes.IndexByte(text, '{') < 0 {
		return false
	}
	if n.graphql == nil {
		n.graphql = &graphqlParser{lexing: graphqlLexing(nil)}
		n.nobody = &outlet{values: nobody{}, limits: o.limits}
	}
	n.nobody.name, n.nobody.depth, n.nobody.count = n.nobody.name[:0], o.depth+1, 0
	n.graphql.o, n.graphql.dry = n.nobody, true
	n.graphql.reset()
	why := n.graphql.write(text)
	if why == Scanned {
		why = n.graphql.close()
	}
	return why != Broken && why != TooDeep
}

// nobody is a Values that changes nothing.
type nobody struct{}

func (nobody) Value(*Value) ([]byte, bool) { return nil, false }

// opens reports whether text begins as an object or an array does.
func opens(text []byte) bool {
	for _, c := range text {
		if kinds[c]&isBlank == 0 {
			return c == '{' || c == '['
		}
	}
	return false
}

// walk gives text to p, whose outlet is o.
func (n *nested) walk(o *outlet, p parser, text []byte) (put []byte, change bool, why Reason) {
	if o.depth++; o.depth > o.limits.Depth {
		return nil, false, TooDeep
	}
	out := o.out
	if out != nil {
		if n.capture == nil {
			n.capture = func(p []byte) { n.written = append(n.written, p...) }
		}
		n.written, o.out = n.written[:0], n.capture
	}
	if why = p.write(text); why == Scanned {
		why = p.close()
	}
	o.out = out
	o.depth--
	if why != Scanned || out == nil || bytes.Equal(n.written, text) {
		return nil, false, why
	}
	return n.written, true, Scanned
}
