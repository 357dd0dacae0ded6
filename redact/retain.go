package redact

import (
	"slices"

	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// retention is how long an entry is kept, and what it holds.
type retention struct {
	raw.Retention
	only   *record.Only // nil: all
	number int          // of its class
}

// retentions are those of one policy, the default first.
type retentions struct {
	decider Decider
	all     []retention
	classes []raw.Retention // one of each class
}

// retentions makes those of a policy ready, and remembers those of the last one.
func (e *Engine) retentions(d Decider) (*retentions, error) {
	if known := e.retained.Load(); known != nil && known.decider == d {
		return known, nil
	}
	made := &retentions{decider: d}
	for _, r := range d.Retentions() {
		next := retention{Retention: r}
		if r.Only != nil {
			var err error
			if next.only, err = record.NewOnly(r.Only); err != nil {
				return nil, err
			}
		}
		next.number = slices.IndexFunc(made.classes, func(c raw.Retention) bool { return c.Class == r.Class })
		if next.number < 0 {
			next.number = len(made.classes)
			made.classes = append(made.classes, r)
		}
		made.all = append(made.all, next)
	}
	e.retained.Store(made)
	return made, nil
}

// retain asks the policy for the retention of x's entry, which has ended. Its
// pseudonyms are of that class: so it comes before any is made.
func (s *state) retain(x *raw.Exchange) {
	if s.madeFor != &s.kept.classes[0] {
		s.madeFor, s.makers = &s.kept.classes[0], nil
	}
	if len(s.kept.all) == 1 {
		return
	}
	s.retention = &s.kept.all[s.decider.Retained(x)]
	s.maker = s.makerOf(s.retention.Class)
	for i := range s.makers {
		if m := &s.makers[i]; m.Maker != s.maker { // so that it holds no key that is destroyed
			m.Begin(m.class, x.Started)
			_ = m.Epoch()
		}
	}
}

// maxMakers bounds the classes that a state has a maker of its own for.
const maxMakers = 8

// classMaker is a maker that keeps the keys of one class at hand.
type classMaker struct {
	class string
	*transform.Maker
}

// makerOf returns the maker for a class: one for all would work out its keys anew
// whenever the class changes.
func (s *state) makerOf(class string) *transform.Maker {
	for i := range s.makers {
		if s.makers[i].class == class {
			return s.makers[i].Maker
		}
	}
	switch n := len(s.makers); n {
	case 0:
		s.makers = append(s.makers, classMaker{class, s.maker})
	case maxMakers:
		return s.makers[n-1].Maker
	default:
		s.makers = append(s.makers, classMaker{class, transform.NewMaker(s.engine.makers)})
	}
	return s.makers[len(s.makers)-1].Maker
}

// limit leaves in the entry what its retention lets it hold. What was found is
// counted all the same, and spans are made.
func (s *state) limit() {
	s.told, s.trace = s.entry.Redacted, s.entry.Trace
	if s.retention.only != nil {
		s.entry.Limit(s.retention.only)
	}
}
