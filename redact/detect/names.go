package detect

import (
	"iter"
	"slices"
	"strings"

	"weir/redact/category"
)

// Confidence of a category that a name gives, in hundredths.
const (
	NameKnown     = 90 // the name is in the vocabulary
	NameAmbiguous = 60 // it is, and often means something else
	NameVariant   = 70 // its last words are, or its beginning
)

// maxName and maxWords bound how much of a name is read, in bytes and words
// from its end.
const (
	maxName  = 96
	maxWords = 12
)

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
	// between its words. Where it is not set only an end of it did: the rest may be
	// anything, and the name must not be written.
	Exact bool
	// Number is that of Name in the vocabulary where Exact is set, for At.
	Number int
}

// Vocabulary is a list of names and what their values are: weir's own, or that
// with a list of the user's before it. It is immutable, and safe for concurrent use.
type Vocabulary struct {
	entries    []entry
	slots      []slot
	prefixes   []prefix // in alphabetical order
	categories []category.Key
	person     map[string]bool
	after      map[string]bool
}

// entry is a name as the list spells it.
type entry struct {
	spelling string
	category uint16 // in categories; 0 is harmless
	match    byte   // '=', '?', '~', 'p' or '!', as names.txt says
}

// spelled is how a name matches that counts in one spelling alone.
const spelled = '!'

// slot is one of a table that is searched by the hash of a folded name.
type slot struct {
	hash uint32
	at   int32 // in entries, plus 1; 0 is free
}

// prefix is a name whose end varies, without its star.
type prefix struct {
	text     string
	category uint16
	shorter  int32 // the longest prefix that this one begins with, or -1
}

// Lookup asks the vocabulary that weir brings along.
func Lookup(name []byte) (Match, bool) { return builtIn.Lookup(name) }

// BuiltIn is the vocabulary that weir brings along.
func BuiltIn() *Vocabulary { return builtIn }

// Len is the number of names, each spelling counted.
func (v *Vocabulary) Len() int { return len(v.entries) }

// At is the name with that number.
func (v *Vocabulary) At(number int) Match { return v.exact(number) }

// Categories are those that its names have, in the list's order.
func (v *Vocabulary) Categories() []category.Key { return slices.Clone(v.categories[1:]) }

// All yields each name in each of its spellings, in the list's order. Names whose
// end varies are not among them.
func (v *Vocabulary) All() iter.Seq[Match] {
	return func(yield func(Match) bool) {
		for i := range v.entries {
			if !yield(v.exact(i)) {
				return
			}
		}
	}
}

// Lookup returns what the vocabulary says of a field's name, as it was sent:
// a header's, a cookie's, a query key or a JSON key, percent-encoded or not.
func (v *Vocabulary) Lookup(name []byte) (Match, bool) {
	var w words
	w.split(name)
	w.sum()
	var sent []byte
	var buf [maxName]byte
	if len(name) <= maxName {
		sent = buf[:copy(buf[:], name)]
		lower(sent)
		if m, ok := v.whole(&w, sent); ok {
			return m, true
		}
	}
	if w.n > 1 && !w.cut && string(w.at(0)) == "x" {
		if i := v.find(&w, 1); i >= 0 {
			return v.exact(i), true
		}
	}
	if m, ok := v.begins(sent); ok {
		return m, true
	}
	for w.n > 0 {
		if m, ok := v.ending(&w); ok {
			return m, true
		}
		if !v.dropLast(&w) {
			break
		}
		w.sum()
	}
	return Match{}, false
}

// whole looks for all of w, which was sent in lower case like that: in that
// spelling, else in the first that has a category.
//
// A harmless name is known by its listed spellings alone, but for - and _: a rule that keeps
// page must not come to keep p_age and x-page, which a visitor can make up.
func (v *Vocabulary) whole(w *words, sent []byte) (Match, bool) {
	folded, first, dashed := w.from(0), -1, -1
	h := w.hash(0)
	for at := v.slot(h); v.slots[at].at != 0; at = v.next(at) {
		if v.slots[at].hash != h {
			continue
		}
		i := int(v.slots[at].at - 1)
		e := &v.entries[i]
		switch {
		case e.spelling == string(sent):
			return v.exact(i), true
		case e.category == 0:
			if dashed < 0 && len(folded) > 0 && sameDashed(e.spelling, sent) {
				dashed = i
			}
		case first < 0 && e.match != spelled && len(folded) > 0 && !w.cut && sameFolded(e.spelling, folded):
			first = i
		}
	}
	if dashed >= 0 {
		first = dashed
	}
	if first < 0 {
		return Match{}, false
	}
	return v.exact(first), true
}

// find is the first name with a category that the words of w from the kth on are, or -1.
func (v *Vocabulary) find(w *words, k int) int {
	h, folded := w.hash(k), w.from(k)
	for at := v.slot(h); v.slots[at].at != 0; at = v.next(at) {
		if v.slots[at].hash != h {
			continue
		}
		i := int(v.slots[at].at - 1)
		if e := &v.entries[i]; e.category != 0 && e.match != spelled && sameFolded(e.spelling, folded) {
			return i
		}
	}
	return -1
}

func (v *Vocabulary) slot(hash uint32) int { return int(hash) & (len(v.slots) - 1) }
func (v *Vocabulary) next(at int) int      { return (at + 1) & (len(v.slots) - 1) }

// sameFolded reports whether a spelling is folded but for what stands between its words.
func sameFolded(spelling string, folded []byte) bool {
	at := 0
	for i := range len(spelling) {
		c := spelling[i]
		if c < 0x80 && !isAlnum(c) {
			continue
		}
		if at == len(folded) || folded[at] != c {
			return false
		}
		at++
	}
	return at == len(folded)
}

// sameDashed reports whether a spelling is sent but for - and _.
func sameDashed(spelling string, sent []byte) bool {
	if len(spelling) != len(sent) {
		return false
	}
	for i := range len(spelling) {
		a, b := spelling[i], sent[i]
		if a != b && !(a == '-' && b == '_' || a == '_' && b == '-') {
			return false
		}
	}
	return true
}

func (v *Vocabulary) exact(i int) Match {
	e := &v.entries[i]
	m := Match{Name: e.spelling, Category: v.categories[e.category], Confidence: NameKnown, Harmless: e.category == 0, Exact: true, Number: i}
	if e.match == '?' || e.match == 'p' {
		m.Confidence = NameAmbiguous
	}
	return m
}

// begins looks for the longest prefix of what was sent.
func (v *Vocabulary) begins(sent []byte) (Match, bool) {
	// The last prefix that is not behind sent begins with the longest one that sent does.
	at, end := 0, len(v.prefixes)
	for at < end {
		if middle := (at + end) / 2; v.prefixes[middle].text > string(sent) {
			end = middle
		} else {
			at = middle + 1
		}
	}
	for i := int32(at - 1); i >= 0; i = v.prefixes[i].shorter {
		p := &v.prefixes[i]
		if len(sent) < len(p.text) || string(sent[:len(p.text)]) != p.text {
			continue
		}
		return Match{Name: p.text, Category: v.categories[p.category], Confidence: NameVariant}, true
	}
	return Match{}, false
}

// ending looks for the longest ending of w that may stand behind other words.
func (v *Vocabulary) ending(w *words) (Match, bool) {
	for k := range w.n {
		i := v.find(w, k)
		if i < 0 {
			continue
		}
		switch e := &v.entries[i]; {
		case e.match == '~', e.match == 'p' && v.people(w, k):
			return Match{Name: e.spelling, Category: v.categories[e.category], Confidence: NameVariant}, true
		}
	}
	return Match{}, false
}

// people reports whether all words before the kth are words for people.
func (v *Vocabulary) people(w *words, k int) bool {
	for i := range k {
		if !v.person[string(w.at(i))] {
			return false
		}
	}
	return !w.cut
}

// dropLast takes away a last word, or digits at the end of it, that change
// nothing, and reports whether there was one.
func (v *Vocabulary) dropLast(w *words) bool {
	last := w.at(w.n - 1)
	digits := len(last)
	for digits > 0 && isDigit(last[digits-1]) {
		digits--
	}
	switch {
	case digits == 0, v.after[string(last)]:
		w.size = int(w.starts[w.n-1])
		w.n--
	case digits < len(last):
		w.size -= len(last) - digits
	default:
		return false
	}
	return w.n > 0
}

// index makes the table and puts the prefixes in order. No two prefixes are one.
func (v *Vocabulary) index() {
	size := 16
	for size < 2*len(v.entries) {
		size *= 2
	}
	v.slots = make([]slot, size)
	for i := range v.entries {
		v.put(i)
	}
	slices.SortFunc(v.prefixes, func(a, b prefix) int { return strings.Compare(a.text, b.text) })
	for i := range v.prefixes {
		p := &v.prefixes[i]
		p.shorter = int32(i - 1)
		for p.shorter >= 0 && !strings.HasPrefix(p.text, v.prefixes[p.shorter].text) {
			p.shorter = v.prefixes[p.shorter].shorter
		}
	}
}

// put enters an entry into the table.
func (v *Vocabulary) put(i int) {
	var w words
	w.split([]byte(v.entries[i].spelling))
	w.sum()
	at := v.slot(w.hash(0))
	for v.slots[at].at != 0 {
		at = v.next(at)
	}
	v.slots[at] = slot{w.hash(0), int32(i + 1)}
}
