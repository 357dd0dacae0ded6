package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	celast "cel.dev/cel-go/common/ast"

	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/transform"
)

// Lint returns what is allowed and probably not meant, in the files' order, as it
// is now and but for what is waived. It takes time in proportion to the rules, the fields
// and the categories, and is for `weir check`, not for the way of an exchange.
func (p *Policy) Lint() []*Remark { return p.LintAt(time.Now()) }

// LintAt is Lint as it is at a time: by the law, the agreements and the waivers of that day.
func (p *Policy) LintAt(at time.Time) []*Remark {
	found, _ := p.LintAll(at)
	return found
}

// LintAll is LintAt, and the remarks that a waiver silences then.
func (p *Policy) LintAll(at time.Time) (found, waived []*Remark) {
	l := &lint{policy: p, name: p.document.name, at: at}
	l.shadowed()
	l.keepsUnknown()
	l.unusedFields()
	l.unusedDetectors()
	l.slowDetectors()
	l.wideAllowance()
	l.subjects()
	l.recipients()
	l.flows()
	l.outranked()
	l.retentions()
	l.promises()
	l.residency()
	l.unfindable()
	l.kept()
	l.document()
	for _, r := range p.rules {
		l.about = "redact." + r.name
		l.narrow(r)
		l.unfit(r)
		l.categories(r)
		l.remainderOnly(r)
		l.spellings(r)
		l.begins(r)
	}
	l.impossible()
	found, waived = l.waive(at)
	slices.SortStableFunc(found, func(a, b *Remark) int {
		return cmp.Or(cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
	return found, waived
}

type lint struct {
	policy *Policy
	name   string
	at     time.Time
	about  string // what the next remarks are of, as Remark.About
	found  []*Remark

	services map[string]*Policy // the policy as they have it
}

// say notes what a check found.
func (l *lint) say(check string, at source.Pos, message, instead string) {
	c, ok := checkNamed(check)
	if !ok {
		panic("policy: there is no check " + check)
	}
	l.found = append(l.found, &Remark{Name: check, Level: c.Level, About: l.about, File: at.In(l.name), At: at, Message: message, Instead: instead})
}

// ruleAt is where the rule of that name stands.
func (p *Policy) ruleAt(name string) source.Pos {
	for _, r := range p.rules {
		if r.name == name {
			return r.at
		}
	}
	return source.Pos{}
}

// keepsUnknown tells of rules that write values of names that nobody knows.
func (l *lint) keepsUnknown() {
	told := make(map[string]bool)
	for _, kind := range []raw.Kind{raw.Query, raw.RequestHeader, raw.RequestCookie, raw.ResponseHeader, raw.ResponseCookie} {
		other := l.policy.places.shelves[kind].other
		q := &raw.Question{Place: &other.Place}
		plan := l.policy.make(q, other, false)
		d := plan.last.decision
		if len(plan.steps) > 0 || d.Transform.Kind() != transform.KindKeep || told[d.Rule] {
			continue
		}
		told[d.Rule] = true
		l.about = "redact." + d.Rule
		l.say("rule-keeps-unknown", l.policy.ruleAt(d.Rule), fmt.Sprintf("the rule %q keeps values of names that nobody has looked at, such as any %s's", cut(d.Rule), kind),
			`a test of the place, such as field.place == "url.query.page"`)
	}
}

// unusedFields tells of entries of `fields` whose category no rule names: their
// values are dropped, which needs no entry.
func (l *lint) unusedFields() {
	for _, f := range l.policy.fields {
		used := l.policy.isSubject(f.category)
		for _, pl := range l.placesOf(f) {
			plan := l.policy.make(&raw.Question{Place: &pl.Place, Category: f.category, Confidence: 100}, pl, false)
			used = used || len(plan.steps) > 0 || plan.last.rule != nil || plan.last.decision.Rule != ""
		}
		if !used {
			l.about = "fields." + f.text
			l.say("field-unused", f.at, fmt.Sprintf("no rule names %s: what is here is dropped", f.category), "a rule for it")
		}
	}
}

// placesOf are places that an entry of `fields` is about.
func (l *lint) placesOf(f *field) []*place {
	ps := l.policy.places
	if pl := ps.of(l.policy.placeOf(f.text)); pl != nil && pl.Text == f.text {
		return []*place{pl}
	}
	var out []*place
	for kind := range raw.Kind(raw.KindCount) {
		s := ps.shelves[kind]
		if s == nil {
			if matches(f.pattern, strings.Split(ps.plain[kind].Text, ".")) {
				out = append(out, ps.plain[kind])
			}
			continue
		}
		out = append(out, ps.wildOf(s, f)...)
		if name, ok := f.nameOn(s.prefix); ok {
			out = append(out, ps.get(s, []byte(name)))
		} else if matches(f.pattern, strings.Split(s.other.Text, ".")) {
			out = append(out, s.other)
		}
	}
	if len(out) == 0 { // a part of a URL in a header
		pl := &place{Place: raw.Place{Kind: raw.Query, Text: f.text, Name: f.pattern[len(f.pattern)-1]}}
		out = append(out, pl)
	}
	return out
}

// narrow tells of addresses that are not shortened enough to hide a household,
// or not at all, or by the form that is for text.
func (l *lint) narrow(r *rule) {
	if r.fixed == nil {
		return
	}
	const instead = "truncate(24, 48)"
	switch r.fixed.Kind() {
	case transform.KindTruncate:
		most, err := transform.Truncate(24, 56)
		if err == nil && transform.Stricter(*r.fixed, most) != *r.fixed {
			l.say("address-narrow", r.then.text.Pos, fmt.Sprintf("%s leaves single connections: an IPv6 /64 is one household", r.fixed), instead)
		}
	case transform.KindShorten:
		if r.ofAddresses() {
			l.say("address-shortened", r.then.text.Pos, fmt.Sprintf("%s is for text: an address is dropped by it", r.fixed), instead)
		}
	case transform.KindKeep:
		if r.ofAddresses() {
			l.say("address-kept", r.then.text.Pos, "whole addresses are written", instead)
		}
	}
}

// ofAddresses reports whether a rule names addresses, by their category or their place.
func (r *rule) ofAddresses() bool {
	found := false
	r.when.compared(func(variable string, _ celast.Expr, text, how string) {
		if how == unlike {
			return
		}
		found = found || variable == "field.category" && text == string(category.IPAddress) ||
			variable == "field.place" && (text == raw.ClientAddress.Place() || text == raw.PeerAddress.Place())
	})
	return found
}

// remainderOnly tells of rules that name a place whose values are findings by
// their name, and do not test the category: such a rule never decides them.
func (l *lint) remainderOnly(r *rule) {
	if r.category {
		return
	}
	told := false
	warn := func(n celast.Expr, what string, k category.Key) {
		if told || k == "" {
			return
		}
		told = true
		l.say("rule-remainder-only", r.when.text.At(r.when.offset(n)), fmt.Sprintf("values of %s are %s by their name: a rule that does not test field.category decides only what is beside findings", what, k),
			fmt.Sprintf("field.category == %q && …", k))
	}
	r.when.compared(func(variable string, n celast.Expr, text, how string) {
		switch {
		case variable == "field.place" && how != "within":
			if pl := l.policy.placeOf(text); pl != nil {
				warn(n, pl.Text, pl.Category)
			}
		case variable == "field.name":
			if m, found := l.policy.document.vocabulary.Lookup([]byte(text)); found {
				warn(n, fmt.Sprintf("%q", cut(text)), m.Category)
			}
		}
	})
}

// spellings tells of names of headers in a spelling that they never have.
func (l *lint) spellings(r *rule) {
	r.when.compared(func(variable string, n celast.Expr, text, _ string) {
		if variable == "field.name" && strings.Contains(text, "-") && text != strings.ToLower(text) {
			l.say("header-spelling", r.when.text.At(r.when.offset(n)), "names of headers are in lower case here: this is none", strings.ToLower(text))
		}
	})
}

// categories tells of keys that Fideslang has replaced, and of own ones that
// nothing is given.
func (l *lint) categories(r *rule) {
	r.when.compared(func(variable string, n celast.Expr, text, how string) {
		if variable != "field.category" {
			return
		}
		k := category.Key(text)
		at := r.when.text.At(r.when.offset(n))
		if by, ok := category.Replaced(k); ok {
			l.say("category-replaced", at, fmt.Sprintf("Fideslang has replaced %s", k), string(by))
		}
		l.ungiven(at, k)
	})
}

// ungiven tells of a category of the user's own that nothing is given.
func (l *lint) ungiven(at source.Pos, k category.Key) {
	if strings.HasPrefix(string(k), "x.") && !l.given(k) {
		l.say("category-ungiven", at, fmt.Sprintf("nothing is given the category %s", k), "an entry of it in fields, routes or detect")
	}
}

// subjects tells of what the pseudonyms of people can not be made of.
func (l *lint) subjects() {
	for _, s := range l.policy.document.subjects {
		l.about = "subjects." + string(s.category)
		if by, ok := category.Replaced(s.category); ok {
			l.say("category-replaced", s.at, fmt.Sprintf("Fideslang has replaced %s", s.category), string(by))
		}
		l.ungiven(s.at, s.category)
	}
}

// given reports whether a field, a route or the vocabulary gives a category at or
// below k.
func (l *lint) given(k category.Key) bool {
	for known := range l.policy.places.categories {
		if known != "" && known.Within(k) {
			return true
		}
	}
	return false
}
