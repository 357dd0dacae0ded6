package policy

import (
	"unicode"

	celast "cel.dev/cel-go/common/ast"

	"weir/policy/source"
	"weir/redact/raw"
)

// RedactRules are the rules of `redact`, in their order.
func (p *Policy) RedactRules() []RuleRef {
	refs := make([]RuleRef, len(p.rules))
	for i, r := range p.rules {
		refs[i] = refOf(r)
	}
	return refs
}

func refOf(r *rule) RuleRef {
	return RuleRef{Name: r.name, At: r.at, Section: "redact"}
}

// PromiseRefs are the promises, in their order; the name of each is its id.
func (p *Policy) PromiseRefs() []RuleRef {
	refs := make([]RuleRef, len(p.promises.all))
	for i, one := range p.promises.all {
		refs[i] = RuleRef{Name: one.id, At: one.at, Section: "promises"}
	}
	return refs
}

// TraceQuestion tells how each rule of `redact` comes to its result for one question, up
// to the one that decides. Rules that the question is not put to, as those that do not
// test field.category where it is about a finding, are left out. Of the parts only
// those that were evaluated are told, each true, false or error.
func (p *Policy) TraceQuestion(q *raw.Question, yield func(RuleTrace)) {
	pl := p.places.of(q.Place)
	if pl == nil {
		return // of another policy
	}
	f := takeFacts(p, q, pl, ^reads(0))
	defer f.giveBack()
	for _, r := range p.rules {
		if q.Category != "" && !r.category {
			continue
		}
		t := tracer{asks: f, of: r.when}
		result := t.trace(r.condition, r.when.ast.Expr())
		yield(RuleTrace{Rule: refOf(r), Result: traced[result], Parts: t.parts})
		if result != no {
			return
		}
	}
}

// traced are the words for what a part came to.
var traced = [...]string{no: "false", yes: "true", failed: "error", unseen: "unknown", open: "unknown"}

// tracer evaluates a condition beside the expression that it was made of.
type tracer struct {
	asks  evaluator
	of    *expression
	parts []PartTrace
	// values, where it is set, tells what the variables of a part were.
	values func(part celast.Expr)
}

func (t *tracer) trace(c *condition, n celast.Expr) truth {
	switch c.op {
	case isFixed:
		return c.fixed
	case isAtom:
		result := t.asks.atom(c.atom)
		t.parts = append(t.parts, PartTrace{Text: t.of.written(n), Value: traced[result], At: t.at(n), Branch: true})
		if t.values != nil {
			t.values(n)
		}
		return result
	}
	args := n.AsCall().Args()
	switch c.op {
	case isNot:
		return negate(t.trace(c.below[0], args[0]))
	case isChoice:
		switch result := t.trace(c.below[0], args[0]); result {
		case yes:
			return t.trace(c.below[1], args[1])
		case no:
			return t.trace(c.below[2], args[2])
		default:
			return result
		}
	}
	decides := no
	if c.op == isOr {
		decides = yes
	}
	result := negate(decides)
	for i, b := range c.below {
		switch r := t.trace(b, args[i]); r {
		case decides:
			return decides
		case failed, unseen:
			result = max(result, r)
		}
	}
	return result
}

// at is where a part begins: CEL has a call at its name, and a variable at its last dot.
func (t *tracer) at(n celast.Expr) source.Pos {
	first := t.of.offset(n)
	celast.PostOrderVisit(n, celast.NewExprVisitor(func(n celast.Expr) { first = min(first, t.of.offset(n)) }))
	text := []rune(t.of.text.Value)
	for dot := first; dot < len(text) && text[dot] == '.'; {
		for first > 0 && (unicode.IsLetter(text[first-1]) || unicode.IsDigit(text[first-1]) || text[first-1] == '_') {
			first--
		}
		if dot = first - 1; dot < 0 || text[dot] != '.' {
			break
		}
		first = dot
	}
	return t.of.text.At(first)
}

// RedactBranches are the parts that the conditions of `redact` turn on, by rule, in the
// order of RedactRules. Their Value is empty.
func (p *Policy) RedactBranches() [][]PartTrace {
	all := make([][]PartTrace, len(p.rules))
	for i, r := range p.rules {
		t := tracer{of: r.when}
		t.branches(r.condition, r.when.ast.Expr())
		all[i] = t.parts
	}
	return all
}

func (t *tracer) branches(c *condition, n celast.Expr) {
	if c.op == isAtom {
		t.parts = append(t.parts, PartTrace{Text: t.of.written(n), At: t.at(n), Branch: true})
	}
	for i, b := range c.below {
		t.branches(b, n.AsCall().Args()[i])
	}
}
