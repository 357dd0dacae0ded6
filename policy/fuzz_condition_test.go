package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/policy"
)

// FuzzConditions: whatever an expression says, in each place where there can be one, it is
// taken or refused at its line, and what is taken can be asked.
func FuzzConditions(f *testing.F) {
	for _, text := range []string{
		`adequte("US")`, `dayz(30) > days(1)`, `"a".foo()`, `flow.foo()`, `written.carries("user.contact") && retain.keep < days(31)`, `lowr(request.header["x-tenant"])`,
		`request.header["x-tenant"]`, `party.adequate || adequate(party.country)`, `deny("x")`, `allow()`, `"%d".format([1])`, `type(5) == int`, `consent.given("analytics") ? "a" : tenant`,
		`keep()`, `field.category.within("user")`, `field.foo`, `response.statusx == 200`, `[1].all(x, x > 0)`, `a &&  `, `-x`, `{"a": 1}.foo`, `len("a")`, `Foo{a: 1}`, `cookie.name == "a"`,
	} {
		f.Add(text)
	}
	const head = "controller: {name: N, country: DK, contact: p@n.example}\ndefaults: {retain: 30d, egress: deny, respond: allow}\n"
	places := []string{
		"tenant: '%s'\n", "tenant: {by: '%s', controllers: {}}\n",
		"promises: [{id: p, holds: '%s'}]\n", "promises: [{id: p, when: '%s', holds: 'true'}]\n",
		"redact: [{name: a, when: '%s', then: keep()}]\n", "redact: [{name: a, when: 'true', then: '%s'}]\n",
		"egress: [{name: a, when: '%s', then: allow()}]\n", "egress: [{name: a, when: 'true', then: '%s'}]\n",
		"respond: [{name: a, when: '%s', then: allow()}]\n", "respond: [{name: a, when: 'true', then: '%s'}]\n",
		"retain: [{name: a, when: '%s', then: keep_for(days(1))}]\n", "retain: [{name: a, when: 'true', then: '%s'}]\n",
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 500 || strings.ContainsAny(text, "\n\r") {
			return
		}
		quoted := strings.ReplaceAll(text, "'", "''")
		for _, place := range places {
			p, err := policy.Parse("p", fmt.Appendf([]byte(head), place, quoted))
			if (p == nil) == (err == nil) {
				t.Fatal("neither a policy nor an error, or both")
			}
			if p != nil {
				p.Judge(leaving("/a?who=b", "n.example", "user.contact.email"))
				p.Lint()
			}
		}
	})
}
