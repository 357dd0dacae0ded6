package policy

import (
	"fmt"

	"weir/policy/source"
)

// retentions tells of rules of `retain` that nothing comes of, and of erasures that
// come late.
func (l *lint) retentions() {
	p := l.policy
	v := p.look(&Seen{})
	defer v.giveBack()
	v.known = 0
	for _, c := range p.retains.all {
		l.about = "retain." + c.name
		if left := c.condition.residual(v); left.op == isFixed && left.fixed == no {
			l.say("rule-never-matches", c.at, fmt.Sprintf("the rule %q can never match", cut(c.name)), "")
		}
	}
	for i, r := range p.retains.rules {
		l.about = "retain." + r.name
		if by := p.retains.above(i); by != nil {
			l.say("rule-never-decides", r.at, fmt.Sprintf("the rule %q never decides: wherever it matches so does %q in %s, which %s", cut(r.name), cut(by.name), by.at.Where(), by.beats(r)),
				"a `when` there that leaves out what this one is about")
		}
		if r.ground == erasure && p.retain > 0 && r.keep > p.retain {
			l.say("erasure-late", r.then.text.Pos, fmt.Sprintf("what is to be erased is kept for %s, longer than what no rule matches, %s", source.FormatDuration(r.keep), p.class), "keep_for(days(1)).erasure()")
		}
	}
}

// above is a rule that always decides in the place of the one with number i.
func (r *retains) above(i int) *retainRule {
	rule := r.rules[i]
	for j, other := range r.rules {
		always := other.left.op == isFixed && other.left.fixed == yes || other.when.written(other.when.ast.Expr()) == rule.when.written(rule.when.ast.Expr())
		lengthens := other.ground == hold && rule.ground == byLaw && rule.keep > other.keep
		if j != i && always && !lengthens && (other.before(rule) || j < i && !rule.before(other)) {
			return other
		}
	}
	return nil
}

// beats says why rule decides before other.
func (rule *retainRule) beats(other *retainRule) string {
	switch {
	case rule.ground != other.ground:
		return "has the stronger ground"
	case rule.keep == other.keep:
		return "keeps entries as long"
	case rule.ground == erasure:
		return "erases them earlier"
	}
	return "keeps entries longer"
}
