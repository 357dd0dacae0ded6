package detect

import (
	_ "embed"
	"fmt"
	"strings"

	"weir/redact/category"
)

// Confidence of a category that a name gives, in hundredths.
const (
	NameKnown     = 90 // the name is in the vocabulary
	NameAmbiguous = 60 // it is, and often means something else
	NameVariant   = 70 // its last words are
)

// maxName and maxWords bound how much of a name is read, in bytes and words
// from its end.
const (
	maxName  = 96
	maxWords = 12
)

//go:embed names.txt
var nameList string

// vocabulary is the embedded list, read once and never changed.
var vocabulary = readNames(nameList)

// Match is what the vocabulary says of a name.
type Match struct {
	// Name is the vocabulary's own spelling of what matched: the one that was
	// asked about, letter case aside, if it lists that. It may be written.
	Name string
	// Category is "" for a harmless name.
	Category   category.Key
	Confidence uint8
	Harmless   bool
	// Exact is set where the whole name matched, but for its case and the signs
	// between its words. Where it is not set only the end did: what stands before
	// it may be anything, and the name must not be written.
	Exact bool
}

type names struct {
	spelled  map[string]entry // by name as names.txt spells it
	harmless map[string]entry // of those the harmless ones, with - for _
	entries  map[string]entry // by folded name, the first of its spellings
	all      []entry          // every spelling, in the list's order
	person   map[string]bool
	after    map[string]bool
}

type entry struct {
	spelling string
	category category.Key
	match    byte // '=', '?', '~' or 'p', as names.txt says
}

// Lookup returns what the vocabulary says of a field's name, as it was sent:
// a header's, a cookie's, a query key or a JSON key, percent-encoded or not.
func Lookup(name []byte) (Match, bool) {
	var w words
	if len(name) <= maxName {
		n := copy(w.buf[:], name)
		lower(w.buf[:n])
		if e, ok := vocabulary.spelled[string(w.buf[:n])]; ok {
			return e.exact(), true
		}
		dash(w.buf[:n])
		if e, ok := vocabulary.harmless[string(w.buf[:n])]; ok {
			return e.exact(), true
		}
	}
	w.split(name)
	if w.n == 0 {
		return Match{}, false
	}
	// A harmless name is known by its listed spellings alone: a rule that keeps
	// page must not come to keep p_age and x-page, which a visitor can make up.
	if e, ok := vocabulary.entries[string(w.from(0))]; ok && e.category != "" && !w.cut {
		return e.exact(), true
	}
	if w.n > 1 && !w.cut && string(w.at(0)) == "x" {
		if e, ok := vocabulary.entries[string(w.from(1))]; ok && e.category != "" {
			return e.exact(), true
		}
	}
	for w.n > 0 {
		if m, ok := w.ending(); ok {
			return m, true
		}
		if !w.dropLast() {
			break
		}
	}
	return Match{}, false
}

func dash(b []byte) {
	for i, c := range b {
		if c == '_' {
			b[i] = '-'
		}
	}
}

// Names calls yield for each name of the vocabulary, in each of its spellings and
// in the list's order, until yield returns false.
func Names(yield func(Match) bool) {
	for _, e := range vocabulary.all {
		if !yield(e.exact()) {
			return
		}
	}
}

func (e entry) exact() Match {
	m := Match{Name: e.spelling, Category: e.category, Confidence: NameKnown, Harmless: e.category == "", Exact: true}
	if e.match == '?' {
		m.Confidence = NameAmbiguous
	}
	return m
}

// ending looks for the longest ending of w that may stand behind other words.
func (w *words) ending() (Match, bool) {
	for k := range w.n {
		e, ok := vocabulary.entries[string(w.from(k))]
		if !ok || e.category == "" || e.match != '~' && e.match != 'p' {
			continue
		}
		if e.match == 'p' && !w.people(k) {
			continue
		}
		return Match{Name: e.spelling, Category: e.category, Confidence: NameVariant}, true
	}
	return Match{}, false
}

// people reports whether all words before the kth are words for people.
func (w *words) people(k int) bool {
	for i := range k {
		if !vocabulary.person[string(w.at(i))] {
			return false
		}
	}
	return !w.cut
}

// dropLast takes away a last word, or digits at the end of it, that change
// nothing, and reports whether there was one.
func (w *words) dropLast() bool {
	last := w.at(w.n - 1)
	digits := len(last)
	for digits > 0 && isDigit(last[digits-1]) {
		digits--
	}
	switch {
	case digits == 0, vocabulary.after[string(last)]:
		w.size = int(w.starts[w.n-1])
		w.n--
	case digits < len(last):
		w.size -= len(last) - digits
	default:
		return false
	}
	return w.n > 0
}

// readNames panics where names.txt breaks its own rules, which a test rules out.
func readNames(list string) names {
	v := names{
		spelled:  make(map[string]entry),
		harmless: make(map[string]entry),
		entries:  make(map[string]entry),
		person:   make(map[string]bool),
		after:    make(map[string]bool),
	}
	for line := range strings.Lines(list) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0][0] == '#' {
			continue
		}
		switch f[0] {
		case "@person":
			for _, word := range f[1:] {
				v.person[word] = true
			}
			continue
		case "@after":
			for _, word := range f[1:] {
				v.after[word] = true
			}
			continue
		}
		key := category.Key(strings.TrimPrefix(f[0], "-"))
		if len(f) < 3 || len(f[1]) != 1 || !strings.Contains("=?~p", f[1]) || key != "" && !category.Known(key) {
			panic(fmt.Sprintf("names.txt: %q", line))
		}
		for _, name := range f[2:] {
			var w words
			w.split([]byte(name))
			folded := string(w.from(0))
			e := entry{name, key, f[1][0]}
			other, ok := v.entries[folded]
			if _, twice := v.spelled[name]; twice || ok && other.category != key {
				panic(fmt.Sprintf("names.txt: %s stands there twice", name))
			}
			v.spelled[name], v.all = e, append(v.all, e)
			if key == "" && folded != "" {
				v.harmless[strings.ReplaceAll(name, "_", "-")] = e
			}
			if !ok && folded != "" {
				v.entries[folded] = e
			}
		}
	}
	return v
}
