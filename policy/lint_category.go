package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	celast "cel.dev/cel-go/common/ast"

	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/transform"
)

// findable are the categories that something can be found to be: by its form, by its
// name, or because the policy says so.
func (l *lint) findable() []category.Key {
	d := l.policy.document
	all := append(detect.ByForm(), d.vocabulary.Categories()...)
	for _, f := range d.fields {
		all = append(all, f.category)
	}
	for _, o := range d.detection.own {
		all = append(all, o.category)
	}
	for _, r := range d.routes {
		for _, s := range r.segments {
			if s.category != "" {
				all = append(all, s.category)
			}
		}
	}
	return all
}

// unfindable tells of categories that nothing is ever found to be where the policy relies
// on their being seen: that such a value is not there would be claimed and not known.
func (l *lint) unfindable() {
	all := l.findable()
	found := func(k category.Key) bool {
		return k == "" || slices.ContainsFunc(all, func(f category.Key) bool { return f.Within(k) })
	}
	const instead = "an entry of it in fields, or in detect"
	for _, p := range l.policy.Parties().Parties() {
		for _, u := range p.Uses {
			l.about = "parties." + p.ID + ".uses." + u.ID
			for _, k := range u.Categories {
				if !found(k) {
					l.say("category-unfindable", u.At, fmt.Sprintf("nothing is ever found to be %s, which is declared here", k), instead)
				}
			}
		}
	}
	for _, c := range l.policy.document.collects {
		l.about = "collects"
		for i, k := range c.Categories {
			if !found(k) {
				l.say("category-unfindable", c.places[i], fmt.Sprintf("nothing is ever found to be %s", k), instead)
			}
		}
	}
	for _, c := range l.policy.document.judging.egress {
		l.about = "egress." + c.name
		c.when.asked(func(k category.Key, at source.Pos) {
			if !found(k) {
				l.say("category-unfindable", at, fmt.Sprintf("nothing is ever found to be %s: this is never true of it", k), instead)
			}
		})
	}
	for _, p := range l.policy.document.promises {
		l.about = "promises." + p.id
		for _, x := range []*expression{p.when, p.holds} {
			x.asked(func(k category.Key, at source.Pos) {
				if !found(k) {
					l.say("promise-undecidable", at, fmt.Sprintf("weir never finds anything to be %s: whether this promise is kept can not be seen", k), instead)
				}
			})
		}
	}
}

// asked calls yield for each category that an expression asks for.
func (x *expression) asked(yield func(k category.Key, at source.Pos)) {
	if x == nil {
		return
	}
	local := x.locals(categoryLists)
	celast.PostOrderVisit(x.ast.Expr(), celast.NewExprVisitor(func(n celast.Expr) {
		if n.Kind() != celast.CallKind {
			return
		}
		c := n.AsCall()
		var keys []celast.Expr
		switch name := c.FunctionName(); {
		case name == "carries":
			keys = constants(c.Args()[0])
		case name == "within" && c.IsMemberFunction() && local[identOf(c.Target())]:
			keys = constants(c.Args()[0])
		case name == in && slices.Contains(categoryLists[1:], x.variable(c.Args()[1])):
			keys = constants(c.Args()[0])
		}
		for _, k := range keys {
			if text, ok := constant(k); ok {
				yield(category.Key(text), x.text.At(x.offset(k)))
			}
		}
	}))
}

// pseudonymous reports whether a transform leaves a pseudonym.
func pseudonymous(k transform.Kind) bool {
	return k == transform.KindHash || k == transform.KindEncrypt || k == transform.KindEncryptPrefix
}

// mostKept is how long entries with pseudonyms are kept without a ground of their own:
// the upper end of what the CNIL recommends for logs, 6 to 12 months (délibération
// 2021-122 of 2021-10-14).
const mostKept = 366 * 24 * time.Hour

// kept tells of classes of entries that hold pseudonyms for more than a year, and of
// which nothing says why.
func (l *lint) kept() {
	if !l.pseudonyms() {
		return
	}
	for _, c := range l.policy.Classes() {
		if c.Keep <= mostKept || c.Law != "" || c.Hold != "" || c.Only != nil && !slices.ContainsFunc(c.Only, l.personal) {
			continue
		}
		at := l.policy.document.retainAt
		if l.about = "defaults.retain"; c.By != nil {
			at, l.about = c.By.At, "retain."+c.By.Name
		}
		l.say("class-pseudonyms", at, fmt.Sprintf("entries with pseudonyms are kept for %s, and nothing says why for more than a year", source.FormatDuration(c.Keep)),
			`keep_for(days(365)), or .by_law("…")`)
	}
}

// personal reports whether a field of entries can hold a pseudonym.
func (l *lint) personal(field string) bool {
	if field == "url.path" {
		return slices.ContainsFunc(l.policy.document.routes, func(t *template) bool {
			return slices.ContainsFunc(t.segments, func(s segment) bool { return s.category != "" })
		})
	}
	for _, beginning := range []string{"subjects", "client.", "network.peer.", "server.address", "url.query", "http.request.header.", "http.response.header.", "tls.client."} {
		if strings.HasPrefix(field, beginning) {
			return true
		}
	}
	return false
}

// residency tells of parties that receive personal data where `residency` does not let it go.
func (l *lint) residency() {
	r := l.policy.document.residency
	for _, p := range l.policy.Parties().Parties() {
		if r.Allows(p.Country, p.Safeguard) || !receives(&p) {
			continue
		}
		country := p.Country
		if country == "" {
			country = "a country that nothing says"
		}
		l.about = "parties." + p.ID
		l.say("residency-broken", p.At, fmt.Sprintf("personal data goes to %s in %s, and `residency` in %s lets it go to %s", p.ID, country, r.At.Where(), r),
			"a party there, or no such party")
	}
}
