package policytest

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/redact/category"
)

func compared(t testing.TB, before, after string, exchanges ...string) *Comparison {
	t.Helper()
	var all []*Traffic
	for _, x := range exchanges {
		all = append(all, one(t, x))
	}
	c := NewComparer(Compared{Name: "old.yaml", Policy: parsed(t, before)}, Compared{Name: "new.yaml", Policy: parsed(t, after)}, time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	for _, one := range all {
		if err := c.Add(one); err != nil {
			t.Fatal(err)
		}
	}
	return c.Comparison()
}

// told is a comparison, a change a line.
func told(c *Comparison) []string {
	out := []string{}
	for _, x := range c.Changes {
		by := "no rule"
		if x.By != nil {
			by = x.By.Name
		}
		out = append(out, fmt.Sprintf("%d %s %s %s to %q: %s, %s by %s", x.Exchanges, x.Turn, x.Category, x.Place, x.To, x.Was, x.Is, by))
	}
	return out
}

const visiting = "GET /device/7?email=anna%40example.dk&page=2&cpr=010190-7777 HTTP/1.1\nX-Own: blue"

func TestWhatPoliciesDoOtherwiseIsTold(t *testing.T) {
	for _, test := range []struct {
		name, policy, old, new string
		exchanges, want        []string
	}{
		{"nothing", mailchimp, "", "", []string{subscribing, visiting}, []string{}},
		{"a weaker transform", nordhost, "then: hash()", "then: keep()", []string{visiting, visiting, "GET / HTTP/1.1"},
			[]string{`2 written user.contact.email url.query.email to "": hash(), as it is by people we recognise again`}},
		{"a shorter network is withheld", nordhost, "truncate(24, 48)", "truncate(16, 48)", []string{visiting},
			[]string{`1 withheld user.device.ip_address client.address to "": truncate(24, 48), truncate(16, 48) by visitors' addresses`}},
		{"a longer one is written", nordhost, "truncate(24, 48)", "truncate(32, 48)", []string{visiting},
			[]string{`1 written user.device.ip_address client.address to "": truncate(24, 48), truncate(32, 48) by visitors' addresses`}},
		{"a rule is gone", nordhost, "url.query.page\"", "url.query.pages\"", []string{visiting},
			[]string{`1 withheld  url.query.page to "": as it is, dropped by no rule`}},
		{"a name is declared", nordhost, "url.query.page\"", "request.header.x-own\"", []string{visiting},
			[]string{`1 written  request.header.x-own to "": dropped, as it is by the page of a list`, `1 withheld  url.query.page to "": as it is, dropped by no rule`}},
		{"a category is declared", nordhost, "redact:", "fields: {request.header.x-own: user.contact}\nredact:", []string{visiting},
			[]string{`1 written user.contact request.header.x-own to "": dropped, hash() by people we recognise again`}},
		{"subjects", nordhost, "redact:", "subjects: [user.contact.email]\nredact:", []string{visiting},
			[]string{`1 written user.contact.email subjects to "": dropped, hash() by no rule`}},
		{"no consent is asked for", mailchimp, `!consent.given("marketing")`, "false", []string{subscribing},
			[]string{`1 leaves user.contact.email request.body.email_address to "mailchimp/newsletter": denied, leaves by names stay`,
				`1 leaves user.content request.header.* to "mailchimp/newsletter": denied, leaves by names stay`}},
		{"what only watches lets through", mailchimp, `then: deny("no consent")`, `then: deny("no consent"), mode: monitor`, []string{subscribing},
			[]string{`1 leaves user.contact.email request.body.email_address to "mailchimp/newsletter": denied, leaves by newsletter only with consent`,
				`1 leaves user.content request.header.* to "mailchimp/newsletter": denied, leaves by newsletter only with consent`}},
		{"a party is declared no more", mailchimp, "*.api.mailchimp.com", "*.api.mailchimps.com", []string{strings.Replace(subscribing, "marketing=0", "marketing=given", 1)},
			[]string{`1 withheld user.contact.email request.body.email_address to "mailchimp.com (not declared)": leaves, denied by undeclared`,
				`1 withheld user.content request.header.* to "mailchimp.com (not declared)": leaves, denied by undeclared`}},
	} {
		if test.old != "" && !strings.Contains(test.policy, test.old) {
			t.Fatalf("%s: %q is not in the policy", test.name, test.old)
		}
		c := compared(t, test.policy, strings.Replace(test.policy, test.old, test.new, 1), test.exchanges...)
		if got := told(c); !slices.Equal(got, test.want) {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, strings.Join(got, "\n"), strings.Join(test.want, "\n"))
		}
		if leaks := slices.ContainsFunc(test.want, func(s string) bool { return !strings.Contains(s, " withheld ") }); c.Leaks() != leaks {
			t.Errorf("%s: leaks %v", test.name, c.Leaks())
		}
	}
}

func TestACookieThatIsStrippedNoMoreNewlyLeaves(t *testing.T) {
	before := nordhost + `
cookies: {_ga: {party: own, purposes: [analytics.reporting]}}
respond: [{name: no cookie before consent, when: "!consent.given(cookie.purposes)", then: strip_cookie()}]
`
	text := visiting + "\n\nHTTP/1.1 200 OK\nSet-Cookie: _ga=anna\nSet-Cookie: other=anna"
	want := []string{`1 leaves user.device.cookie_id response.cookie._ga to "the visitor's browser": strip_cookie, set by no rule`}
	if got := told(compared(t, before, strings.Replace(before, `"!consent.given(cookie.purposes)"`, "'!cookie.declared'", 1), text)); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// The order is by harm: who else receives it, of which category, how much of it, how often.
func TestTheMostDangerousChangeComesFirst(t *testing.T) {
	for _, k := range grave {
		if !category.Known(k) {
			t.Errorf("%s is no category", k)
		}
	}
	after := strings.NewReplacer("truncate(24, 48)", "keep()", "then: hash()", `then: "mask(1, 1)"`, `!consent.given("marketing")`, "false",
		"redact:", `redact:
  - {name: cards, when: 'field.category.within("user.financial")', then: "mask(0, 4)"}`).Replace(mailchimp)
	withCard := strings.Replace(subscribing, "?page=2", "?card_number=4111111111111111&mail=anna@example.dk", 1)
	var got []string
	for _, x := range compared(t, mailchimp, after, withCard, subscribing).Changes {
		got = append(got, fmt.Sprint(x.Turn, " ", x.Category))
	}
	want := []string{"leaves user.financial.credit_card", "leaves user.content", "leaves user.contact.email",
		"written user.financial.credit_card", "written user.device.ip_address", "written user.contact.email"}
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// What is sent stands in no comparison, and neither does a name that nobody declared.
func TestWhatWasSentStandsInNoComparison(t *testing.T) {
	for _, c := range []string{"kanariefugl-7f3c9b", "anna.kanari@example.dk", "010190-7777", "203.0.113.219"} {
		q, host := url.QueryEscape(c), strings.ReplaceAll(c, "@", ".")
		d := compared(t, nordhost, mailchimp,
			"GET /users/"+q+"?email="+q+"&"+q+"=1&note=see+"+q+"&page="+q+" HTTP/1.1\nReferer: https://"+host+".example/"+q+"\nX-"+host+": 1\nCookie: theme="+c+"; "+host+"=1",
			"POST https://"+host+".mailchimp.com/"+q+"\nContent-Type: application/json\n\n{\"email\":\""+c+"\",\""+c+"\":\""+c+"\"}")
		if len(d.Changes) == 0 {
			t.Error("nothing is otherwise")
		}
		var out bytes.Buffer
		if err := d.Pretty(&Layout{W: &out, Width: 80}); err != nil {
			t.Fatal(err)
		}
		if err := d.JSON(&out); err != nil {
			t.Fatal(err)
		}
		if stands(out.String(), c) {
			t.Errorf("%q stands in\n%s", c, out.String())
		}
	}
}

func TestADifferenceNamesNoDomainThatHoldsAnIdentifier(t *testing.T) {
	const denied = "controller: {name: Nordhost ApS, country: DK, contact: privacy@nordhost.example}\ndefaults: {retain: 30d, egress: deny}\n" +
		"redact: [{name: people, when: 'field.category.within(\"user\")', then: drop()}]\negress: [{name: ours, when: party.declared, then: allow()}]\n"
	for domain, named := range map[string]bool{"shop.example": true, "010190-1234.example": false} {
		got := told(compared(t, denied, strings.Replace(denied, "egress: deny", "egress: allow", 1), "GET https://"+domain+"/"))
		if len(got) == 0 || strings.Contains(strings.Join(got, "\n"), domain) != named {
			t.Errorf("%s: %q", domain, got)
		}
	}
}

// A response that is no longer denied reaches the browser, with or without cookies.
func TestAResponseThatIsNoLongerDeniedLeaves(t *testing.T) {
	const before = `
controller: {name: N, country: DK, contact: p@n.example}
respond:
  - {name: people, when: 'request.path.under("/people")', then: deny("people")}
`
	after := strings.Replace(before, "/people\"", "/nobody\"", 1)
	const picture = "GET /people/7 HTTP/1.1\nHost: www.nordhost.example\n\nHTTP/1.1 200 OK\nContent-Type: image/png"
	for _, c := range []struct {
		old, new string
		want     Turn
	}{{before, after, Leaves}, {after, before, Withheld}} {
		if d := compared(t, c.old, c.new, picture); len(d.Changes) != 1 || d.Changes[0].Turn != c.want || d.Changes[0].To != browser {
			t.Errorf("%s: %+v", c.want, d.Changes)
		}
	}
}
