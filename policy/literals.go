package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"weir/redact/category"
	"weir/redact/raw"
)

// checkLiterals refuses what a field is compared with and can never be: unknown
// categories, kinds and places. A typing error would else be a rule that never
// matches.
func (e *environment) checkLiterals(x *expression, at func(int64) int, note refuse) {
	x.compared(func(variable string, n celast.Expr, text, how string) {
		offset := at(n.ID())
		switch variable {
		case "field.category":
			switch {
			case text == "" && how == "within":
				note(offset, "nothing is within \"\" but the remainder", `field.category == ""`)
			case text != "" && !category.Known(category.Key(text)):
				message, instead := unknownCategory(text)
				note(offset, message, instead)
			}
		case "field.kind":
			if all := kinds(); !slices.Contains(all, text) {
				note(offset, fmt.Sprintf("there is no kind of field %q", cut(text)), nearestOf(text, all))
			}
		case "field.place":
			e.checkPlace(offset, text, how, note)
		}
	})
	e.checkFlowLiterals(x, at, note)
	celast.PostOrderVisit(x.ast.Expr(), celast.NewExprVisitor(func(n celast.Expr) {
		if n.Kind() == celast.CallKind {
			x.checkWithin(n, at, note)
			x.checkConfidence(n, at, note)
			checkConversion(n, at, note)
		}
	}))
}

// checkWithin refuses within() of what has no tree: it would be false for ever.
func (x *expression) checkWithin(n celast.Expr, at func(int64) int, note refuse) {
	c := n.AsCall()
	if c.FunctionName() != "within" || !c.IsMemberFunction() {
		return
	}
	switch x.variable(c.Target()) {
	case "", "field.category", "field.place":
	case "client.address":
		note(at(n.ID()), "within() knows no networks", `cidr("10.0.0.0/8").containsIP(client.address)`)
	default:
		note(at(n.ID()), "within() is asked of field.category or field.place", `field.category.within("user.contact")`)
	}
}

// checkConfidence refuses to compare the confidence with what it never is.
func (x *expression) checkConfidence(n celast.Expr, at func(int64) int, note refuse) {
	switch n.AsCall().FunctionName() {
	case equals, unlike, less, lessEqual, more, moreEqual:
	default:
		return
	}
	sides := n.AsCall().Args()
	for i, side := range sides {
		other := sides[1-i]
		if x.variable(side) != "field.confidence" || other.Kind() != celast.LiteralKind {
			continue
		}
		var number float64
		switch v := other.AsLiteral().(type) {
		case types.Double:
			number = float64(v)
		case types.Int:
			number = float64(v)
		}
		if number >= 0 && number <= 1 {
			continue
		}
		instead := "0.9"
		if number > 1 && number <= 100 {
			instead = strconv.FormatFloat(number/100, 'g', -1, 64)
		}
		note(at(other.ID()), "field.confidence is from 0 to 1", instead)
	}
}

// conversions are what a text can be converted to, which fails at run time where
// the text is none.
var conversions = map[string]struct {
	to            ref.Type
	what, instead string
}{
	"duration":  {types.DurationType, "a duration", `duration("1.5s"), in units of h, m, s, ms`},
	"timestamp": {types.TimestampType, "a time", `timestamp("2026-11-22T00:00:00Z")`},
	"int":       {types.IntType, "a whole number", ""},
	"uint":      {types.UintType, "a whole number", ""},
	"double":    {types.DoubleType, "a number", ""},
	"bool":      {types.BoolType, "true or false", ""},
}

func checkConversion(n celast.Expr, at func(int64) int, note refuse) {
	c := n.AsCall()
	to, ok := conversions[c.FunctionName()]
	if !ok || len(c.Args()) != 1 {
		return
	}
	if text, ok := constant(c.Args()[0]); ok && types.IsError(types.String(text).ConvertToType(to.to)) {
		note(at(c.Args()[0].ID()), fmt.Sprintf("%q is not %s", cut(text), to.what), to.instead)
	}
}

func (e *environment) checkPlace(offset int, text, how string, note refuse) {
	_, name, ok := parsePlace(text)
	if how == "within" && !ok {
		for _, p := range placePrefixes() {
			if category.Key(p).Within(category.Key(text)) {
				ok = true
			}
		}
	}
	placeholder, behind := strings.CutPrefix(text, raw.Path.Place()+".")
	switch {
	case behind && placeholderName.MatchString(placeholder): // that there is one is told later
	case !ok:
		message, instead := noPlace(text, fmt.Sprintf("field.place.within(%q)", text))
		note(offset, message, instead)
	case strings.Contains(name, "**"):
		note(offset, `"**" stands for places in fields: only; a place of which the name is not known ends in ".*"`, "")
	case name != strings.ToLower(name) && (strings.Contains(text, ".header.") || strings.Contains(text, ".trailer.")) && !strings.Contains(text, ".query."):
		note(offset, "names of headers are in lower case here", strings.ToLower(text))
	}
}

func kinds() []string {
	var out []string
	for k := range raw.Kind(raw.KindCount) {
		if !slices.Contains(out, k.String()) {
			out = append(out, k.String())
		}
	}
	return out
}
