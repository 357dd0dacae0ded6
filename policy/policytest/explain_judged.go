package policytest

import (
	"fmt"
	"slices"

	"weir/policy"
)

func whereText(file string, line, column int) string {
	return fmt.Sprintf("%s:%d:%d", file, line, column)
}

// judgedOf explains what the policy judges of an exchange.
type judgedOf struct {
	name   string
	policy *policy.Policy
	seen   *policy.Seen
	judge  *policy.Judgement
}

func (w *judgedOf) egress() *ExplainedVerdict {
	e := &w.judge.Egress
	v := &ExplainedVerdict{Verdict: verdictText(e), Reason: e.Reason, By: placeOf(w.name, e.By), Strip: e.Strip, Rules: w.rules("egress")}
	for _, r := range e.Rewrite {
		v.Rewrite = append(v.Rewrite, r.Place+": "+r.Transform)
	}
	v.Unseen, v.Failed = namesOf(e.Unseen), namesOf(e.Failed)
	return v
}

func namesOf(all []policy.RuleRef) []string {
	var out []string
	for _, r := range all {
		out = append(out, r.Name)
	}
	return out
}

func (w *judgedOf) respond() *ExplainedVerdict {
	v := &ExplainedVerdict{Rules: w.rules("respond")}
	for i := range w.judge.Respond {
		r := &w.judge.Respond[i]
		v.Done = append(v.Done, ExplainedReply{Does: responseText(r), By: placeOf(w.name, r.By)})
	}
	return v
}

// rules are those of a section, each result of a rule once.
func (w *judgedOf) rules(section string) []ExplainedRule {
	out := []ExplainedRule{}
	w.policy.Trace(w.seen, section, func(t policy.RuleTrace) {
		r := ExplainedRule{ExplainedPlace: *placeOf(w.name, &t.Rule), Result: t.Result, Outranked: t.Outranked}
		r.Says = w.policy.Says(t.Rule)
		for _, p := range t.Parts {
			part := ExplainedPart{Text: p.Text, Value: p.Value}
			if n := len(r.Parts); !p.Branch && n > 0 {
				r.Parts[n-1].Reads = append(r.Parts[n-1].Reads, part)
				continue
			}
			r.Parts = append(r.Parts, part)
		}
		if !slices.ContainsFunc(out, func(o ExplainedRule) bool { return sameRule(&o, &r) }) {
			out = append(out, r)
		}
	})
	return out
}

// sameRule is so of a rule that is asked of several cookies with the same answer.
func sameRule(a, b *ExplainedRule) bool {
	return a.ExplainedPlace == b.ExplainedPlace && a.Result == b.Result && a.Outranked == b.Outranked &&
		slices.EqualFunc(a.Parts, b.Parts, func(p, q ExplainedPart) bool { return p.Text == q.Text && p.Value == q.Value })
}

func (w *judgedOf) promises() []ExplainedState {
	out := []ExplainedState{}
	for _, p := range w.judge.Promises {
		out = append(out, ExplainedState{ID: p.ID, State: p.State.String(), Enforced: p.Enforced, jsonPos: positionIn(w.name, p.At)})
	}
	return out
}

func (w *judgedOf) retain() ExplainedTerm {
	r := &w.judge.Retention
	return ExplainedTerm{Class: r.Class, By: placeOf(w.name, r.By), Law: r.Law, Hold: r.Hold, Only: r.Only, Rules: w.rules("retain")}
}
