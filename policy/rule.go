package policy

import (
	"errors"
	"sync/atomic"

	celast "cel.dev/cel-go/common/ast"

	"cel.dev/cel-go/cel"

	"weir/policy/source"
	"weir/redact/transform"
)

// rule is one of `redact`, compiled.
type rule struct {
	name   string
	number int // in the file's order
	at     source.Pos
	when   *expression
	then   *expression

	condition *condition
	// category is set where `when` tests field.category: only such a rule decides
	// findings.
	category bool
	// fixed is what `then` comes to where it reads nothing.
	fixed  *transform.Transform
	choose cel.Program
	faults atomic.Uint64
}

// compile plans the rule's programs.
func (r *rule) compile(a *atoms) error {
	var err error
	if r.condition, err = a.take(r.when, r.when.ast.Expr()); err != nil {
		return err
	}
	r.category = r.when.reads&readsCategory != 0
	if r.choose, err = r.then.part(r.then.ast.Expr()); err != nil {
		return err
	}
	if r.then.reads == 0 {
		t, err := run(r.choose, cel.NoVars())
		if err != nil {
			return err
		}
		r.fixed = &t
	}
	return nil
}

var errNoTransform = errors.New("is no transform")

func run(p cel.Program, vars cel.Activation) (transform.Transform, error) {
	v, _, err := p.Eval(vars)
	if err != nil {
		return transform.Drop(), err
	}
	t, ok := v.(transformValue)
	if !ok {
		return transform.Drop(), errNoTransform
	}
	return t.Transform, nil
}

// checkMade runs what `then` makes where its parameters are constant, to tell of wrong
// ones where they stand.
func (x *expression) checkMade(note func(id int64, message string)) {
	told := false
	celast.PostOrderVisit(x.ast.Expr(), celast.NewExprVisitor(func(n celast.Expr) {
		if told || x.in.key != "then" || n.Kind() != celast.CallKind || n.AsCall().FunctionName() == ternary || x.readsOf(n) != 0 {
			return
		}
		p, err := x.part(n)
		if err != nil {
			told = true
			note(n.ID(), "cannot be planned: "+err.Error())
			return
		}
		if _, _, err := p.Eval(cel.NoVars()); err != nil {
			told = true
			note(n.ID(), err.Error())
		}
	}))
}

// decision is what the rule answers. A `then` that fails drops, and is counted.
func (r *rule) decision(f *facts) transform.Decision {
	d := transform.Decision{Rule: r.name, Line: r.at.Line, Column: r.at.Column}
	if r.fixed != nil {
		d.Transform = *r.fixed
		return d
	}
	t, err := run(r.choose, f)
	if err != nil {
		return r.failed()
	}
	d.Transform = t
	return d
}

// failed is the answer of a rule that could not be evaluated.
func (r *rule) failed() transform.Decision {
	r.faults.Add(1)
	return transform.Decision{Transform: transform.Drop(), Rule: r.name, Line: r.at.Line, Column: r.at.Column}
}
