package policytest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

const mailchimp = `
controller: {name: Nordhost ApS, country: DK, contact: privacy@nordhost.example}
defaults: {egress: deny, retain: 30d}
routes: [{at: "/3.0/lists/{id}/members"}]
redact:
  - {name: addresses, when: 'field.category.within("user.device.ip_address")', then: "truncate(24, 48)"}
  - {name: mail, when: 'field.category.within("user.contact")', then: hash()}
subjects: [user.contact.email]
parties:
  mailchimp:
    name: Intuit Inc.
    country: US
    role: processor
    safeguard: [scc]
    agreement: {id: M-1, expires: 2027-01-01}
    uses:
      newsletter: {hosts: ["*.api.mailchimp.com"], basis: consent, purposes: [marketing], categories: [user.contact.email]}
egress:
  - {name: undeclared, when: "!party.declared", then: deny("no agreement")}
  - {name: newsletter only with consent, when: 'party.use == "mailchimp/newsletter" && !consent.given("marketing")', then: deny("no consent")}
  - {name: names stay, when: 'flow.carries("user.contact.email")', then: 'strip(["user.name"])'}
  - {name: newsletter, when: 'party.use == "mailchimp/newsletter"', then: allow()}
consent: {read: [{header: x-weir-consent}]}
promises:
  - {id: p1, quote: x, when: 'party.country == "DK"', holds: "true"}
  - {id: p2, quote: y, holds: '!flow.carries("user.contact.email") || consent.given("marketing")'}
retain: [{name: orders, when: 'request.path.under("/orders")', then: 'keep_for(years(5)).by_law("Bookkeeping Act")'}]
`

func one(t testing.TB, text string) *Traffic {
	t.Helper()
	all, err := ReadTraffic("x.http", []byte(text), Given{}, "www")
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

func explained(t testing.TB, policyText, exchange string, width int) (*Explanation, string) {
	t.Helper()
	e, err := Explain(Compared{Name: "a/policy.yaml", Policy: parsed(t, policyText)}, one(t, exchange), time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := e.Pretty(&Layout{W: &b, Width: width}); err != nil {
		t.Fatal(err)
	}
	return e, b.String()
}

const subscribing = "POST https://us1.api.mailchimp.com/3.0/lists/7/members?page=2\nContent-Type: application/json\nX-Trace-Note: hello\nX-Build-Id: 7\nX-Weir-Consent: marketing=0\n\n" +
	`{"email_address":"anna@example.dk"}`

func TestAnExplanationSaysWhatDecidedWithItsPlace(t *testing.T) {
	_, got := explained(t, mailchimp, subscribing, 100)
	head := "POST mailchimp.com/3.0/lists/{id}/members\noutbound · www · seen full · mailchimp/newsletter (US, scc, agreement to 2027-01-01) · 2026-11-22\n\nFIELD "
	if !strings.HasPrefix(got, head) {
		t.Errorf("does not begin with\n%s", head)
	}
	for _, part := range []string{
		"client.address       user.device.ip_address  policy.yaml:6:5   192.0.2.0\n",
		"url.path.id          id by route             policy.yaml:4:15  {id}\n",
		"url.query.page       nothing                 no rule           dropped\n    → redact: [{name: NAME, when: 'field.place == \"url.query.page\"', then: keep()}]\n",
		"header.x-trace-note  user.content            no rule           dropped\n",
		"    → fields: {request.header.x-build-id: CATEGORY}\n",
		"body.email_address   user.contact.email      –                 no (body); subjects +1\n                       value .95 + name\n",
		"\nEGRESS  DENY  policy.yaml:20:5 \"newsletter only with consent\"\n  reason: no consent\n",
		"\n  party.use == \"mailchimp/newsletter\"    true\n  consent.given(\"marketing\")             false  (marketing: not asked)\n",
		"\n  no match:  policy.yaml:19:5 \"undeclared\" party.declared = true\n  outranked: policy.yaml:21:5 \"names stay\" strip([\"user.name\"])\n  outranked: policy.yaml:22:5 \"newsletter\" allow()\n",
		"\nPROMISES  p2 kept (enforced) · p1 not concerned\nRETAIN    30d  (defaults)\n",
	} {
		if !strings.Contains(got, part) {
			t.Errorf("not told:\n%s", part)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
}

func TestAnExplanationFitsItsWidth(t *testing.T) {
	long := strings.Replace(subscribing, "X-Build-Id: 7", "X-Build-Id: 7\nReferer: https://forum.example/a?u=anna@example.dk\nUser-Agent: Mozilla/5.0\nAuthorization: Bearer x", 1)
	for _, width := range []int{72, 80, 120, 160} {
		_, got := explained(t, mailchimp, long, width)
		for line := range strings.Lines(got) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%d characters where %d fit: %s", n, width, line)
			}
		}
	}
}

func TestColoursChangeNothingElse(t *testing.T) {
	e, plain := explained(t, mailchimp, subscribing, 90)
	var b bytes.Buffer
	if err := e.Pretty(&Layout{W: &b, Width: 90, Color: true}); err != nil {
		t.Fatal(err)
	}
	if got := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(b.String(), ""); got != plain || got == b.String() {
		t.Errorf("%s\n%s", got, plain)
	}
}

func TestWhatRetentionLeavesOutOfAnEntryIsToldSo(t *testing.T) {
	limited := mailchimp + `  - {name: lists, when: 'request.path.under("/3.0")', then: 'keep_for(days(7)).only(["url.path", "http.request.header.content-type"])'}` + "\n"
	limited = strings.Replace(strings.Replace(limited, "retain: [{", "retain:\n  - {", 1), `("Bookkeeping Act")'}]`, `("Bookkeeping Act")'}`, 1)
	_, got := explained(t, limited, subscribing, 100)
	for _, part := range []string{"  dropped by retain\n", "RETAIN    7d  policy.yaml:29:5 \"lists\"; only url.path, http.request.header.content-type\n"} {
		if !strings.Contains(got, part) {
			t.Errorf("not told: %s\n%s", part, got)
		}
	}
}

// Whoever takes the proposed line into the policy has it read, and the value found or written.
func TestTheLineThatWouldDeclareAFieldIsOneOfThePolicy(t *testing.T) {
	e, _ := explained(t, nordhost, "GET /users/anna?utm_source=7&favourite_colour=red&q=x HTTP/1.1\nX-Build-Id: 7\nX-Note: hello\nCookie: theme=dark; build_id=4", 100)
	lines := 0
	for i := range e.Fields {
		line := e.Fields[i].Declared
		if line == "" {
			continue
		}
		lines++
		line = strings.NewReplacer("CATEGORY", "user.content", ".NAME:", ".colour:", "name: NAME", fmt.Sprintf("name: new %d", i)).Replace(line)
		text := nordhost
		if rule, ok := strings.CutPrefix(line, "redact: ["); ok {
			text += "  - " + strings.TrimSuffix(rule, "]") + "\n"
		} else if route, ok := strings.CutPrefix(line, "routes: ["); ok {
			text = strings.Replace(text, "routes:\n", "routes:\n  - "+strings.TrimSuffix(route, "]")+"\n", 1)
		} else {
			text += line + "\n"
		}
		parsed(t, text)
	}
	if lines < 6 {
		t.Errorf("only %d lines are proposed: %+v", lines, e.Fields)
	}
}

// A terminal must take nothing that a policy lets through for a command.
func TestAnExplanationHoldsNoCommandsOfTerminals(t *testing.T) {
	_, got := explained(t, nordhost+"  - {name: agents, when: 'field.place == \"request.header.referer\"', then: keep()}\n", "GET / HTTP/1.1\nReferer: a\x1b[2Jb\u202ec", 100)
	if strings.ContainsAny(got, "\x1b\u202e") {
		t.Errorf("%q", got)
	}
}

func TestOfATunnelNoMoreIsExplainedThanWasSeen(t *testing.T) {
	e, got := explained(t, mailchimp, "CONNECT us1.api.mailchimp.com:443 HTTP/1.1", 100)
	if e.Seen != "tunnel" || !strings.Contains(got, "  consent.given(\"marketing\")             unknown ") || !strings.Contains(got, "p2 undecided") {
		t.Errorf("%s", got)
	}
}

// What is sent stands in no explanation: in no place, whatever of the exchange it is.
func TestWhatWasSentStandsInNoExplanation(t *testing.T) {
	canaries := []string{"kanariefugl-7f3c9b", "anna.kanari@example.dk", "010190-7777", "4111111111111111", "203.0.113.219"}
	for _, c := range canaries {
		q := url.QueryEscape(c)
		for _, exchange := range []string{
			"GET /users/" + q + "?email=" + q + "&" + q + "=1&note=see+" + q + "&page=" + q + " HTTP/1.1\nReferer: https://" + strings.ReplaceAll(c, "@", ".") + ".example/" + q + "?a=" + q + "\nX-" + strings.ReplaceAll(c, "@", "-") + ": 1\nCookie: theme=" + c + "; " + strings.ReplaceAll(c, "@", ".") + "=1\nAuthorization: Basic " + base64.StdEncoding.EncodeToString([]byte("u:"+c)) + "\n\n",
			"POST https://" + strings.ReplaceAll(c, "@", ".") + ".mailchimp.com/3.0/lists/" + q + "/members\nContent-Type: application/json\nX-Weir-Consent: " + c + "\n\n{\"email\":\"" + c + "\",\"" + c + "\":{\"x\":\"" + c + "\"}}",
			"POST https://us1.api.mailchimp.com/" + q + "\nContent-Type: application/x-www-form-urlencoded\n\n" + q + "=" + q,
			c + " / HTTP/1.1\nHost: " + strings.ReplaceAll(c, "@", "."),
		} {
			all, err := ReadTraffic("x.http", []byte(exchange+"\n\nHTTP/1.1 302 "+c+"\nLocation: /users/"+q+"\nSet-Cookie: "+strings.ReplaceAll(c, "@", ".")+"="+c+"; Domain="+c+"\n"), Given{}, "www")
			outputs := []string{fmt.Sprint(err)}
			for _, one := range all {
				for _, text := range []string{nordhost, mailchimp} {
					e, err := Explain(Compared{Name: "policy.yaml", Policy: parsed(t, text)}, one, time.Time{})
					if err != nil {
						outputs = append(outputs, err.Error())
						continue
					}
					var pretty, told bytes.Buffer
					if err := errors.Join(e.Pretty(&Layout{W: &pretty, Width: 100}), e.JSON(&told)); err != nil {
						t.Fatal(err)
					}
					outputs = append(outputs, pretty.String(), told.String(), fmt.Sprintf("%+v", *e))
				}
			}
			for _, out := range outputs {
				if stands(out, c) {
					t.Errorf("%q stands in\n%s", c, out)
				}
			}
		}
	}
}

func TestADomainThatHoldsAnIdentifierIsNotTold(t *testing.T) {
	const policy = `
controller: {name: Nordhost ApS, country: DK, contact: privacy@nordhost.example}
defaults: {retain: 30d, egress: allow}
redact: [{name: people, when: 'field.category.within("user")', then: drop()}]
egress:
  - {name: hosts, when: 'request.host.endsWith(".other")', then: deny("other")}
`
	for domain, told := range map[string]bool{"shop.example": true, "010190-1234.example": false} {
		e, text := explained(t, policy, "GET https://"+domain+"/", 100)
		written, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, domain) != told || strings.Contains(string(written), domain) != told {
			t.Errorf("%s: %s", domain, text)
		}
	}
}
