package policytest

import (
	"cmp"
	"strconv"
	"strings"

	"weir/redact/transform"
)

// redacted compares what was done to what was found at a place. What was found there
// instead is told too.
func (k *checker) redacted(w *wantedRedaction) {
	var got []string
	var deciders []Decider
	found := false // what is expected to be found
	for i := range k.out.Found {
		f := &k.out.Found[i]
		if f.Place != w.place.Text {
			continue
		}
		of := w.category == "" || string(f.Category) == w.category
		if of && f.Transform != "" {
			found = true
			if f.Transform == w.transform && (w.rule == "" || w.rule == f.Rule) {
				return
			}
		}
		text := string(f.Category) + ": " + cmp.Or(f.Transform, "nothing is written of a body")
		if w.rule != "" && f.Transform != "" {
			text += by(f.Rule)
		}
		got, deciders = append(got, text), append(deciders, k.decidedOn(f))
	}
	if !found && w.transform == nothingFound {
		return
	}
	if len(got) == 0 {
		got, deciders = []string{nothingFound}, k.beside(w.place.Text)
	}
	want := w.transform
	if w.category != "" {
		want = w.category + ": " + want
	}
	if w.rule != "" {
		want += by(w.rule)
	}
	k.differs("redacted."+w.place.Text, w.place.Pos, want, strings.Join(got, ", "), deciders...)
}

func by(rule string) string {
	if rule == "" {
		return " by no rule"
	}
	return " by " + strconv.Quote(rule)
}

// decidedOn is what decided on a finding, in the words of the rule where it was asked.
func (k *checker) decidedOn(f *Found) Decider {
	of := f.Place + " " + string(f.Category)
	for i := range k.out.Answers {
		a := &k.out.Answers[i]
		if a.Place != nil && a.Place.Text == f.Place && a.Category == f.Category && a.Decision.Rule == f.Rule {
			return k.suite.decided(of, &a.Decision)
		}
	}
	return k.suite.decider(of, f.Rule, "redact", f.Transform)
}

// beside is what decided on a place at which nothing was found.
func (k *checker) beside(place string) []Decider {
	for i := range k.out.Answers {
		if a := &k.out.Answers[i]; a.Place != nil && a.Place.Text == place {
			return []Decider{k.suite.decided(place, &a.Decision)}
		}
	}
	return nil
}

func (s *Suite) decided(of string, d *transform.Decision) Decider {
	return s.decider(of, d.Rule, "redact", d.Transform.String())
}
