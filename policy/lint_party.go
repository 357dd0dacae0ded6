package policy

import (
	"fmt"
	"slices"
	"time"

	"weir/policy/party"
	"weir/policy/source"
)

// How long before it ends an agreement, or a decision of the law, is told of: the one
// can be signed anew, the other takes another ground for the transfer.
const (
	agreementNotice = 90 * 24 * time.Hour
	decisionNotice  = 180 * 24 * time.Hour
)

// recipients tells what is missing of who receives data, and which grounds of
// transfers do not hold at the lint's time.
func (l *lint) recipients() {
	all := l.policy.Parties().Parties()
	for i := range all {
		p := &all[i]
		l.about = "parties." + p.ID
		l.agreement(p)
		if !l.deadSafeguards(p) {
			l.transfer(p)
		}
		for j := range p.Uses {
			if u := &p.Uses[j]; len(u.Purposes) == 0 {
				l.about = "parties." + p.ID + ".uses." + u.ID
				l.say("purpose-missing", u.At, fmt.Sprintf("nothing says what for %s/%s receives data: Art. 30(1)(b) GDPR", p.ID, u.ID), "purposes: [essential.service.payment_processing], or another")
			}
		}
	}
	l.declaredTwice(all)
}

// agreement tells of contracts that are missing, over or soon over: Art. 26 and 28(3) GDPR.
func (l *lint) agreement(p *party.Party) {
	a := p.Agreement
	switch {
	case a.ID == "":
		if p.Role != "controller" && p.Role != "group" {
			l.say("agreement-missing", p.At, fmt.Sprintf("there is no agreement with %s: Art. 28(3) GDPR", p.ID), "agreement: {id: …, signed: …, expires: …}, or role: controller")
		}
	case l.at.Before(a.Signed):
		l.say("agreement-void", p.AgreementAt, fmt.Sprintf("the agreement %q with %s is signed on %s only", cut(a.ID), p.ID, a.Signed.Format(time.DateOnly)), "")
	case !a.InForce(l.at):
		l.say("agreement-void", p.AgreementAt, fmt.Sprintf("the agreement %q with %s ended on %s", cut(a.ID), p.ID, a.Expires.Format(time.DateOnly)), "the one that is in force")
	case !a.InForce(l.at.Add(agreementNotice)):
		l.say("agreement-ending", p.AgreementAt, fmt.Sprintf("the agreement %q with %s ends on %s", cut(a.ID), p.ID, a.Expires.Format(time.DateOnly)), "")
	}
}

// deadSafeguards tells of grounds that the law has not any more, and of those that are
// not for the party's country, and reports whether there was one of the first.
func (l *lint) deadSafeguards(p *party.Party) bool {
	law, dead := l.policy.Law(), false
	for _, s := range p.Safeguard {
		if since, is := law.Dead(s, l.at); is {
			dead = true
			message := fmt.Sprintf("%s lets nothing go to %s since %s", s, p.ID, since.Format(time.DateOnly))
			if by := law.Ended(s); by != "" {
				message += ": " + by
			}
			l.say("safeguard-dead", p.SafeguardAt, message, "dpf where the party is certified, or scc")
		}
		switch {
		case p.Country == "":
		case s == "eea" && !law.EEA(p.Country, l.at):
			l.say("safeguard-unfit", p.SafeguardAt, fmt.Sprintf("%s is not in the EEA", p.Country), "the ground on which data goes to "+p.ID)
		case s == "dpf" || s == "adequacy":
			if !law.EEA(p.Country, l.at) && !law.Decided(p.Country, s, l.at) {
				l.say("safeguard-unfit", p.SafeguardAt, fmt.Sprintf("no decision lets data go to %s by %s", p.Country, s), "the ground on which data goes to "+p.ID)
			}
		}
	}
	return dead
}

// transfer tells of countries that personal data may not go to, or not much longer:
// Art. 44 GDPR.
func (l *lint) transfer(p *party.Party) {
	law := l.policy.Law()
	if p.Country == "" {
		l.say("country-missing", p.At, fmt.Sprintf("nothing says in which country %s is: personal data may not go there", p.ID), "country: DK, or another")
		return
	}
	if !receives(p) {
		return
	}
	if ok, why := law.Adequate(p.Country, p.Safeguard, p.Agreement, l.at); !ok {
		l.say("safeguard-missing", p.At, fmt.Sprintf("personal data may not go to %s: %s", p.ID, why), "safeguard: [scc], or another, and the agreement")
		return
	}
	if law.EEA(p.Country, l.at) {
		return
	}
	until, ends := law.Expiring(p.Country, l.at)
	if ends && l.at.Add(decisionNotice).After(until) {
		if ok, _ := law.Adequate(p.Country, p.Safeguard, p.Agreement, until); !ok {
			l.say("decision-ending", p.At, fmt.Sprintf("the decision by which data goes to %s in %s ends on %s", p.ID, p.Country, until.Format(time.DateOnly)), "safeguard: [scc] beside it")
		}
	}
}

// receives reports whether personal data is declared for a party.
func receives(p *party.Party) bool {
	return slices.ContainsFunc(p.Uses, func(u party.Use) bool { return len(u.Categories) > 0 })
}

// declaredTwice tells of hosts that two uses have for one service.
func (l *lint) declaredTwice(all []party.Party) {
	type claimed struct {
		use      string
		about    string
		services []string
		at       source.Pos
	}
	seen := make(map[any][]claimed)
	note := func(key any, text string, c claimed) {
		for _, first := range seen[key] {
			if sharesService(first.services, c.services) {
				l.about = c.about
				l.say("host-twice", c.at, fmt.Sprintf("%s is %s's as well, in %s: which one receives data there is undecided", text, first.use, first.at.Where()),
					"a path of the host, or services, for each")
				break
			}
		}
		seen[key] = append(seen[key], c)
	}
	for i := range all {
		for j := range all[i].Uses {
			u := &all[i].Uses[j]
			name, about := all[i].ID+"/"+u.ID, "parties."+all[i].ID+".uses."+u.ID
			for _, h := range u.Hosts {
				note(h.Pattern(), h.String(), claimed{name, about, u.Services, h.At})
			}
			for _, a := range u.Addresses {
				note(a, a.String(), claimed{name, about, u.Services, u.At})
			}
		}
	}
}

// sharesService reports whether two uses are for one service. Who names services goes
// before who is for any.
func sharesService(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
