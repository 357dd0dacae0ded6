package policy

import (
	"fmt"

	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/detect"
)

// maxSubjects bounds the categories of `subjects`.
const maxSubjects = 32

// subject is one entry of `subjects`.
type subject struct {
	category category.Key
	at       source.Pos
}

func readSubjects(f *source.File, n source.Node) []subject {
	var out []subject
	entries := n.List()
	if n.Is("a list") && len(entries) == 0 {
		n.Refuse("`subjects` names no category", "[user.contact.email], or no `subjects`")
	}
	for i, entry := range entries {
		if i == maxSubjects {
			entry.Refuse(fmt.Sprintf("there are more than %d categories", maxSubjects), "one above them, such as user.contact")
			break
		}
		k := readCategory(entry)
		if k == "" {
			continue
		}
		if s, twice := shared(out, k); twice {
			wider := s.category
			if s.category.Within(k) {
				wider = k
			}
			entry.Refuse(fmt.Sprintf("%s and %s in %s have the same in them", k, s.category, s.at.Where()), fmt.Sprintf("%s alone", wider))
			continue
		}
		out = append(out, subject{k, entry.Pos()})
	}
	return out
}

// shared is the one of all that has k, or that k has.
func shared(all []subject, k category.Key) (subject, bool) {
	for _, s := range all {
		if k.Within(s.category) || s.category.Within(k) {
			return s, true
		}
	}
	return subject{}, false
}

// Subjects are the categories whose pseudonyms entries hold wherever in an
// exchange they were found, bodies included, those below them too: `subjects`.
func (p *Policy) Subjects() []category.Key { return p.subjects }

// isSubject reports whether entries hold the pseudonyms of a category.
func (p *Policy) isSubject(k category.Key) bool {
	for _, s := range p.subjects {
		if k.Within(s) {
			return true
		}
	}
	return false
}

// DetectInBodies is what is looked for in bodies: nothing is written of them but
// what Subjects says.
func (p *Policy) DetectInBodies() *detect.Set { return p.inBodies }
