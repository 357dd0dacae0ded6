package policytest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

const judging = `
controller: {name: Nordhost ApS, country: DK, contact: privacy@nordhost.example}
defaults: {retain: 30d, egress: deny}
parties:
  mailchimp:
    name: Mailchimp
    country: US
    role: processor
    safeguard: [scc]
    agreement: {id: A-1, signed: 2024-01-01, expires: 2027-01-01}
    uses:
      newsletter: {hosts: [api.mailchimp.com], basis: consent, purposes: [marketing.communications.email], categories: [user.contact.email]}
redact:
  - {name: mail, when: 'field.category.within("user.contact") && request.method != "PUT"', then: hash()}
egress:
  - name: newsletter only with consent
    when: party.use == "mailchimp/newsletter" && !consent.given("marketing.communications.email")
    then: deny("no consent")
  - name: newsletter
    when: party.use == "mailchimp/newsletter"
    then: allow()
promises:
  - {id: p2, quote: q, when: 'party.use == "mailchimp/newsletter"', holds: '!flow.carries("user.contact.email") || consent.given("marketing.communications.email")'}
`

const consentCases = `
- name: no address without consent
  given: {consent: {marketing.communications.email: refused}}
  at: 2026-11-22
  send: |
    POST https://api.mailchimp.com/3.0/lists/7/members
    Content-Type: application/json

    {"email_address":"anna@example.dk"}
  expect:
    verdict: deny
    by: newsletter only with consent
    reason: no consent
    party: mailchimp/newsletter
    promises: {p2: kept}
    excess: []
    nowhere: [anna@example.dk]
  monitor: {verdict: would-deny, promises: {p2: broken}}
- name: with consent
  given: {consent: {marketing: given}}
  at: 2026-11-22
  fields: {request.body.email: anna@example.dk, url.host: api.mailchimp.com, url.query.email: anna@example.dk}
  expect: {verdict: allow, promises: {p2: not concerned}}
`

// outward has what only the second case lacks.
var outward = strings.Replace(strings.Replace(consentCases, "given: {consent: {marketing: given}}", "given: {direction: outbound, consent: {marketing: given}}", 1), "p2: not concerned", "p2: kept", 1)

func TestAPartyIsJudged(t *testing.T) {
	for _, r := range suite(t, judging, outward).Run() {
		if !r.Passed() {
			t.Errorf("%s: %v %v", r.Case.Name, r.Err, r.Differences)
		}
	}
}

func TestCoverageTellsWhatNoCaseReached(t *testing.T) {
	s := suite(t, judging, outward)
	s.Cover()
	results := s.Run()
	rules, matched, branches, taken := s.Coverage.Counts()
	if rules != 4 || matched != 4 || branches != 12 || taken != 9 || s.Coverage.Percent() != 100 {
		t.Errorf("%d %d %d %d", rules, matched, branches, taken)
	}
	report := Report{Suites: []SuiteReport{{Policy: "policy.yaml", Results: results, Coverage: s.Coverage}}}
	var b bytes.Buffer
	if err := report.Pretty(&Layout{W: &b, Width: 160}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`policy.yaml:14:66  never false  request.method != "PUT"`, `never false  party.use == "mailchimp/newsletter"`, "coverage: 4 of 4 rules (100 %), 9 of 12 branches (75 %)"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	b.Reset()
	if err := report.JSON(&b); err != nil {
		t.Fatal(err)
	}
	var got jsonReport
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || got.Policies[0].Coverage.Taken != 9 || len(got.Policies[0].Coverage.Of) != 4 {
		t.Errorf("%v %s", err, b.String())
	}

	s = suite(t, judging, "- {name: nothing, send: GET /, expect: {entry: {url.path: /}}}")
	s.Cover()
	if s.Run(); s.Coverage.Percent() != 0 {
		t.Errorf("%d %%", s.Coverage.Percent())
	}
}

func TestWeakeningsThatNoCaseNoticesAreListed(t *testing.T) {
	s := suite(t, judging, outward)
	calls := 0
	m, err := s.Mutate(func(done, all int) { calls++ })
	if err != nil {
		t.Fatal(err)
	}
	var unnoticed []string
	for _, w := range m.Unnoticed {
		unnoticed = append(unnoticed, w.Rule.Name+" "+w.What)
	}
	got := strings.Join(unnoticed, ", ")
	// Nothing is expected of the entry of what leaves with consent, nor of an exchange that no rule matches.
	if want := "mail removed, mail `when` is always true, mail `then` is keep(), newsletter `when` is always true, egress is allow"; got != want || m.Weakened != calls {
		t.Errorf("%s\nwant %s; %d of %d", got, want, m.Weakened, calls)
	}

	s = suite(t, judging, outward+`
- name: the entry
  fields: {url.query.email: anna@example.dk, client.address: 203.0.113.7}
  expect: {redacted: {url.query.email: hash, client.address: drop}}
- name: nobody we know
  send: GET https://nobody.example/
  expect: {verdict: deny, by: defaults, party: undeclared}
`)
	if m, err = s.Mutate(nil); err != nil || len(m.Unnoticed) > 0 {
		t.Errorf("%v %v", err, m.Unnoticed)
	}
}

func TestAPromiseAboutEntriesCanBeShownBroken(t *testing.T) {
	const promising = nordhost + `
promises:
  - {id: nobody, quote: q, holds: '!written.carries("user.device.ip_address")'}
  - {id: month, quote: q, holds: 'retain.keep <= days(30)'}
`
	s := suite(t, promising, `
- {name: kept, send: GET /, expect: {promises: {nobody: kept, month: kept}}}
- {name: broken, given: {written: [user.device.ip_address], keep: 31d}, send: GET /, expect: {promises: {nobody: broken, month: broken}}}
`)
	for _, r := range s.Run() {
		if !r.Passed() {
			t.Errorf("%s: %v %v", r.Case.Name, r.Err, r.Differences)
		}
	}
}

func TestTheRuleThatWasExpectedSaysWhyItDidNotMatch(t *testing.T) {
	s := suite(t, judging, strings.Replace(outward, "{verdict: allow, promises: {p2: kept}}", "{by: newsletter only with consent}", 1))
	report := Report{Suites: []SuiteReport{{Policy: "policy.yaml", Results: s.Run()}}}
	var b bytes.Buffer
	if err := report.Pretty(&Layout{W: &b, Width: 240}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`decided egress: policy.yaml:19:5 "newsletter", allow`,
		`no match egress: policy.yaml:16:5 "newsletter only with consent", party.use == "mailchimp/newsletter" is true, consent.given("marketing.communications.email") is true`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}
