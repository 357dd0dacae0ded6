package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/policy"
	"weir/redact/category"
	"weir/redact/raw"
)

const strong = `
controller: {name: N, country: DK, contact: p@n.example}
defaults: {retain: 30d, egress: deny}
redact:
  - {name: mail, when: 'field.category.within("user.contact")', then: hash()}
  - {name: page, when: 'field.place == "url.query.page" // of a list', then: keep()}
egress:
  - {name: undeclared, when: '!party.declared', then: 'deny("(no) agreement")', unseen: deny}
  - {name: all, when: "true", then: allow()}
respond:
  - {name: no cookie, when: 'cookie.name == "a"', then: strip_cookie()}
retain:
  - {name: orders, when: 'request.path.under("/orders")', then: 'keep_for(years(5)).by_law("Act (5)").only(["url.path", "subjects"])'}
promises:
  - {id: p1, quote: q, when: 'party.declared', holds: '!flow.carries("user.contact.email")'}
`

func TestEveryRuleIsWeakenedInEachWay(t *testing.T) {
	p, err := policy.Parse("policy.yaml", []byte(strong))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range p.Weakenings() {
		got = append(got, fmt.Sprintf("%s %s %d: %s", w.Rule.Section, w.Rule.Name, w.Rule.At.Line, w.What))
		if weaker, ok := p.Weakened(&w); !ok || weaker == p {
			t.Errorf("%s %s is none", w.Rule.Name, w.What)
		}
	}
	want := "redact mail 5: removed\nredact mail 5: `when` is always true\nredact mail 5: `then` is keep()\n" +
		"redact page 6: removed\nredact page 6: `when` is always true\n" +
		"egress undeclared 8: removed\negress undeclared 8: `when` is always true\negress undeclared 8: `unseen` is allow\negress undeclared 8: `then` is allow()\n" +
		"egress all 9: removed\n" +
		"respond no cookie 11: removed\nrespond no cookie 11: `when` is always true\nrespond no cookie 11: `then` is allow()\n" +
		"retain orders 13: removed\nretain orders 13: `when` is always true\nretain orders 13: `then` is keep_for(years(99))\nretain orders 13: `then` is without only()\n" +
		"promises p1 15: `holds` is true\npromises p1 15: `when` is always false\ndefaults egress 0: is allow"
	if all := strings.Join(got, "\n"); all != want {
		t.Errorf("got\n%s\nwant\n%s", all, want)
	}
	if again, _ := policy.Parse("policy.yaml", []byte(strong)); len(again.Weakenings()) != len(p.Weakenings()) {
		t.Error("weakening has changed the policy itself")
	}
}

// What a weakening says is what it does.
func TestAWeakenedPolicyDecidesOtherwise(t *testing.T) {
	p, err := policy.Parse("policy.yaml", []byte(strong))
	if err != nil {
		t.Fatal(err)
	}
	weakened := func(rule, what string) *policy.Policy {
		all := p.Weakenings()
		i := slices.IndexFunc(all, func(w policy.Weakening) bool { return w.Rule.Name == rule && w.What == what })
		weaker, ok := p.Weakened(&all[i])
		if !ok {
			t.Fatal(rule, what)
		}
		return weaker
	}
	decided := func(p *policy.Policy, key category.Key) string {
		return p.Decide(&raw.Question{Place: p.Place(raw.Query, []byte("q")), Category: key, Confidence: 95, Exchange: newExchange("/", "")}).Transform.String()
	}
	for _, c := range []struct {
		rule, what string
		key        category.Key
		before     string
		after      string
	}{
		{"mail", "removed", category.Email, "hash()", "drop()"}, {"mail", "`then` is keep()", category.Email, "hash()", "keep()"},
		{"mail", "`when` is always true", "user.device", "drop()", "hash()"}, {"page", "`when` is always true", "", "drop()", "keep()"},
	} {
		if before, after := decided(p, c.key), decided(weakened(c.rule, c.what), c.key); before != c.before || after != c.after {
			t.Errorf("%s %s: %s, then %s", c.rule, c.what, before, after)
		}
	}
	kept := func(p *policy.Policy) string {
		r := p.Retention(&policy.Seen{Exchange: newExchange("/orders/7", "")})
		return fmt.Sprint(r.Class, r.Law, r.Only)
	}
	for what, want := range map[string]string{"removed": "30d[]", "`then` is keep_for(years(99))": "36135dAct (5)[url.path subjects]", "`then` is without only()": "1825dAct (5)[]"} {
		if got := kept(weakened("orders", what)); got != want {
			t.Errorf("%s: %s", what, got)
		}
	}
}
