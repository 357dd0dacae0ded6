package policy

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"

	"weir/policy/party"
	"weir/redact/raw"
)

// impossible tells of conditions that can not be true, in all sections, whoever receives
// the request: a variable is compared with what it never is.
func (l *lint) impossible() {
	told := make(map[string]bool) // rules of which that is said already
	for _, r := range l.found {
		told[r.About] = told[r.About] || r.Name == "rule-never-matches" || r.Name == "promise-unconcerned"
	}
	n := l.never()
	ask := func(section, name string, x *expression) {
		if l.about = section + "." + name; x != nil && !told[l.about] {
			n.tell(l, x)
		}
	}
	for _, r := range l.policy.rules {
		ask("redact", r.name, r.when)
	}
	d := l.policy.document
	for _, s := range []struct {
		name string
		all  []*clause
	}{{"egress", d.judging.egress}, {"respond", d.judging.respond}, {"retain", d.retains}} {
		for _, c := range s.all {
			ask(s.name, c.name, c.when)
		}
	}
	for _, p := range d.promises {
		ask("promises", p.id, p.when)
	}
}

// never knows what variables can be: by variable, all texts.
type never struct {
	values  map[string][]string
	country func(code string) bool
}

func (l *lint) never() *never {
	country := func(code string) bool { return slices.Contains(countries(), code) || l.policy.law.Names(code) }
	n := &never{country: country, values: map[string][]string{
		"request.scheme":  {raw.SchemeUnknown.String(), raw.HTTP.String(), raw.HTTPS.String()},
		"request.tls":     {"", tlsVersion(0x0301), tlsVersion(0x0302), tlsVersion(0x0303), tlsVersion(0x0304)},
		"flow.direction":  {raw.Inbound.String(), raw.Outbound.String()},
		"flow.visibility": {raw.SeenHeaders.String(), raw.SeenFull.String(), raw.SeenTunnel.String()},
		"party.source":    {"", party.Declared, party.Undecided, party.Elsewhere, party.Registrable, party.Unknown},
		"party.country":   {""},
		"party.role":      {""},
		"party.basis":     {""},
		"request.route":   {""},
	}}
	add := func(variable, text string) { n.values[variable] = append(n.values[variable], text) }
	for _, p := range l.policy.parties.Parties() {
		add("party.country", p.Country)
		add("party.role", p.Role)
		for _, u := range p.Uses {
			add("party.basis", u.Basis)
		}
	}
	for _, t := range l.policy.document.routes {
		add("request.route", t.written())
	}
	return n
}

// tell says where a condition asks for what is never so.
func (n *never) tell(l *lint, x *expression) {
	told := make(map[int64]bool)
	celast.PostOrderVisit(x.ast.Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		if e.Kind() != celast.CallKind {
			return
		}
		say := func(at celast.Expr, message, instead string) {
			if told[at.ID()] {
				return
			}
			told[at.ID()] = true
			l.say("rule-never-matches", x.text.At(x.offset(at)), message, instead)
		}
		c := e.AsCall()
		switch c.FunctionName() {
		case equals, in:
			n.compared(x, c.Args(), say)
		case "under":
			n.under(x, c, say)
		case "adequate":
			if text, ok := constant(c.Args()[0]); ok && !n.country(text) {
				say(c.Args()[0], fmt.Sprintf("%q is the code of no country: this is never true", cut(text)), "two capital letters, such as DK")
			}
		case and:
			contradicts(x, e, say)
		}
	}))
}

// compared tells of == with what a variable never is, and of a list without any that it is.
func (n *never) compared(x *expression, sides []celast.Expr, say func(celast.Expr, string, string)) {
	for i, side := range sides {
		variable := x.variable(side)
		can, closed := n.values[variable]
		if !closed {
			continue
		}
		var texts []string
		for _, e := range constants(sides[1-i]) {
			text, ok := constant(e)
			if !ok || slices.Contains(can, text) {
				return
			}
			texts = append(texts, fmt.Sprintf("%q", cut(text)))
		}
		if len(texts) > 0 {
			say(sides[1-i], fmt.Sprintf("%s is never %s here: this is never true", variable, strings.Join(texts, " or ")), n.instead(variable))
		}
	}
}

func (n *never) under(x *expression, c celast.CallExpr, say func(celast.Expr, string, string)) {
	above, ok := constant(c.Args()[0])
	if !ok || x.variable(c.Target()) != "request.route" {
		return
	}
	if !slices.ContainsFunc(n.values["request.route"], func(route string) bool { return under(route, above) }) {
		say(c.Args()[0], fmt.Sprintf("no route of the policy is under %q: this is never true", cut(above)), n.instead("request.route"))
	}
}

// instead is what a variable can be.
func (n *never) instead(variable string) string {
	if variable == "request.route" {
		return "request.path, or such a route in `routes`"
	}
	all := slices.Compact(slices.Sorted(slices.Values(n.values[variable])))
	all = slices.DeleteFunc(all, func(text string) bool { return text == "" })
	switch {
	case len(all) == 0:
		return "such a party in `parties`"
	case len(all) > 10:
		all = append(all[:10], "…")
	}
	return "one of " + strings.Join(all, ", ")
}

// contradicts tells of parts joined by && of which no text can meet each.
func contradicts(x *expression, e celast.Expr, say func(celast.Expr, string, string)) {
	left := make(map[string][]string)
	for _, part := range conjuncts(e) {
		if part.Kind() != celast.CallKind {
			continue
		}
		c := part.AsCall()
		name := c.FunctionName()
		if name != equals && name != in {
			continue
		}
		for i, side := range c.Args() {
			variable := x.variable(side)
			texts, ok := allTexts(c.Args()[1-i])
			if variable == "" || !ok || !x.in.variables[variable].typ.IsExactType(cel.StringType) {
				continue
			}
			before, again := left[variable]
			if again {
				texts = slices.DeleteFunc(texts, func(text string) bool { return !slices.Contains(before, text) })
			}
			if left[variable] = texts; again && len(before) > 0 && len(texts) == 0 {
				say(c.Args()[1-i], variable+" is never both this and what is asked for before: this is never true", "|| between them")
			}
		}
	}
}

// conjuncts are the parts that && joins.
func conjuncts(e celast.Expr) []celast.Expr {
	if e.Kind() != celast.CallKind || e.AsCall().FunctionName() != and {
		return []celast.Expr{e}
	}
	var out []celast.Expr
	for _, part := range e.AsCall().Args() {
		out = append(out, conjuncts(part)...)
	}
	return out
}

// allTexts are the constant texts that n is, or that are in the list that it is.
func allTexts(n celast.Expr) (texts []string, ok bool) {
	for _, e := range constants(n) {
		text, ok := constant(e)
		if !ok {
			return nil, false
		}
		texts = append(texts, text)
	}
	return texts, true
}

// outranked tells of rules of `egress` that never decide, as another one denies wherever
// they match: the order of them does not count.
func (l *lint) outranked() {
	all := l.policy.egress.all
	for _, c := range all {
		value, ok := c.fixed.(verdictValue)
		if !ok || value.verdict == Deny {
			continue
		}
		if by := deniedBy(all, c); by != nil {
			l.about = "egress." + c.name
			l.say("rule-never-decides", c.at, fmt.Sprintf("the rule %q never decides: wherever it matches so does %q in %s, and to deny outranks all else", cut(c.name), cut(by.name), by.at.Where()),
				"a `when` there that leaves out what this one is about")
		}
	}
}

func deniedBy(all []*clause, c *clause) *clause {
	text := c.when.written(c.when.ast.Expr())
	for _, by := range all {
		value, ok := by.fixed.(verdictValue)
		if !ok || value.verdict != Deny || by.monitor && !c.monitor {
			continue
		}
		always := by.condition.op == isFixed && by.condition.fixed == yes
		same := by.unseen >= c.unseen && by.onError >= c.onError && by.when.written(by.when.ast.Expr()) == text
		if always || same {
			return by
		}
	}
	return nil
}
