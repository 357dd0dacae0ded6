package policy

import (
	"fmt"

	"weir/policy/party"
)

// flows tells of rules about flows that can never match: for no use that is declared, and
// for nobody else.
func (l *lint) flows() {
	all := append(l.uses(), party.Recipient{Source: party.Registrable})
	for _, p := range l.policy.parties.Parties() { // of which none of its uses is told
		all = append(all, party.Recipient{ID: p.ID, Role: p.Role, Safeguard: p.Safeguard, Source: party.Elsewhere})
	}
	e := l.policy.egress
	if e.atoms*len(all) > maxShadowWork {
		return
	}
	matches := make([]bool, len(e.all))
	for i := range all {
		v := l.policy.look(&Seen{})
		v.party, v.asked, v.toParty = all[i], true, true
		v.known = readsParty
		if all[i].Declared {
			v.known |= readsPartyName
		}
		for j, c := range e.all {
			if !matches[j] {
				left := c.condition.residual(v)
				matches[j] = left.op != isFixed || left.fixed != no
			}
		}
		v.giveBack()
	}
	for j, c := range e.all {
		if !matches[j] {
			l.about = "egress." + c.name
			l.say("rule-never-matches", c.at, fmt.Sprintf("the rule %q can never match, whoever receives the request", cut(c.name)), "")
		}
	}
}

// uses are the recipients that are declared.
func (l *lint) uses() []party.Recipient {
	var out []party.Recipient
	for _, p := range l.policy.parties.Parties() {
		for _, u := range p.Uses {
			out = append(out, party.Recipient{ID: p.ID, Use: p.ID + "/" + u.ID, Name: p.Name, Country: p.Country, Role: p.Role, Basis: u.Basis,
				Purposes: u.Purposes, Categories: u.Categories, Safeguard: p.Safeguard, Agreement: p.Agreement, Declared: true, Source: party.Declared})
		}
	}
	return out
}
