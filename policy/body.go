package policy

import (
	"bytes"
	"slices"
	"strings"
	"sync/atomic"

	"weir/redact/detect"
)

// anyDepth stands in the text of a place for keys that are not told.
const anyDepth = ".**"

// maxBodyName bounds the bytes of a body's name that are looked at, its last ones:
// who sends long keys around many values must not have them read for each.
const maxBodyName = 512

// wild is the place of what one entry of `fields` with "*" or "**" says of values
// behind other names. Its number does not depend on what is sent.
type wild struct {
	field *field
	rests [][]string // of the pattern, behind the words of the shelf
	last  string     // key that a name must end in; "" is any
	place atomic.Pointer[place]
}

// deepen makes s know names that stand behind others.
func (ps *places) deepen(s *shelf) {
	s.below = ps.newShelf(s.kind, s.prefix+anyDepth)
	s.below.other = s.other
	words := strings.Split(s.prefix, ".")
	for _, f := range ps.known.fields {
		if !slices.Contains(f.pattern, "*") && !slices.Contains(f.pattern, "**") {
			continue
		}
		if w := (&wild{field: f, rests: restsOf(f.pattern, words)}); len(w.rests) > 0 {
			if last := f.pattern[len(f.pattern)-1]; last != "*" && last != "**" {
				w.last = last
			}
			s.wild = append(s.wild, w)
		}
	}
}

// restsOf are what a pattern says of what stands behind words that it fits.
func restsOf(pattern, words []string) [][]string {
	switch {
	case len(words) == 0:
		return [][]string{pattern}
	case len(pattern) == 0:
		return nil
	case pattern[0] == "**":
		return append(restsOf(pattern[1:], words), restsOf(pattern, words[1:])...)
	case pattern[0] == "*" || pattern[0] == words[0]:
		return restsOf(pattern[1:], words[1:])
	}
	return nil
}

// inBody is get for a name behind others: the policy's own, else the first pattern
// of `fields` that fits it, else by its last key, else by what all of it ends in.
func (ps *places) inBody(s *shelf, name []byte) *place {
	if over := len(name) - maxBodyName; over > 0 {
		name = name[over:]
		name = name[bytes.IndexByte(name, '.')+1:]
	}
	if i := s.policy.find(hashName(name), name, false); i >= 0 {
		return ps.once(&s.named[i], s, func() (string, detect.Match) {
			m, _ := ps.known.vocabulary.Lookup(name)
			return s.policy.names[i], m
		})
	}
	last := name[bytes.LastIndexByte(name, '.')+1:]
	for _, w := range s.wild {
		if (w.last == "" || w.last == string(last)) && w.fits(name) {
			return ps.wildPlace(s, w)
		}
	}
	p := ps.get(s.below, last)
	if p.Category != "" && p.Confidence > detect.NameAmbiguous || s.below.policy.find(hashName(last), last, false) >= 0 {
		return p
	}
	// A "name" may be anything's, a "customer.name" is somebody's.
	if m, found := ps.known.vocabulary.Lookup(name); found && m.Category != "" {
		return ps.variant(s, m)
	}
	return p
}

func (ps *places) wildPlace(s *shelf, w *wild) *place {
	return ps.once(&w.place, s.below, func() (string, detect.Match) {
		m := detect.Match{Category: w.field.category, Confidence: 100}
		if w.last == "" {
			return "*", m
		}
		return w.last, m
	})
}

// fits reports whether a name is one that the pattern is for.
func (w *wild) fits(name []byte) bool {
	for _, rest := range w.rests {
		if fits(rest, name) {
			return true
		}
	}
	return false
}

// fits is matches for a name that is not taken apart. It goes back to the last "**"
// alone, so that its time is that of the pattern times the name.
func fits(pattern []string, name []byte) bool {
	at, rest := 0, name           // what is to be compared next
	deep, from := -1, []byte(nil) // behind the last "**", and from where in the name
	done := false                 // the name is at its end
	for {
		if at < len(pattern) && pattern[at] == "**" {
			at++
			deep, from = at, rest
			if at == len(pattern) {
				return true
			}
			continue
		}
		if done && at == len(pattern) {
			return true
		}
		key, after, more := bytes.Cut(rest, dot)
		if !done && at < len(pattern) && (pattern[at] == "*" || pattern[at] == string(key)) {
			at, rest, done = at+1, after, !more
			continue
		}
		if deep < 0 {
			return false
		}
		var left bool
		if _, from, left = bytes.Cut(from, dot); !left {
			return false
		}
		at, rest, done = deep, from, false
	}
}

var dot = []byte{'.'}

// behind are the places below s that the policy names.
func (ps *places) behind(s *shelf) []*place {
	if s.below == nil {
		return nil
	}
	var out []*place
	for _, name := range s.below.policy.names {
		out = append(out, ps.get(s.below, []byte(name)))
	}
	for _, w := range s.wild {
		out = append(out, ps.wildPlace(s, w))
	}
	return out
}

// wildOf are the places of an entry of `fields` behind other names.
func (ps *places) wildOf(s *shelf, f *field) []*place {
	for _, w := range s.wild {
		if w.field == f {
			return []*place{ps.wildPlace(s, w)}
		}
	}
	return nil
}
