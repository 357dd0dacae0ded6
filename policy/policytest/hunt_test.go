package policytest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// flock makes canaries, each unlike every other.
type flock struct{ all []string }

func (f *flock) word() string { return f.put(fmt.Sprintf("kanari%03dtekst", len(f.all))) }
func (f *flock) mail() string { return f.put(fmt.Sprintf("kanari%03d@person.example", len(f.all))) }
func (f *flock) address() string {
	return f.put(fmt.Sprintf("198.51.%d.%d", 100+len(f.all), 101+len(f.all)))
}

func (f *flock) put(c string) string {
	f.all = append(f.all, c)
	return c
}

// hunted are cases with a canary in each place of what is sent, of which everything that is
// expected is wrong.
func (f *flock) hunted() string {
	const wrong = `
  expect:
    verdict: alert
    by: no such rule
    reason: none
    party: nobody/nothing
    tenant: none
    categories: []
    excess: [user.name]
    strip: [user.name]
    rewrite: {url.query.email: keep()}
    entry: {client.address: wrong, url.path: /wrong, url.query: wrong, server.address: wrong, tls.server_name: wrong, http.request.header.cookie: wrong,
            http.request.header.referer: wrong, http.request.header.x-note: wrong, http.response.header.location: wrong, http.response.header.set-cookie: wrong, retain: 1d}
    redacted: {url.query.email: mask, client.address: mask, request.cookie.sid: mask, request.header.referer: mask, url.path: mask, request.body.email: mask}
    response: [deny()]
    retain: {class: 1d, by: x, law: x, hold: x, only: [x]}
    promises: {p2: not concerned, none: kept}
    nowhere: ["{"]
  monitor: {verdict: alert, by: nobody, response: [deny()], promises: {p2: not concerned}}
`
	m, w, a := f.mail, f.word, f.address
	token := base64.StdEncoding.EncodeToString([]byte(w()))
	text := "- name: text\n  given: {client: " + a() + ", to: " + w() + ".example, recipient: " + a() + "}\n  send: |\n" +
		"    POST https://" + w() + ":" + w() + "@" + w() + ".api.mailchimp.com/users/" + w() + "/" + m() + "?email=" + url.QueryEscape(m()) + "&" + w() + "=" + w() + "&q=" + token + "\n" +
		"    Cookie: sid=" + w() + "; " + w() + "=" + w() + "\n    Referer: https://forum.example/" + w() + "?u=" + m() + "\n    X-Note: " + m() + "\n    " + w() + ": " + w() + "\n" +
		"    X-Forwarded-For: " + a() + "\n    Authorization: Bearer " + w() + "\n    Content-Type: application/json\n\n" +
		"    {\"email\":\"" + m() + "\",\"" + w() + "\":\"" + a() + "\",\"note\":\"" + w() + "\"}\n" +
		"  answer: |\n    HTTP/1.1 302 " + w() + "\n    Location: https://a.example/" + w() + "?email=" + m() + "\n    Set-Cookie: " + w() + "=" + w() + "; Domain=" + w() + ".example\n" +
		"    Content-Type: text/plain\n\n    " + m() + " " + w() + wrong
	text += "- name: fields\n  fields: {client.address: " + a() + ", url.path: /" + w() + ", url.query.email: " + m() + ", url.query." + w() + ": " + w() + ", request.cookie.sid: " + w() +
		", request.body.user.email: " + m() + ", response.cookie." + w() + ": " + w() + "}" + wrong
	return text
}

func TestNoReportHoldsWhatWasSent(t *testing.T) {
	for _, rules := range []string{judging, nordhost, shopRules, strings.Replace(judging, "egress: deny", "egress: alert", 1)} {
		f := &flock{}
		cases := strings.Replace(f.hunted(), `nowhere: ["{"]`, "nowhere: ["+strings.Join(f.all, ", ")+"]", 1)
		cases = strings.ReplaceAll(cases, `nowhere: ["{"]`, "nowhere: [none of it]")
		s := suite(t, rules, cases)
		s.Cover()
		results := s.Run()
		m, err := s.Mutate(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			if r.Err != nil || len(r.Differences) < 20 {
				t.Fatalf("%s: %v, %d differences: that is no hunt", r.Case.Name, r.Err, len(r.Differences))
			}
			for _, d := range r.Differences {
				if strings.HasPrefix(d.Key, "expect.nowhere") {
					t.Errorf("%s: %s", d.Key, d.Got)
				}
			}
		}
		report := Report{Suites: []SuiteReport{{Policy: "policy.yaml", Results: results, Coverage: s.Coverage, Mutation: m}}}
		var b bytes.Buffer
		for name, write := range map[string]func() error{"pretty": func() error { return report.Pretty(&Layout{W: &b, Width: 80}) }, "JSON": func() error { return report.JSON(&b) }, "JUnit": func() error { return report.JUnit(&b) }} {
			b.Reset()
			if err := write(); err != nil || b.Len() < 1000 {
				t.Fatal(err, b.Len())
			}
			for _, c := range f.all {
				if stands(b.String(), c) {
					t.Errorf("%s is in the %s report:\n%s", c, name, b.String())
				}
			}
		}
	}
}

func TestNoErrorHoldsWhatWasSent(t *testing.T) {
	f := &flock{}
	w := f.word
	for _, text := range []string{
		"- {name: a, send: 'GET " + w() + "', expect: {verdict: allow}}", "- {name: a, send: '" + w() + "', expect: {verdict: allow}}",
		"- {name: a, send: 'GET ftp://" + w() + "', expect: {verdict: allow}}", "- {name: a, send: \"GET /\\n" + w() + " x\", expect: {verdict: allow}}",
		"- {name: a, send: GET /, answer: '" + w() + "', expect: {verdict: allow}}", "- {name: a, fields: {url.path: '" + w() + " x'}, expect: {verdict: allow}}",
		"- {name: a, fields: {client.address: " + w() + "}, expect: {verdict: allow}}", "- {name: a, given: {client: " + w() + "}, send: GET /, expect: {verdict: allow}}",
		"- {name: a, fields: {request.method: '" + w() + " x'}, expect: {verdict: allow}}",
	} {
		_, err := ParseCases("c.yaml", []byte(text))
		if err == nil {
			t.Errorf("%s is read", text)
			continue
		}
		for _, c := range f.all {
			if stands(err.Error(), c) {
				t.Errorf("%s is told: %v", c, err)
			}
		}
	}
	har := `{"log":{"entries":[{"request":{"method":"` + w() + ` x","url":"` + w() + `"}}]}}`
	if _, err := ReadHAR([]byte(har), Given{}); err == nil || stands(err.Error(), "kanari") {
		t.Error(err)
	}
}
