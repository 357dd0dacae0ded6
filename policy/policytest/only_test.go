package policytest

import (
	"fmt"
	"strings"
	"testing"
)

// An entry that may hold little says no less of what was sent.
func TestWhatAnEntryMayHoldDoesNotChangeWhatIsJudged(t *testing.T) {
	const policyText = `
controller: {name: N, country: DK, contact: p@n.example}
defaults: {egress: allow, retain: 30d}
redact:
  - {name: mail, when: 'field.category == "user.contact.email"', then: hash()}
  - {name: phones, when: 'field.category == "user.contact.phone_number"', then: keep()}
egress:
  - {name: no mail, when: 'flow.carries("user.contact.email")', then: deny("no")}
retain:
  - {name: little, when: "true", then: 'keep_for(days(1)).only(["url.path"])'}
promises:
  - {id: phones, quote: "…", holds: '!written.carries("user.contact.phone_number")'}
  - {id: mail, quote: "…", holds: '!flow.carries("user.contact.email")'}
`
	const cases = `
- name: mail in a query
  send: |
    GET https://a.example/x?email=anna%40nordhost.dk&phone=%2B4520123456
  expect:
    verdict: deny
    by: no mail
    categories: [user.contact.email, user.contact.phone_number]
    redacted: {url.query.email: {category: user.contact.email, transform: hash, rule: mail}}
    entry: {url.query: , http.request.method: }
    promises: {mail: kept, phones: kept}
`
	for _, r := range suite(t, policyText, cases).Run() {
		if !r.Passed() {
			t.Errorf("%s: %v %v", r.Case.Name, r.Err, r.Differences)
		}
	}
}

// Of more findings than an entry tells of nobody knows which of them it holds.
func TestWhatIsWrittenIsUnknownWhereNotAllIsTold(t *testing.T) {
	var fields, query strings.Builder
	for i := range 80 {
		fmt.Fprintf(&fields, "  url.query.f%d: x.f\n", i)
		fmt.Fprintf(&query, "f%d=a&", i)
	}
	policyText := `
controller: {name: N, country: DK, contact: p@n.example}
defaults: {retain: 30d}
fields:
` + fields.String() + `
redact:
  - {name: mail, when: 'field.category.within("x.f") || field.category == "user.contact.email"', then: keep()}
promises:
  - {id: mail, quote: "…", holds: '!written.carries("user.contact.email")'}
`
	const cases = `
- name: mail behind much else
  send: |
    GET /x?QUERY
    Host: www.nordhost.example
  expect: {promises: {mail: STATE}}
`
	for query, want := range map[string]string{query.String() + "email=anna%40nordhost.dk": "undecided", "f1=a": "kept", "email=anna%40nordhost.dk": "broken"} {
		for _, r := range suite(t, policyText, strings.NewReplacer("QUERY", query, "STATE", want).Replace(cases)).Run() {
			if !r.Passed() {
				t.Errorf("%.20s: %v %v", query, r.Err, r.Differences)
			}
		}
	}
}
