package policy

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"weir/policy/source"
	"weir/redact/raw"
)

var errNoRetention = errors.New("is no retention")

// retains is `retain` and its default, compiled for a service.
type retains struct {
	clauses
	rules []*retainRule // those that the service does not rule out, in the file's order
	// kinds are all that an entry can fall into, the default first; none are equal.
	kinds []retainKind
	asked sync.Pool // *Seen
}

// retainRule is a rule whose condition is not settled to be false.
type retainRule struct {
	*clause
	retentionValue
	left   *condition
	ground ground
	faults atomic.Uint64
}

// retainKind is a retention with the rule that decides for it.
type retainKind struct {
	rule *retainRule // nil: the default
	Retention
}

// compileRetain plans `retain` of d.
func (p *Policy) compileRetain(all []*clause) *source.Error {
	r := &p.retains
	r.asked.New = func() any { return new(Seen) }
	var wrong *source.Error
	if r.clauses, wrong = compileClauses("retain", all); wrong != nil {
		return wrong
	}
	v := p.look(&Seen{})
	defer v.giveBack()
	if v.known = 0; p.service != "" {
		v.known = readsService
	}
	settled := true
	for _, c := range r.all {
		value, ok := c.fixed.(retentionValue)
		if !ok {
			return &source.Error{Pos: c.at, Message: errNoRetention.Error()}
		}
		made := &retainRule{clause: c, retentionValue: value, left: c.condition.residual(v), ground: value.ground()}
		if made.left.op != isFixed || made.left.fixed != no {
			r.rules = append(r.rules, made)
		}
		settled = settled && made.left.op == isFixed
	}
	r.list(Retention{Class: p.class, Keep: p.retain})
	if settled {
		r.kinds = []retainKind{r.kinds[r.decide(v)]}
	}
	return nil
}

// list works out the kinds.
func (r *retains) list(fallback Retention) {
	r.kinds = []retainKind{{nil, fallback}}
	for _, rule := range r.rules {
		r.kinds = append(r.kinds, retainKind{rule, rule.kept(rule)})
		if rule.ground != hold {
			continue
		}
		for _, law := range r.rules { // a hold never shortens what a law asks for
			if law.ground == byLaw && law.keep > rule.keep && !slices.ContainsFunc(r.kinds, func(k retainKind) bool { return k.rule == rule && k.Keep == law.keep }) {
				r.kinds = append(r.kinds, retainKind{rule, rule.kept(law)})
			}
		}
	}
}

// kept is the retention that rule decides for, as long as longest says.
func (rule *retainRule) kept(longest *retainRule) Retention {
	return Retention{Class: source.FormatDuration(longest.keep), Keep: longest.keep, By: rule.ref,
		Law: cmp.Or(rule.law, longest.law), Hold: rule.hold, Only: rule.only}
}

// decide is which of kinds the entry falls into that v is about. The strongest ground
// decides, of equals the longest, for erasure the shortest.
//
// A rule that cannot be evaluated counts where entries must be kept, or must go: nobody
// who makes it fail gets away with that. One that asks for what was not seen does not.
func (r *retains) decide(v *view) int {
	var best, law *retainRule
	for _, rule := range r.rules {
		switch rule.left.truth(v) {
		case yes:
		case failed:
			rule.faults.Add(1)
			if rule.ground == ceiling {
				continue
			}
		default:
			continue
		}
		if best == nil || rule.before(best) {
			best = rule
		}
		if rule.ground == byLaw && (law == nil || rule.keep > law.keep) {
			law = rule
		}
	}
	keep := time.Duration(0)
	if best != nil {
		keep = best.keep
		if best.ground == hold && law != nil {
			keep = max(keep, law.keep)
		}
	}
	for i := range r.kinds {
		if k := &r.kinds[i]; k.rule == best && (best == nil || k.Keep == keep) {
			return i
		}
	}
	return 0
}

// before reports whether rule decides before other, which stands before it in the file.
func (rule *retainRule) before(other *retainRule) bool {
	switch {
	case rule.ground != other.ground:
		return rule.ground > other.ground
	case rule.ground == erasure:
		return rule.keep < other.keep
	}
	return rule.keep > other.keep
}

// Retentions are those that entries can have, `defaults.retain` first: where the
// service alone decides, the one that it has. Several may be of one class.
func (p *Policy) Retentions() []raw.Retention {
	out := make([]raw.Retention, len(p.retains.kinds))
	for i, k := range p.retains.kinds {
		out[i] = raw.Retention{Class: k.Class, Keep: k.Keep, Only: k.Only}
	}
	return out
}

// Retained is which of Retentions the entry of x has, which has ended.
func (p *Policy) Retained(x *raw.Exchange) int {
	s := p.retains.asked.Get().(*Seen)
	s.Exchange = x
	v := p.look(s)
	i := p.retains.decided(v)
	v.giveBack()
	s.Exchange = nil
	p.retains.asked.Put(s)
	return i
}

// Retention is how long the entry of an exchange is kept, by which rule and why.
func (p *Policy) Retention(s *Seen) Retention {
	v := p.look(s)
	defer v.giveBack()
	return p.retention(v)
}

func (p *Policy) retention(v *view) Retention { return p.retains.kinds[p.retains.decided(v)].Retention }

// decided is decide, where there is anything to be decided.
func (r *retains) decided(v *view) int {
	if len(r.kinds) == 1 {
		return 0
	}
	v.remember(r.atoms)
	return r.decide(v)
}

// Classes are all retentions that entries can have, the longest last.
func (p *Policy) Classes() []Retention {
	var out []Retention
	for _, k := range p.retains.kinds {
		out = append(out, k.Retention)
	}
	slices.SortStableFunc(out, func(a, b Retention) int { return cmp.Compare(a.Keep, b.Keep) })
	return out
}

// traceRetain tells of the rules of `retain`.
func (p *Policy) traceRetain(v *view, yield func(RuleTrace)) {
	kept := p.retention(v)
	for _, c := range p.retains.all {
		t := c.trace(v)
		t.Outranked = t.Result == traced[yes] && kept.By != c.ref && !p.retains.agrees(c, &kept)
		yield(t)
	}
}

// agrees reports whether a rule that did not decide asks for what is done: as long for the
// same places, on the same ground or, as a law beneath a hold, for its time.
func (r *retains) agrees(c *clause, kept *Retention) bool {
	i := slices.IndexFunc(r.rules, func(o *retainRule) bool { return o.ref == c.ref })
	by := slices.IndexFunc(r.rules, func(o *retainRule) bool { return o.ref == kept.By })
	if i < 0 || by < 0 || r.rules[i].keep != kept.Keep {
		return false
	}
	rule, best := r.rules[i], r.rules[by]
	lengthens := rule.ground == byLaw && best.ground == hold && kept.Keep > best.keep
	return lengthens || rule.ground == best.ground && slices.Equal(rule.only, kept.Only)
}
