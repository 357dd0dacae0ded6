package policy

import (
	"fmt"
	"slices"
	"strings"

	celast "cel.dev/cel-go/common/ast"

	"weir/policy/party"
)

// promises tells what is odd about promises by themselves, and beside the uses that
// are declared.
func (l *lint) promises() {
	d := l.policy.document
	for _, p := range d.promises {
		l.about = "promises." + p.id
		l.quoted(p)
		if p.reads() == 0 {
			l.say("promise-constant", p.holds.text.Pos, "this promise reads nothing, and so nothing that passes can keep or break it", `a condition, such as !flow.carries("user.contact.email")`)
		}
	}
	if len(d.promises) > 0 || len(d.judging.egress) > 0 {
		l.declared()
	}
}

// quoted tells of quotes that the document has not.
func (l *lint) quoted(p *promise) {
	doc := &l.policy.document.prose
	quote := p.quote.Value
	switch {
	case quote == "" && doc.path != "":
		l.say("quote-missing", p.at, fmt.Sprintf("nothing says which sentence of %s this is", doc.path), `quote: "…", word for word`)
	case quote == "":
	case doc.path == "":
		l.say("quote-unchecked", p.quote.Pos, "there is no document that has this sentence", "document: privacy.md")
	case doc.has(quote):
	case inOrder(strings.ToLower(doc.text), strings.ToLower(quote)):
		l.say("quote-wrong", p.quote.Pos, doc.path+" has this sentence with other capital letters", "it word for word")
	default:
		instead := "a sentence of it, word for word; ... stands for what is left out"
		if stem, ok := doc.beginning(quote); ok {
			instead = fmt.Sprintf("it as it goes on there: %q", cut(stem))
		}
		l.say("quote-wrong", p.quote.Pos, "this sentence is not in "+doc.path, instead)
	}
	if strings.Contains(strings.ToLower(quote), "anonym") && l.pseudonyms() {
		l.say("anonymous-claimed", p.quote.Pos, "this calls data anonymous, and what is truncated, hashed or encrypted is pseudonymous", "a promise that says so, or drop() in place of pseudonyms")
	}
}

// pseudonyms reports whether a rule writes pseudonyms.
func (l *lint) pseudonyms() bool {
	if len(l.policy.subjects) > 0 {
		return true
	}
	return slices.ContainsFunc(l.policy.rules, func(r *rule) bool { return r.fixed == nil || pseudonymous(r.fixed.Kind()) })
}

// declaredUse is a use as it is declared: what would reach the party if all of it, and
// nothing else, were sent, with the consent that it needs.
type declaredUse struct {
	party *party.Party
	use   *party.Use
	seen  Seen
}

// declared tells of promises that a declared use breaks, of uses that egress never lets
// go, and of promises that nothing ever concerns.
func (l *lint) declared() {
	concerned := make([]bool, len(l.policy.promises.all))
	broken := make([][]*declaredUse, len(concerned))
	uses := l.declaredUses()
	if len(uses)*(l.policy.promises.atoms+l.policy.egress.atoms) > maxShadowWork {
		return
	}
	for _, use := range uses {
		for _, service := range l.servicesOf(use) {
			p := l.forService(service)
			v := use.view(p)
			egress := p.egress.judge(v)
			v.remember(p.promises.atoms)
			for i, pr := range p.promises.all {
				if pr.ofFlows && pr.state(v) == Broken && !slices.Contains(broken[i], use) {
					broken[i] = append(broken[i], use)
				}
			}
			v.memo, v.known = v.memo[:0], readsParty|readsPartyName
			for i, pr := range p.promises.all {
				concerned[i] = concerned[i] || pr.mayConcern(v)
			}
			v.giveBack()
			l.denied(egress, use)
		}
	}
	for i, pr := range l.policy.promises.all {
		l.about = "promises." + pr.id
		l.against(pr, broken[i])
		if !concerned[i] && !l.elsewhere(pr) {
			l.say("promise-unconcerned", pr.at, fmt.Sprintf("nothing that can pass is what the promise %q is about", pr.id), "another `when`")
		}
	}
}

// against tells of a promise that uses break as they are declared.
func (l *lint) against(pr *promise, uses []*declaredUse) {
	if len(uses) == 0 {
		return
	}
	var names []string
	for _, u := range uses[:min(len(uses), 4)] {
		names = append(names, u.name()+" in "+u.use.At.Where())
	}
	if more := len(uses) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	l.say("promise-against-use", pr.at, fmt.Sprintf("as it is declared, the promise %q is broken by %s", pr.id, strings.Join(names, ", ")),
		"a `when` that leaves it out and a sentence that says so, or no such use")
}

// denied tells of a use that egress holds back as it is declared, consent given.
func (l *lint) denied(e Egress, use *declaredUse) {
	if l.about = "parties." + use.party.ID + ".uses." + use.use.ID; e.Verdict != Deny || e.By != nil && e.By.Section == "residency" {
		return
	}
	by, at := "no rule lets it go", ""
	if e.By != nil {
		if slices.Contains(e.Unseen, *e.By) || slices.Contains(e.Failed, *e.By) {
			return
		}
		by, at = fmt.Sprintf("%q", cut(e.By.Name)), " in "+e.By.At.Where()
	} else if len(e.Unseen)+len(e.Failed) > 0 {
		return
	}
	if slices.ContainsFunc(l.found, func(r *Remark) bool { return r.About == l.about && r.Name == "use-denied" }) {
		return
	}
	l.say("use-denied", use.use.At, fmt.Sprintf("egress denies %s as it is declared: %s%s", use.name(), by, at), "a rule that lets it go, or no such use")
}

// declaredUses are all that are declared.
func (l *lint) declaredUses() []*declaredUse {
	var out []*declaredUse
	all := l.policy.Parties().Parties()
	for i := range all {
		for j := range all[i].Uses {
			u := &declaredUse{party: &all[i], use: &all[i].Uses[j]}
			c := &Consent{}
			for _, purpose := range u.use.Purposes {
				c.Choose(purpose, Given, "lint")
			}
			u.seen = Seen{At: l.at, Categories: u.use.Categories, Complete: true, Consent: c}
			out = append(out, u)
		}
	}
	return out
}

func (u *declaredUse) name() string { return u.party.ID + "/" + u.use.ID }

// maxLintServices bounds for how many services a use is looked at.
const maxLintServices = 16

// servicesOf are the services that a use is for. Where that is any they are those that the
// policy names, and one that it does not.
func (l *lint) servicesOf(u *declaredUse) []string {
	if !l.readsService() {
		return []string{""}
	}
	if len(u.use.Services) > 0 {
		return u.use.Services[:min(len(u.use.Services), maxLintServices)]
	}
	named := set{}
	named.add("")
	for _, p := range l.policy.promises.all {
		for _, x := range []*expression{p.when, p.holds} {
			if x != nil {
				x.compared(func(variable string, _ celast.Expr, text, _ string) {
					if variable == "service" {
						named.add(text)
					}
				})
			}
		}
	}
	return named.all[:min(len(named.all), maxLintServices)]
}

// view is what rules see of the use. Of the request nothing is known.
func (u *declaredUse) view(p *Policy) *view {
	v := p.look(&u.seen)
	v.asked, v.toParty = true, true
	v.party = party.Recipient{
		ID: u.party.ID, Use: u.name(), Name: u.party.Name, Country: u.party.Country, Role: u.party.Role, Safeguard: u.party.Safeguard, Agreement: u.party.Agreement,
		Basis: u.use.Basis, Purposes: u.use.Purposes, Categories: u.use.Categories, Declared: true, Source: party.Declared,
	}
	if len(u.use.Hosts) > 0 {
		v.party.Host = u.use.Hosts[0].Name
	}
	return v
}

// forService is the policy as a service has it.
func (l *lint) forService(service string) *Policy {
	if service == "" || !l.readsService() {
		return l.policy
	}
	if l.services == nil {
		l.services = make(map[string]*Policy)
	}
	if l.services[service] == nil {
		l.services[service] = l.policy.For(service)
	}
	return l.services[service]
}

// readsService reports whether promises or egress tell services apart.
func (l *lint) readsService() bool {
	return slices.ContainsFunc(l.policy.promises.all, func(p *promise) bool { return p.reads()&readsService != 0 }) ||
		slices.ContainsFunc(l.policy.egress.all, func(c *clause) bool { return (c.when.reads|c.then.reads)&readsService != 0 })
}

// mayConcern reports whether a promise may be about what v sees, of which the recipient
// alone is known.
func (p *promise) mayConcern(v *view) bool {
	if p.ofFlows && !v.toParty {
		return false
	}
	left := p.concerns.residual(v)
	return left.op != isFixed || left.fixed != no
}

// elsewhere reports whether a promise may be about what goes to somebody who is not
// declared, or about what comes to the service.
func (l *lint) elsewhere(pr *promise) bool {
	for _, to := range []party.Recipient{{}, {Source: party.Registrable}} {
		v := l.policy.look(&Seen{At: l.at})
		v.asked, v.toParty, v.party, v.known = true, to.Source != "", to, readsParty
		may := pr.mayConcern(v)
		v.giveBack()
		if may {
			return true
		}
	}
	return false
}
