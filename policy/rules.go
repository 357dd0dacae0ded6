package policy

import (
	"fmt"
	"regexp"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"weir/policy/source"
)

var use = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)

// IsDataUse reports whether text has the form of a key of Fideslang's data uses, such as
// essential.service.security.
func IsDataUse(text string) bool { return use.MatchString(text) }

func readRules(f *source.File, n source.Node) []*ruleText {
	var out []*ruleText
	seen := make(map[string]source.Pos)
	when, then := redacting().when, redacting().then
	for i, entry := range n.List() {
		if i == maxRules {
			entry.Refuse(fmt.Sprintf("there are more than %d rules", maxRules), "")
			break
		}
		if entry.Is("text") {
			entry.Refuse("expected a rule, found text", `- {name: mail, when: 'field.category.within("user.contact")', then: drop()}`)
			continue
		}
		m := entry.Map(source.Keys{Known: []string{"name", "purpose", "when", "then"}, Elsewhere: map[string]string{"mode": "nothing, for redact has no monitor mode"}})
		r := &ruleText{at: entry.Pos()}
		name := m.Require("name", "name: what the rule is for").Word()
		r.name = name.Value
		if len(r.name) > 200 {
			f.Refuse(name.Pos, "a name is at most 200 bytes", "")
		}
		if first, again := seen[r.name]; again && r.name != "" {
			f.Refuse(name.Pos, fmt.Sprintf("the rule in %s has the same name, and entries tell rules by their names", first.Where()), "another name")
		}
		seen[r.name] = r.at
		if purpose := m.Get("purpose"); purpose.Exists() {
			if t := purpose.Word(); t.Value != "" && !IsDataUse(t.Value) {
				purpose.Refuse(fmt.Sprintf("%q is no key of a data use", cut(t.Value)), "such as essential.service.security")
			}
		}
		ok1, ok2 := false, false
		if text := m.Require("when", `when: 'field.category.within("user.contact")'`); text.Is("text") {
			r.when, ok1 = when.compile(f, text.Text(), cel.BoolType)
		} else if text.Is("true or false") {
			text.Refuse("`when` is an expression, and so in quotes", `"true"`)
		} else if text.Exists() {
			text.Refuse("`when` is an expression", when.example())
		}
		if text := m.Require("then", "then: drop()"); text.Is("text") {
			r.then, ok2 = then.compile(f, text.Text(), transformType)
		} else if text.Exists() {
			text.Refuse("`then` is an expression", then.example())
		}
		if ok1 && ok2 {
			out = append(out, r)
		}
	}
	return out
}

// learn tells k what names and places an expression writes.
func (x *expression) learn(k *knowledge) {
	for _, text := range x.literals() {
		k.place(text)
	}
	x.compared(func(variable string, n celast.Expr, text, _ string) {
		if variable == "field.name" {
			k.name(text)
		}
	})
}

// compared calls yield for each constant text that a variable is compared with,
// by ==, != or in, or that it is asked to be within; how is the function.
func (x *expression) compared(yield func(variable string, n celast.Expr, text, how string)) {
	celast.PostOrderVisit(x.ast.Expr(), celast.NewExprVisitor(func(n celast.Expr) {
		if n.Kind() != celast.CallKind {
			return
		}
		c := n.AsCall()
		var sides []celast.Expr
		switch c.FunctionName() {
		case equals, unlike, in:
			sides = c.Args()
		case "within":
			sides = append([]celast.Expr{c.Target()}, c.Args()...)
		}
		if len(sides) != 2 {
			return
		}
		for i, side := range sides {
			variable := x.variable(side)
			if variable == "" {
				continue
			}
			for _, v := range constants(sides[1-i]) {
				if text, ok := constant(v); ok {
					yield(variable, v, text, c.FunctionName())
				}
			}
		}
	}))
}

// namesOnly reports whether the place and the name are only compared with
// constants, or the place with a whole shelf: then places whose names stand in no rule are all alike.
func (x *expression) namesOnly() bool {
	asked, compared := 0, 0
	celast.PostOrderVisit(x.ast.Expr(), celast.NewExprVisitor(func(n celast.Expr) {
		if v := x.variable(n); v == "field.place" || v == "field.name" {
			asked++
		}
		if n.Kind() != celast.CallKind {
			return
		}
		switch c := n.AsCall(); c.FunctionName() {
		case equals, unlike, in:
		case "within":
			// Below a whole shelf or beside it: the same for all that stands there.
			if text, ok := constant(c.Args()[0]); ok && x.variable(c.Target()) == "field.place" {
				if _, name, _ := parsePlace(text); name == "" {
					compared++
				}
			}
			return
		default:
			return
		}
		for i, side := range n.AsCall().Args() {
			if v := x.variable(side); v != "field.place" && v != "field.name" {
				continue
			}
			fixed := true
			for _, c := range constants(n.AsCall().Args()[1-i]) {
				_, ok := constant(c)
				fixed = fixed && ok
			}
			if fixed {
				compared++
			}
		}
	}))
	return asked == compared
}

// constants are a node itself, or the elements of the list that it is.
func constants(n celast.Expr) []celast.Expr {
	if n.Kind() == celast.ListKind {
		return n.AsList().Elements()
	}
	return []celast.Expr{n}
}

// thresholds are the constants that the confidence is compared with; ok is false
// where anything else is done with it.
func (x *expression) thresholds() (all []float64, ok bool) {
	asked, compared := 0, 0
	celast.PostOrderVisit(x.ast.Expr(), celast.NewExprVisitor(func(n celast.Expr) {
		if x.variable(n) == "field.confidence" {
			asked++
		}
		if n.Kind() != celast.CallKind {
			return
		}
		switch n.AsCall().FunctionName() {
		case equals, unlike, less, lessEqual, more, moreEqual:
		default:
			return
		}
		sides := n.AsCall().Args()
		for i, side := range sides {
			if x.variable(side) != "field.confidence" || sides[1-i].Kind() != celast.LiteralKind {
				continue
			}
			switch v := sides[1-i].AsLiteral().(type) {
			case types.Double:
				all = append(all, float64(v))
				compared++
			case types.Int:
				all = append(all, float64(v))
				compared++
			}
		}
	}))
	return all, asked == compared
}
