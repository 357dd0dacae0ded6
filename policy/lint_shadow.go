package policy

import (
	"fmt"

	"weir/redact/category"
	"weir/redact/raw"
)

// question is one that rules could be asked, of all that they can tell apart
// beforehand.
type question struct {
	place      *place
	category   category.Key
	confidence uint8
	known      reads
}

// questions calls yield for every place that the policy names, for one unknown
// place of each kind, and for all categories and confidence bands there.
func (l *lint) questions(yield func(q question)) {
	p := l.policy
	var confidences []uint8
	for c, last := 0, -1; c <= 100; c++ {
		if b := int(p.bands.by[c]); b != last {
			confidences, last = append(confidences, uint8(c)), b
		}
	}
	static := readsKind | readsCategory | readsService
	if p.bands.used {
		static |= readsConfidence
	}
	for _, pl := range l.places() {
		known := static
		if pl.Name != "*" {
			known |= readsPlace | readsName
		}
		for k := range p.places.categories {
			for _, c := range confidences {
				yield(question{pl, k, c, known})
				if pl == p.places.plain[pl.Kind] && inURL(pl.Kind) {
					yield(question{pl, k, c, static}) // within a header
				}
			}
		}
	}
}

// inURL reports whether fields of a kind stand in headers as well, whose value is a URL.
func inURL(kind raw.Kind) bool {
	return kind == raw.Host || kind == raw.Path || kind == raw.Fragment || kind == raw.Userinfo
}

// places are those that the policy names, and the unknown one of each kind, of
// which neither the place nor the name is taken as known: it stands for those of the
// vocabulary as well.
func (l *lint) places() []*place {
	ps := l.policy.places
	var out []*place
	for kind := range raw.Kind(raw.KindCount) {
		s := ps.shelves[kind]
		if s == nil {
			out = append(out, ps.plain[kind])
			continue
		}
		for _, name := range s.policy.names {
			out = append(out, ps.get(s, []byte(name)))
		}
		out = append(append(out, s.other), ps.behind(s)...)
	}
	return append(out, ps.inPath...)
}

// maxShadowWork bounds how many parts of conditions shadowed evaluates: a second
// or two. A policy that would take more is not asked for shadowed rules.
const maxShadowWork = 5_000_000

// shadowed tells of rules that can never decide: their condition is never true,
// or an earlier rule takes all that they would.
func (l *lint) shadowed() {
	type seen struct {
		matches, decides bool
		by               *rule
	}
	if len(l.places())*len(l.policy.places.categories)*l.policy.bands.count*l.policy.atoms > maxShadowWork {
		return
	}
	all := make([]seen, len(l.policy.rules))
	memory := &memory{known: make(map[memoryKey]truth)}
	l.questions(func(q question) {
		f := takeFacts(l.policy, &raw.Question{Place: &q.place.Place, Category: q.category, Confidence: q.confidence}, q.place, q.known)
		defer f.giveBack()
		memory.facts = f
		var taken *rule
		for i, r := range l.policy.rules {
			if q.category != "" && !r.category {
				continue
			}
			t := r.condition.truth(memory)
			if t == no {
				continue
			}
			all[i].matches = true
			if taken == nil {
				all[i].decides = true
			} else if all[i].by == nil {
				all[i].by = taken
			}
			if taken == nil && t != open {
				taken = r
			}
		}
	})
	for i, r := range l.policy.rules {
		l.about = "redact." + r.name
		switch {
		case !all[i].matches:
			l.say("rule-never-matches", r.at, fmt.Sprintf("the rule %q can never match", cut(r.name)), "")
		case !all[i].decides:
			l.say("rule-never-decides", r.at, fmt.Sprintf("the rule %q never decides: %q in %s matches before it", cut(r.name), cut(all[i].by.name), all[i].by.at.Where()),
				"the narrower rule before the wider one")
		}
	}
}

// memory remembers what atoms come to that read the category alone, which most do.
type memory struct {
	facts *facts
	known map[memoryKey]truth
}

type memoryKey struct {
	atom     int
	category category.Key
}

func (m *memory) atom(a *atom) truth {
	if a.reads != readsCategory {
		return m.facts.atom(a)
	}
	key := memoryKey{a.id, m.facts.question.Category}
	t, ok := m.known[key]
	if !ok {
		t = m.facts.atom(a)
		m.known[key] = t
	}
	return t
}
