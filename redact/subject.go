package redact

import (
	"bytes"
	"slices"

	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/transform"
)

// Bounds of the subjects of one exchange: how many are written, and the bytes
// that are held of them until then. What does not fit is counted.
const (
	maxSubjects    = 64
	maxSubjectText = 16 << 10
)

// subject is a value whose pseudonym is to be written, in canonical form.
type subject struct {
	category category.Key
	value    []byte
}

// subjects are those of an exchange, or of one of its bodies, each once, in the
// order in which they were found.
type subjects struct {
	asked []category.Key  // none: nothing is taken
	forms *detect.Scanner // gives values their canonical form
	found []subject
	text  []byte // of found
	more  int
}

func (u *subjects) begin(asked []category.Key, forms *detect.Scanner) {
	u.asked, u.forms = asked, forms
}

// wants reports whether pseudonyms of a category are asked for.
func (u *subjects) wants(key category.Key) bool {
	for _, k := range u.asked {
		if key.Within(k) {
			return true
		}
	}
	return false
}

// take takes what is asked for of the findings of a text. Where one by its form is
// of the category that the text has by its name, that is the identifier.
func (u *subjects) take(spans []span, text []byte) {
	for i := range spans {
		sp := &spans[i]
		switch {
		case !u.wants(sp.category):
		case sp.scanned:
			u.add(sp.category, sp.value)
		case !recognised(spans, sp.category):
			u.add(sp.category, text[min(sp.start, len(text)):min(sp.end, len(text))])
		}
	}
}

// recognised reports whether one of the spans is of a category by its form.
func recognised(spans []span, key category.Key) bool {
	return slices.ContainsFunc(spans, func(sp span) bool { return sp.scanned && sp.category == key })
}

func (u *subjects) add(key category.Key, value []byte) {
	if len(value) == 0 {
		return
	}
	start := len(u.text)
	u.text = u.forms.Canonical(u.text, key, value)
	u.keep(key, start)
}

// keep keeps what stands in text from start on, if it is new and there is room.
func (u *subjects) keep(key category.Key, start int) {
	value := u.text[start:len(u.text):len(u.text)]
	for i := range u.found {
		if s := &u.found[i]; s.category == key && bytes.Equal(s.value, value) {
			u.text = u.text[:start]
			return
		}
	}
	if len(value) == 0 || len(u.found) == maxSubjects || len(u.text) > maxSubjectText {
		u.text = u.text[:start]
		u.more++
		return
	}
	u.found = append(u.found, subject{key, value})
}

// join adds those of other.
func (u *subjects) join(other *subjects) {
	for i := range other.found {
		start := len(u.text)
		u.text = append(u.text, other.found[i].value...)
		u.keep(other.found[i].category, start)
	}
	u.more += other.more
}

// reset lets go of all that is an exchange's.
func (u *subjects) reset() {
	clear(u.found)
	clear(u.text[:cap(u.text)])
	u.asked, u.found, u.text, u.more = nil, u.found[:0], u.text[:0], 0
}

// pseudonyms writes the subjects of the exchange into the entry.
func (s *state) pseudonyms() {
	for i := range s.subjects.found {
		found := &s.subjects.found[i]
		s.value.Category, s.value.Text, s.value.Canonical = found.category, found.value, found.value
		s.maker.Open(transform.Plain)
		if s.maker.Apply(transform.Hash(), &s.value).Kind() == transform.KindHash {
			s.entry.Subjects = append(s.entry.Subjects, s.maker.Close())
		}
	}
	s.entry.MoreSubjects = s.subjects.more
}
