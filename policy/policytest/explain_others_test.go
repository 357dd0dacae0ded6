package policytest

import (
	"fmt"
	"strings"
	"testing"
)

const adding = `
controller: {name: Nordhost ApS, country: DK, contact: privacy@nordhost.example}
defaults: {egress: deny, respond: allow, retain: 30d}
redact: [{name: mail, when: 'field.category.within("user.contact")', then: hash()}]
parties:
  mailchimp: {name: Intuit Inc., country: US, uses: {letters: {hosts: [mailchimp.example], categories: []}}}
egress:
  - {name: cut, when: "party.declared", then: 'rewrite({"client.address": truncate(24, 48)})'}
  - {name: excess, when: "flow.excess.size() > 0", then: strip(flow.excess)}
  - {name: told, when: "party.declared", then: alert("look")}
  - {name: nothing, when: "party.declared", then: 'strip([])'}
`

func TestRulesThatAddUpAreNotOutranked(t *testing.T) {
	const letter = "POST https://mailchimp.example/\nContent-Type: application/json\n\n" + `{"email":"anna@example.dk"}`
	for name, c := range map[string]struct {
		more string
		told []string
	}{
		"a rewrite and a strip": {"", []string{
			`EGRESS  REWRITE  policy.yaml:8:5 "cut"`, `also:      policy.yaml:9:5 "excess" strip(flow.excess)`,
			`outranked: policy.yaml:10:5 "told" alert("look")`, `outranked: policy.yaml:11:5 "nothing" strip([])`}},
		"a denial": {"  - {name: no, when: party.declared, then: deny(\"no\")}\n  - {name: never, when: party.declared, then: deny(\"never\")}\n", []string{
			`EGRESS  DENY  policy.yaml:12:5 "no"`, `also:      policy.yaml:13:5 "never" deny("never")`,
			`outranked: policy.yaml:8:5 "cut" rewrite(`, `outranked: policy.yaml:9:5 "excess" strip(`}},
		"retention": {`retain:
  - {name: longest, when: "true", then: keep_for(days(90))}
  - {name: as long, when: "true", then: keep_for(days(90))}
  - {name: shorter, when: "true", then: keep_for(days(7))}
`, []string{`RETAIN    90d  policy.yaml:13:5 "longest"`, `also:      policy.yaml:14:5 "as long" `, `outranked: policy.yaml:15:5 "shorter" `}},
	} {
		_, got := explained(t, adding+c.more, letter, 100)
		for _, part := range c.told {
			if !strings.Contains(got, part) {
				t.Errorf("%s: not told: %s\n%s", name, part, got)
			}
		}
	}
}

func TestAnAllowanceBesideAnotherIsNotOutranked(t *testing.T) {
	two := strings.Split(adding, "egress:\n")[0] + `egress:
  - {name: declared, when: party.declared, then: allow()}
  - {name: anyway, when: "true", then: allow()}
`
	_, got := explained(t, two, "GET https://mailchimp.example/", 100)
	if !strings.Contains(got, `ALLOW  policy.yaml:8:5 "declared"`) || !strings.Contains(got, `also:      policy.yaml:9:5 "anyway" allow()`) {
		t.Errorf("%s", got)
	}
}

func TestOfWhatIsDoneToACookieOnlyTheWeakerIsOutranked(t *testing.T) {
	_, got := explained(t, adding+`respond:
  - {name: short, when: cookie.max_age > days(1), then: strip_cookie()}
  - {name: again, when: cookie.max_age > days(2), then: strip_cookie()}
  - {name: capped, when: cookie.max_age > days(3), then: cap_cookie(days(3))}
  - {name: generous, when: cookie.max_age > days(4), then: cap_cookie(days(500))}
  - {name: fine, when: "true", then: 'set_header("referrer-policy", "origin")'}
  - {name: other, when: "true", then: 'set_header("referrer-policy", "no-referrer")'}
`, "GET / HTTP/1.1\nHost: www.nordhost.example\n\nHTTP/1.1 200 OK\nSet-Cookie: sid=1; Max-Age=9999999", 100)
	for _, part := range []string{`also:      policy.yaml:14:5 "again"`, `outranked: policy.yaml:15:5 "capped"`, `outranked: policy.yaml:16:5 "generous"`, `outranked: policy.yaml:18:5 "other"`} {
		if !strings.Contains(got, part) {
			t.Errorf("not told: %s\n%s", part, got)
		}
	}
}

// Of five hundred rules a reader is told of those that match, and of a few more.
func TestOfManyRulesThoseThatMatchAreAllTold(t *testing.T) {
	text := adding
	for i := range 500 {
		country := "DK"
		if i%50 == 0 {
			country = "US"
		}
		text += fmt.Sprintf("  - {name: rule %d, when: 'party.country == \"%s\"', then: allow()}\n", i, country)
	}
	e, got := explained(t, text, "GET https://mailchimp.example/", 100)
	if n := strings.Count(got, "outranked: "); n != 12 {
		t.Errorf("%d of 12 that match are told", n)
	}
	if n := strings.Count(got, "no match: "); n != 10 || !strings.Contains(got, "… and 481 more that do not match; --format json has all\n") {
		t.Errorf("%d that do not match are told\n%s", n, got)
	}
	if len(e.Egress.Rules) != 504 {
		t.Errorf("%d of 504 rules are in the object", len(e.Egress.Rules))
	}
}
