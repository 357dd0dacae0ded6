package policy_test

import (
	"testing"
	"time"

	"weir/policy"
	"weir/policy/party"
	"weir/redact/raw"
)

const judgedParties = `
parties:
  old: {name: Old, country: US, safeguard: [privacy_shield], uses: {mail: {hosts: [api.old.example], categories: [user.contact.email]}}}
  google:
    name: Google
    country: IE
    uses:
      sign-in: {hosts: ["accounts.google.com/o/oauth2/*"], basis: contract}
      analytics: {hosts: ["accounts.google.com/collect"], basis: consent}
`

func TestAFlowIsAllowedByTheLawOfItsDay(t *testing.T) {
	const rules = `
  - {name: no ground, when: "!party.adequate", then: deny("no ground")}
  - {name: ground, when: "party.adequate", then: allow()}
` + judgedParties
	for day, want := range map[string]policy.Verdict{"2015-01-01": policy.Deny, "2019-01-01": policy.Allow, "2020-07-15": policy.Allow, "2020-07-16": policy.Deny, "2026-11-22": policy.Deny} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		s := leaving("/v1", "api.old.example")
		s.At = at
		if j := judge(t, rules, s); j.Egress.Verdict != want {
			t.Errorf("%s: %s, want %s", day, j.Egress.Verdict, want)
		}
	}
}

func TestAPathThatReadsInTwoWaysIsNeverTakenForTheUseThatIsAllowed(t *testing.T) {
	const rules = `
  - {name: sign-in, when: 'party.use == "google/sign-in"', then: allow(), unseen: deny}
` + judgedParties
	for path, want := range map[string]policy.Verdict{
		"/o/oauth2/auth":             policy.Allow,
		"/o/oauth2/a/../b":           policy.Allow,
		"/collect":                   policy.Deny,
		"/o/oauth2/../../collect":    policy.Deny,
		"/o/oauth2/%2e%2e/..%2fx":    policy.Deny,
		"/o/oauth2/%252e%252e/../x":  policy.Deny,
		`/o/oauth2/..\..\collect`:    policy.Deny,
		"/o/oauth2/..;/..;/collect":  policy.Deny,
		"//o/oauth2/":                policy.Deny,
		"/O/oauth2/":                 policy.Deny,
		"/o/oauth2%00/../../collect": policy.Deny,
	} {
		if j := judge(t, rules, leaving(path, "accounts.google.com")); j.Egress.Verdict != want {
			t.Errorf("%s: %s by %v, want %s", path, j.Egress.Verdict, j.Egress.By, want)
		}
	}
}

func TestATunnelToldByItsHostAloneHasAPartyAndNoUse(t *testing.T) {
	const rules = `
  - {name: by use, when: 'party.use == "google/sign-in"', then: allow()}
  - {name: by party, when: 'party.id == "google" && party.country == "IE"', then: alert("a tunnel")}
` + judgedParties
	s := leaving("", "accounts.google.com:443")
	s.Exchange.Visibility = raw.SeenTunnel
	j := judge(t, rules, s)
	if j.Party.Source != party.Undecided || j.Party.ID != "google" || j.Party.Declared {
		t.Errorf("%+v", j.Party)
	}
	if len(j.Egress.Unseen) != 1 || j.Egress.Unseen[0].Name != "by use" || j.Egress.Verdict != policy.Alert {
		t.Errorf("%+v", j.Egress)
	}
}
