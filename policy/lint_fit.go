package policy

import (
	"fmt"
	"strings"

	celast "cel.dev/cel-go/common/ast"

	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/transform"
)

// readable are the transforms that can read values of one category alone.
var readable = map[transform.Kind]struct {
	category category.Key
	what     string
	beside   bool // what is beside findings may be such a value as well
}{
	transform.KindTruncate:      {category.IPAddress, "addresses", false},
	transform.KindEncrypt:       {category.IPAddress, "addresses", false},
	transform.KindEncryptPrefix: {category.IPAddress, "addresses", false},
	transform.KindDomain:        {category.Email, "mail addresses", false},
	transform.KindPhoneCountry:  {category.PhoneNumber, "telephone numbers", false},
	transform.KindYear:          {category.DateOfBirth, "dates", true},
	transform.KindMonth:         {category.DateOfBirth, "dates", true},
	transform.KindCoordinates:   {"user.location", "coordinates", true},
}

// unfit tells of rules whose transform can read nothing else than one category,
// and that name others: values of those are dropped by it. What categories of
// one's own hold is not known here.
func (l *lint) unfit(r *rule) {
	if r.fixed == nil {
		return
	}
	fit, ok := readable[r.fixed.Kind()]
	if !ok {
		return
	}
	warn := func(what string) {
		l.say("transform-unfit", r.then.text.Pos, fmt.Sprintf("%s is for %s: %s dropped by it", r.fixed, fit.what, what), fmt.Sprintf("field.category.within(%q) in `when`", fit.category))
	}
	if !r.category {
		if !fit.beside && !r.ofAddresses() {
			warn("what is beside findings is")
		}
		return
	}
	told := false
	r.when.compared(func(variable string, n celast.Expr, text, how string) {
		k := category.Key(text)
		if told || variable != "field.category" || how == unlike || k.Within(fit.category) || k == "" && fit.beside || k != "" && !k.Within("user") && !k.Within("system") {
			return
		}
		told = true
		if k == "" {
			warn("what is beside findings is")
		} else {
			warn(fmt.Sprintf("other values of %s are", k))
		}
	})
}

// begins tells of rules that ask how a place begins, beyond where names begin: the
// place of a name that nobody knows has * for it.
func (l *lint) begins(r *rule) {
	celast.PostOrderVisit(r.when.ast.Expr(), celast.NewExprVisitor(func(n celast.Expr) {
		if n.Kind() != celast.CallKind || n.AsCall().FunctionName() != "startsWith" || r.when.variable(n.AsCall().Target()) != "field.place" {
			return
		}
		text, ok := constant(n.AsCall().Args()[0])
		for kind := range raw.Kind(raw.KindCount) {
			s := l.policy.places.shelves[kind]
			if !ok || s == nil {
				continue
			}
			if name, below := strings.CutPrefix(text, s.prefix+"."); below && name != "" && name != "*" {
				l.say("place-begins", r.when.text.At(r.when.offset(n.AsCall().Args()[0])), fmt.Sprintf("the place of a name that neither the policy nor weir knows is %s.*: it does not begin like that", s.prefix),
					fmt.Sprintf("field.name.startsWith(%q)", name))
			}
		}
	}))
}
