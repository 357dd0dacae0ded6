package policy

import (
	"cmp"
	"slices"
	"sync"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"weir/policy/party"
	"weir/redact/category"
	"weir/redact/transform"
)

// egress is the section of that name, compiled.
type egress struct {
	clauses
	used     bool    // there is such a section, or its default
	fallback Verdict // where no rule matches
	monitor  bool
	// plans are what is left of the rules for a declared use, by its name; "" is that
	// for all that is not declared, "?" for who could be one of several.
	plans sync.Map
}

// planned is a rule whose condition is not settled to be false.
type planned struct {
	clause    *clause
	condition *condition
}

// The reasons of verdicts that no rule gives.
const (
	noRuleMatches = "no rule matches"
	reasonUnseen  = "it was not seen"
	reasonFailed  = "the rule could not be evaluated"
)

// planFor is what is left of the rules for who receives what v is about. What is
// remembered is bounded: it is told apart by the uses that the policy declares.
func (e *egress) planFor(v *view) []planned {
	r := v.recipient()
	key, static := r.Use, readsService|readsParty
	switch {
	case r.Declared:
		static |= readsPartyName
	case r.Source != party.Registrable && r.Source != party.Unknown:
		// One of several, or a party without a use: what is known of it differs.
		key, static = "?", readsService
	}
	if known, ok := e.plans.Load(key); ok {
		return known.([]planned)
	}
	made := e.plan(v, static)
	e.plans.Store(key, made)
	return made
}

func (e *egress) plan(v *view, known reads) []planned {
	before := v.known
	v.known = known
	defer func() { v.known = before }()
	var out []planned
	for _, c := range e.all {
		if left := c.condition.residual(v); left.op != isFixed || left.fixed != no {
			out = append(out, planned{c, left})
		}
	}
	return out
}

// judge says what `egress` says of what v is about.
func (e *egress) judge(v *view) Egress {
	var out Egress
	residency := &v.policy.document.residency
	if !v.toParty || !e.used && !residency.stated {
		return out
	}
	plan := e.planFor(v)
	v.remember(e.atoms)
	said, done := tally{}, tally{}
	var matched []*clause
	for _, left := range plan {
		c := left.clause
		value, how := c.decide(v, left.condition)
		switch how {
		case no:
			continue
		case yes:
			matched = append(matched, c)
		case unseen:
			out.Unseen = append(out.Unseen, *c.ref)
			value = verdictValue{verdict: c.unseen, reason: reasonUnseen}
		default:
			out.Failed = append(out.Failed, *c.ref)
			value = verdictValue{verdict: c.onError, reason: reasonFailed}
		}
		said.add(c.ref, &value, how == yes)
		if !c.monitor && !e.monitor && !v.seen.Monitor {
			done.add(c.ref, &value, how == yes)
		}
	}
	if value, how := residency.judge(v); how != no {
		ref := residency.rule()
		said.add(ref, &value, how == yes)
		if !e.monitor && !v.seen.Monitor {
			done.add(ref, &value, how == yes)
		}
		if how == unseen {
			out.Unseen = append(out.Unseen, *ref)
		}
	}
	fallback := verdictValue{verdict: e.fallback, reason: noRuleMatches}
	said.end(&fallback)
	if e.monitor || v.seen.Monitor {
		fallback.verdict = Allow
	}
	done.end(&fallback)
	out.Ruling, out.Done = said.ruling(), done.ruling()
	out.Monitored = !sameRuling(&out.Ruling, &out.Done)
	for _, c := range matched {
		if out.By == nil || *c.ref != *out.By {
			out.Matched = append(out.Matched, *c.ref)
		}
	}
	return out
}

// decide evaluates a rule: what it says, and whether it matches. unseen and failed are
// of the condition or of `then`.
func (c *clause) decide(v *view, left *condition) (verdictValue, truth) {
	how := left.truth(v)
	if how != yes {
		return verdictValue{}, how
	}
	value, how := c.value(v)
	if how != yes {
		return verdictValue{}, how
	}
	verdict, ok := value.(verdictValue)
	if !ok {
		return verdictValue{}, failed
	}
	return verdict, yes
}

// value is what `then` comes to: yes, or why it comes to nothing.
func (c *clause) value(v *view) (ref.Val, truth) {
	if c.fixed != nil {
		return c.fixed, yes
	}
	out, _, err := c.program.Eval(v)
	switch {
	case err != nil:
		return nil, failed
	case types.IsUnknown(out):
		return nil, unseen
	}
	return out, yes
}

// tally adds verdicts up.
type tally struct {
	matched bool
	verdict Verdict
	reason  string
	by      *RuleRef
	strip   []category.Key
	rewrite []rewriting
}

// add adds what one rule says; matched is false where it only could have matched.
func (t *tally) add(by *RuleRef, value *verdictValue, matched bool) {
	t.matched = t.matched || matched
	verdict := value.weighed()
	if verdict > t.verdict || t.by == nil && verdict == t.verdict {
		t.verdict, t.reason, t.by = verdict, value.reason, by
	}
	for _, k := range value.strip {
		if !slices.Contains(t.strip, k) {
			t.strip = append(t.strip, k)
		}
	}
	for _, r := range value.rewrite {
		i := slices.IndexFunc(t.rewrite, func(o rewriting) bool { return o.place == r.place })
		if i < 0 {
			t.rewrite = append(t.rewrite, r)
			continue
		}
		t.rewrite[i].transform = transform.Stricter(t.rewrite[i].transform, r.transform)
	}
}

// weighed is the verdict that counts: to strip or to rewrite nothing is to allow.
func (value *verdictValue) weighed() Verdict {
	if value.verdict == Strip && len(value.strip) == 0 || value.verdict == Rewrite && len(value.rewrite) == 0 {
		return Allow
	}
	return value.verdict
}

// end adds the default where no rule matched for sure.
func (t *tally) end(fallback *verdictValue) {
	if !t.matched && (fallback.verdict > t.verdict || t.by == nil) {
		t.verdict, t.reason, t.by = fallback.verdict, fallback.reason, nil
	}
}

func (t *tally) ruling() Ruling {
	r := Ruling{Verdict: t.verdict, Reason: t.reason, By: t.by}
	if t.verdict == Deny {
		return r
	}
	r.Strip = t.strip
	slices.Sort(r.Strip)
	slices.SortFunc(t.rewrite, func(a, b rewriting) int { return cmp.Compare(a.place, b.place) })
	for _, w := range t.rewrite {
		r.Rewrite = append(r.Rewrite, Rewriting{w.place, w.transform.String()})
	}
	return r
}

func sameRuling(a, b *Ruling) bool {
	return a.Verdict == b.Verdict && slices.Equal(a.Strip, b.Strip) && slices.Equal(a.Rewrite, b.Rewrite)
}

// verdictOf is the verdict of that name.
func verdictOf(name string) Verdict {
	return Verdict(max(slices.Index(verdicts[:], name), 0))
}
