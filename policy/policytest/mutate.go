package policytest

import (
	"fmt"

	"weir/policy"
)

// Mutation is what the cases of a policy notice of its weakenings.
type Mutation struct {
	Policy    string
	Weakened  int
	Unnoticed []policy.Weakening
}

// Mutate runs the cases through the policy with each of its weakenings, each until one
// case notices. All cases must pass before. told, which may be nil, is called after each
// weakening with how many there were and how many there are.
func (s *Suite) Mutate(told func(done, all int)) (*Mutation, error) {
	base := make([]baseline, len(s.Cases))
	for i, c := range s.Cases {
		o, err := s.outcome(c)
		if err != nil {
			return nil, err
		}
		base[i] = baseline{c, o}
	}
	m := &Mutation{Policy: s.Name}
	all := s.Policy.Weakenings()
	for i := range all {
		w := &all[i]
		weaker, ok := s.Policy.Weakened(w)
		if ok {
			m.Weakened++
			noticed, err := s.notices(weaker, w, base)
			if err != nil {
				return nil, err
			}
			if !noticed {
				m.Unnoticed = append(m.Unnoticed, *w)
			}
		}
		if told != nil {
			told(i+1, len(all))
		}
	}
	return m, nil
}

// baseline is a case and what the policy itself makes of it.
type baseline struct {
	test    *Case
	outcome *Outcome
}

// notices reports whether a case fails under a weaker policy. Where a weakening changes nothing
// that is written, the exchanges need not be redacted again.
func (s *Suite) notices(weaker *policy.Policy, w *policy.Weakening, base []baseline) (bool, error) {
	t := &Suite{Name: s.Name, Policy: weaker, At: s.At}
	for _, b := range likely(base, w) {
		var differences []Difference
		if w.Entries {
			r := t.run(b.test)
			if r.Err != nil {
				return false, r.Err
			}
			differences = r.Differences
		} else {
			runner, err := t.runner(b.test.service)
			if err != nil {
				return false, err
			}
			differences = t.compare(b.test, b.outcome, runner.policy, nil)
		}
		if len(differences) > 0 {
			return true, nil
		}
	}
	return false, nil
}

// likely puts the cases first in which the rule decided something.
func likely(base []baseline, w *policy.Weakening) []baseline {
	var first, last []baseline
	for _, b := range base {
		decided := false
		for i := range b.outcome.Answers {
			decided = decided || b.outcome.Answers[i].Decision.Rule == w.Rule.Name
		}
		if decided {
			first = append(first, b)
		} else {
			last = append(last, b)
		}
	}
	return append(first, last...)
}

// pretty writes the weakenings that nobody noticed.
func (m *Mutation) pretty(s *sheet) {
	var rows []row
	for _, w := range m.Unnoticed {
		where := m.Policy
		if at := w.Rule.At; at.Line > 0 {
			where = fmt.Sprintf("%s:%d:%d", at.In(m.Policy), at.Line, at.Column)
		}
		rows = append(rows, row{cells: []cell{{where, dim}, {"nobody notices", yellow}, {fmt.Sprintf("%s %q: %s", w.Rule.Section, w.Rule.Name, w.What), ""}}})
	}
	s.table("  ", make([]string, 3), rows)
	s.line(fmt.Sprintf("     mutation: %d of %s noticed", m.Weakened-len(m.Unnoticed), plural(m.Weakened, "weakening")))
}

type jsonMutation struct {
	Weakened  int             `json:"weakened"`
	Unnoticed []jsonWeakening `json:"unnoticed"`
}

type jsonWeakening struct {
	Section string `json:"section"`
	Rule    string `json:"rule"`
	jsonPos
	What string `json:"what"`
}

// json is nil where nothing was weakened.
func (m *Mutation) json() *jsonMutation {
	if m == nil {
		return nil
	}
	out := &jsonMutation{Weakened: m.Weakened, Unnoticed: []jsonWeakening{}}
	for _, w := range m.Unnoticed {
		at := w.Rule.At
		at.File = at.In(m.Policy)
		out.Unnoticed = append(out.Unnoticed, jsonWeakening{w.Rule.Section, w.Rule.Name, posOf(at), w.What})
	}
	return out
}
