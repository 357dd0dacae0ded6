package policytest

import "testing"

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
