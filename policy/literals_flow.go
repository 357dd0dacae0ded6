package policy

import (
	"fmt"
	"slices"

	celast "cel.dev/cel-go/common/ast"

	"weir/policy/source"
	"weir/redact/category"
)

// categoryLists are the variables that hold categories.
var categoryLists = []string{"field.category", "flow.categories", "flow.excess", "party.categories"}

// checkFlowLiterals refuses what is written of flows and can never be: unknown categories,
// purposes that are none, and places that nothing has.
func (e *environment) checkFlowLiterals(x *expression, at func(int64) int, note refuse) {
	keys := func(n celast.Expr) {
		for _, c := range constants(n) {
			if text, ok := constant(c); ok && !category.Known(category.Key(text)) {
				message, instead := unknownCategory(text)
				note(at(c.ID()), message, instead)
			}
		}
	}
	uses := func(n celast.Expr) {
		for _, c := range constants(n) {
			if text, ok := constant(c); ok && !IsDataUse(text) {
				note(at(c.ID()), fmt.Sprintf("%q is no key of a data use", cut(text)), "such as analytics.reporting")
			}
		}
	}
	local := x.locals(categoryLists)
	celast.PostOrderVisit(x.ast.Expr(), celast.NewExprVisitor(func(n celast.Expr) {
		if n.Kind() != celast.CallKind {
			return
		}
		c := n.AsCall()
		if len(c.Args()) == 0 { // which the types refuse, where there should be some
			return
		}
		switch name := c.FunctionName(); {
		case name == "carries", name == "strip" && !c.IsMemberFunction():
			keys(c.Args()[0])
		case name == "given", name == "withdrawn":
			uses(c.Args()[0])
		case name == "rewrite" && c.Args()[0].Kind() == celast.MapKind:
			for _, entry := range c.Args()[0].AsMap().Entries() {
				e.checkRewritten(entry.AsMapEntry().Key(), at, note)
			}
		case name == "within" && c.IsMemberFunction() && local[identOf(c.Target())]:
			keys(c.Args()[0])
		case name == in && slices.Contains(categoryLists[1:], x.variable(c.Args()[1])):
			keys(c.Args()[0])
		case name == equals, name == unlike, name == in:
			for i, side := range c.Args() {
				if local[identOf(side)] {
					keys(c.Args()[1-i])
				}
			}
		}
	}))
}

// checkRewritten refuses a place that a request has not, or that is not written as such.
func (e *environment) checkRewritten(key celast.Expr, at func(int64) int, note refuse) {
	text, ok := constant(key)
	if !ok {
		note(at(key.ID()), "rewrite() takes places as they are written", `rewrite({"url.query.cid": hash()})`)
		return
	}
	e.checkPlace(at(key.ID()), text, equals, note)
}

// locals are the variables of all(), exists() and the like that go through one of some lists.
func (x *expression) locals(lists []string) map[string]bool {
	found := make(map[string]bool)
	celast.PostOrderVisit(x.ast.Expr(), celast.NewExprVisitor(func(n celast.Expr) {
		if n.Kind() == celast.ComprehensionKind && slices.Contains(lists, x.variable(n.AsComprehension().IterRange())) {
			found[n.AsComprehension().IterVar()] = true
		}
	}))
	return found
}

func identOf(n celast.Expr) string {
	if n.Kind() != celast.IdentKind {
		return ""
	}
	return n.AsIdent()
}

// checkParties refuses rules and cookies that name a party or a use that nobody declares.
func (d *document) checkParties(f *source.File) {
	var ids, uses []string
	for _, p := range d.recipients.register.Parties() {
		ids = append(ids, p.ID)
		for _, u := range p.Uses {
			uses = append(uses, p.ID+"/"+u.ID)
		}
	}
	refuse := func(at source.Pos, text string, all []string, what string) {
		if text == "" || slices.Contains(all, text) {
			return
		}
		instead, ok := source.Nearest(text, all)
		if !ok {
			instead = "an entry of it in parties"
		}
		f.Refuse(at, fmt.Sprintf("no %s %q is declared", what, cut(text)), instead)
	}
	check := func(x *expression) {
		x.compared(func(variable string, n celast.Expr, text, _ string) {
			switch variable {
			case "party.id":
				refuse(x.text.At(x.offset(n)), text, ids, "party")
			case "party.use":
				refuse(x.text.At(x.offset(n)), text, uses, "use")
			case "cookie.party":
				refuse(x.text.At(x.offset(n)), text, slices.Concat(uses, []string{"own"}), "use")
			}
		})
	}
	for _, c := range slices.Concat(d.judging.egress, d.judging.respond, d.retains) {
		check(c.when)
		check(c.then)
	}
	for _, p := range d.promises {
		if p.when != nil {
			check(p.when)
		}
		check(p.holds)
	}
	for _, c := range d.judging.cookies.all {
		if c.party != "own" {
			refuse(c.at, c.party, uses, "use")
		}
	}
}
