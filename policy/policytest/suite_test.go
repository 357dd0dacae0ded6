package policytest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"
)

const nordhostCases = `
- name: the entry of a visit
  given: {client: 203.0.113.77}
  at: 2026-11-22T10:00:00Z
  send: |
    GET /device/7f3c?email=anna%40example.dk&page=2&sort=anna
    Host: www.nordhost.example
  answer: |
    HTTP/1.1 200 OK
  expect:
    entry:
      client.address: 203.0.113.0
      url.path: "/device/{id}"
      url.query: email=h1.…&page=2&sort=
      http.response.status_code: 200
      http.request.header.referer:
      time: 2026-11-22T10:00:00Z
      retain: 30d
    redacted: {url.query.email: {category: user.contact.email, transform: hash, rule: people we recognise again}, client.address: truncate}
    nowhere: [anna@example.dk, 203.0.113.77]
    categories: [user.contact.email]
    party: none
- name: fields
  fields: {url.query.email: anna@example.dk, url.path: /device/1, client.address: 203.0.113.77, request.header.x-note: kanari, response.status: 204}
  expect:
    entry: {client.address: 203.0.113.0, url.path: "/device/{id}", http.response.status_code: 204, flow.direction: inbound}
    nowhere: [anna@example.dk, kanari]
`

func suite(t testing.TB, policyText, cases string) *Suite {
	t.Helper()
	all, err := ParseCases("cases.yaml", []byte(cases))
	if err != nil {
		t.Fatal(err)
	}
	return &Suite{Name: "policy.yaml", Policy: parsed(t, policyText), Cases: all, At: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
}

func TestCasesPassWhereThePolicyDoesWhatTheyExpect(t *testing.T) {
	for _, r := range suite(t, nordhost, nordhostCases).Run() {
		if !r.Passed() {
			t.Errorf("%s: %v %v", r.Case.Name, r.Err, r.Differences)
		}
	}
}

// failing has one expectation of each kind that does not hold.
const failing = `
- name: all wrong
  given: {client: 203.0.113.77}
  send: |
    GET /device/7f3c?email=anna%40example.dk&page=2
    Referer: https://forum.example/anna
  expect:
    entry: {url.path: /wrong, url.query:, client.address: 203.0.113.77, retain: 31d}
    redacted: {url.query.email: mask, url.query.page: drop}
    nowhere: ["203.0.113.0", "page=2"]
    categories: []
    verdict: deny
    by: nobody
`

func TestAFailureShowsBothSidesAndTheRuleThatDecided(t *testing.T) {
	s := suite(t, nordhost, failing)
	report := Report{Suites: []SuiteReport{{Policy: "policy.yaml", Results: s.Run()}}}
	var b bytes.Buffer
	if err := report.Pretty(&Layout{W: &b, Width: 160}); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(b.String()), " ")
	for _, want := range []string{
		"FAIL cases.yaml:2:3: all wrong", "LINE EXPECTED GOT",
		"8 expect.entry.url.path /wrong /device/{id}",
		"8 expect.entry.url.query (nothing) (what is to stand nowhere)",
		"8 expect.entry.retain 31d 30d",
		"9 expect.redacted.url.query.email mask user.contact.email: hash",
		"9 expect.redacted.url.query.page drop not found",
		"10 expect.nowhere[0] in no output in the combined entry, the common entry, the explanation, the json entry",
		"10 expect.nowhere[1] in no output in the combined entry, the common entry, the json entry",
		"11 expect.categories (nothing) user.behavior.browsing_history, user.contact.email",
		"12 expect.verdict deny (nobody else receives this)", "13 expect.by nobody (nobody else receives this)",
		`decided url.query.email user.contact.email: policy.yaml:10:5 "people we recognise again", hash()`,
		`decided client.address user.device.ip_address: policy.yaml:7:5 "visitors' addresses", truncate(24, 48)`,
		"nobody else receives this, so egress decides nothing; `given: {direction: outbound}` has the exchange go out", "FAIL policy.yaml: 1 case, 1 failed",
	} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q is not once in\n%s", want, b.String())
		}
	}
	if strings.Contains(text, "anna") {
		t.Errorf("a value is told:\n%s", b.String())
	}
}

func TestReportsForProgramsSayTheSame(t *testing.T) {
	s := suite(t, nordhost, nordhostCases+failing[1:])
	report := Report{Suites: []SuiteReport{{Policy: "policy.yaml", Results: s.Run()}}}
	var b bytes.Buffer
	if err := report.JSON(&b); err != nil {
		t.Fatal(err)
	}
	var got jsonReport
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || got.Cases != 3 || got.Failed != 1 || len(got.Policies[0].Cases) != 3 {
		t.Fatalf("%v %+v", err, got)
	}
	bad := got.Policies[0].Cases[2]
	if bad.Passed || len(bad.Differences) != 11 || bad.Differences[0].Expected != "/wrong" || bad.Differences[0].Got != "/device/{id}" || bad.Line != 28 {
		t.Errorf("%+v", bad)
	}
	b.Reset()
	if err := report.JUnit(&b); err != nil {
		t.Fatal(err)
	}
	var units junitSuites
	if err := xml.Unmarshal(b.Bytes(), &units); err != nil || units.Tests != 3 || units.Failures != 1 || units.Suites[0].Cases[2].Failure == nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if strings.Contains(b.String(), "anna") {
		t.Error("a value is told")
	}
}

func TestWhatIsExpectedMayLeaveTextOpen(t *testing.T) {
	for _, c := range []struct {
		want, got string
		fits      bool
	}{
		{"h1.…", "h1.abc", true}, {"h1....", "h1.abc", true}, {"a=h1.…&b=…&c", "a=h1.x&b=y&c", true}, {"a…b", "ab", true}, {"a…a", "a", false},
		{"…", "", true}, {"a…", "b", false}, {"a", "ab", false}, {"x=…", "x=…", true}, {"…b…", "abc", true}, {"…b…b", "ab", false},
	} {
		if got := fits(c.want, c.got); got != c.fits {
			t.Errorf("%q fits %q: %v", c.want, c.got, got)
		}
	}
}
