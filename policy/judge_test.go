package policy_test

import (
	"testing"

	"weir/policy"
	"weir/redact/category"
	"weir/redact/raw"
)

const judging = `
controller: {name: N, country: DK, contact: p@n.example}
defaults: {egress: deny}
egress:
`

// leaving is what is seen of an exchange that leaves.
func leaving(url, host string, found ...category.Key) *policy.Seen {
	x := newExchange(url, host)
	x.Direction, x.Visibility = raw.Outbound, raw.SeenFull
	return &policy.Seen{Exchange: x, Categories: found, Complete: true}
}

func judge(t *testing.T, rules string, s *policy.Seen) *policy.Judgement {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(judging+rules))
	if err != nil {
		t.Fatal(err)
	}
	first := p.Judge(s)
	if second := p.Judge(s); second.Egress.Verdict != first.Egress.Verdict {
		t.Errorf("asked twice, judged %s and %s", first.Egress.Verdict, second.Egress.Verdict)
	}
	return first
}

func TestTheStrongestOfAllRulesThatMatchDecides(t *testing.T) {
	const rules = `
  - {name: a, when: "true", then: allow()}
  - {name: b, when: 'flow.carries("user.contact")', then: 'strip(["user.contact.email"])'}
  - {name: c, when: 'request.path.under("/g")', then: 'rewrite({"url.query.cid": mask(1, 1), "url.query.uip": drop()})'}
  - {name: d, when: 'request.path.under("/g/h")', then: 'rewrite({"url.query.cid": hash()})'}
  - {name: e, when: 'request.path == "/g/h/i"', then: deny("no")}
`
	for path, want := range map[string]policy.Verdict{"/a": policy.Strip, "/g": policy.Rewrite, "/g/h": policy.Rewrite, "/g/h/i": policy.Deny} {
		j := judge(t, rules, leaving(path, "a.example", "user.contact.email"))
		if j.Egress.Verdict != want {
			t.Errorf("%s: %s", path, j.Egress.Verdict)
		}
		if path == "/g/h" && (len(j.Egress.Rewrite) != 2 || j.Egress.Rewrite[0].Transform != "hash()" || len(j.Egress.Strip) != 1 || len(j.Egress.Matched) != 3) {
			t.Errorf("%s: %+v", path, j.Egress)
		}
	}
}

func TestWhatWasNotSeenIsUnknownAndWhatWasSeenIsNot(t *testing.T) {
	const rules = `
  - {name: mail, when: 'flow.carries("user.contact.email")', then: deny("mail"), unseen: deny}
`
	s := leaving("/", "a.example", "user.contact.email")
	s.Complete = false
	if j := judge(t, rules, s); len(j.Egress.Unseen) != 0 || j.Egress.Reason != "mail" {
		t.Errorf("what was seen is not taken for so: %+v", j.Egress)
	}
	s.Categories = nil
	if j := judge(t, rules, s); len(j.Egress.Unseen) != 1 || j.Egress.Verdict != policy.Deny || j.ExcessKnown {
		t.Errorf("what was not seen is taken for known: %+v", j.Egress)
	}
}

func TestConsentIsReadFromTheRequestAndIsUnknownOfATunnel(t *testing.T) {
	const rules = `
  - {name: given, when: 'consent.given("analytics.reporting")', then: allow()}
  - {name: refused, when: '!consent.given(["analytics.reporting"]) || consent.gpc', then: deny("no consent")}
`
	s := leaving("/", "a.example")
	if j := judge(t, rules, s); j.Egress.Verdict != policy.Deny || j.Egress.By.Name != "refused" {
		t.Errorf("without consent: %+v", j.Egress)
	}
	s.Exchange.Request.Add([]byte("X-Weir-Consent"), []byte("analytics=given"))
	if j := judge(t, rules, s); j.Egress.Verdict != policy.Allow {
		t.Errorf("with consent: %+v", j.Egress)
	}
	s.Exchange.Visibility = raw.SeenTunnel
	if j := judge(t, rules, s); len(j.Egress.Unseen) != 2 || j.Egress.Verdict != policy.Deny || j.Egress.By != nil {
		t.Errorf("of a tunnel: %+v", j.Egress)
	}
}

// A reverse listener whose requests go on to a party's host sends them to that party.
func TestAReverseListenerCanRelayToAParty(t *testing.T) {
	const rules = `
  - {name: a, when: party.declared, then: deny("no")}
parties:
  google: {name: Google, country: IE, role: processor, uses: {analytics: {hosts: [www.google-analytics.com], basis: consent, purposes: [analytics.reporting], categories: [user.behavior]}}}
`
	s := leaving("/", "www.nordhost.example", "user.contact.email")
	s.Exchange.Direction = raw.Inbound
	for to, reaches := range map[string]bool{"": false, "backend.nordhost.example": false, "www.google-analytics.com": true} {
		s.Exchange.To = to
		j := judge(t, rules, s)
		if j.ToParty != reaches || (j.Egress.Verdict == policy.Deny) != reaches || (len(j.Excess) > 0) != reaches {
			t.Errorf("to %q: %v, %v, %v", to, j.ToParty, j.Egress.Verdict, j.Excess)
		}
	}
}

// Who receives it is a party, though which of its uses is not known: unknown is not nobody.
func TestAReverseListenerCanRelayToAPartyOfWhichTheUseIsUndecided(t *testing.T) {
	const rules = `
  - {name: sign-in, when: 'party.use == "google/sign-in"', then: allow(), unseen: deny}
` + judgedParties
	for path, want := range map[string]policy.Verdict{"/o/oauth2/auth": policy.Allow, "/o/oauth2/..;/x": policy.Deny} {
		s := leaving(path, "www.nordhost.example", "user.contact.email")
		s.Exchange.Direction, s.Exchange.To = raw.Inbound, "accounts.google.com"
		if j := judge(t, rules, s); !j.ToParty || j.Party.ID != "google" || j.Egress.Verdict != want {
			t.Errorf("%s: %v, %+v, %s", path, j.ToParty, j.Party, j.Egress.Verdict)
		}
	}
}

// What is said of no rule holds where there are none.
func TestADefaultDecidesWithoutRules(t *testing.T) {
	p, err := policy.Parse("policy.yaml", []byte(controller+"defaults: {egress: deny}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if e := p.Judge(leaving("/", "a.example")).Egress; e.Verdict != policy.Deny || e.By != nil {
		t.Errorf("%+v", e)
	}
	if got := p.Unenforced(); len(got) != 1 || got[0] != "egress" {
		t.Errorf("unenforced: %v", got)
	}
}
