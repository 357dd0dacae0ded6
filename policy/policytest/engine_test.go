package policytest

import (
	"net/netip"
	"strings"
	"testing"

	"weir/redact"
	"weir/redact/keys"
	"weir/redact/raw"
	"weir/redact/record"
)

// What a runner asks one by one is what live traffic remembers.
func TestARunnerWritesWhatLiveTrafficWrites(t *testing.T) {
	r := runner(t, nordhost+"\nsubjects: [user.contact.email]\n")
	ring := keys.NewFleeting()
	engine := func(d redact.Decider) (*redact.Engine, *lineSink) {
		sink := &lineSink{format: record.JSON}
		e, err := redact.New(redact.Config{Decider: func() redact.Decider { return d }, Service: "www", Keys: ring, Sinks: []redact.Sink{sink}})
		if err != nil {
			t.Fatal(err)
		}
		return e, sink
	}
	live, liveSink := engine(r.policy)
	r.engine, r.lines[record.JSON] = engine(r.asked)
	for i, text := range []string{
		"GET /device/7f3c?email=anna%40example.dk&page=2&sort=anna\nHost: www.nordhost.example\nReferer: https://forum.example/t/9?u=anna\nCookie: sid=1; theme=dark\nX-Forwarded-For: 198.51.100.23",
		"POST https://us1.api.mailchimp.com/3.0/lists/7/members\nContent-Type: application/json\n\n{\"email_address\":\"anna@example.dk\",\"ip\":\"203.0.113.9\"}",
		"CONNECT a.example:443",
		"PUT /users/anna@example.dk?a=1&b&=c HTTP/1.1\nAuthorization: Basic YW5uYTpzZWNyZXQ=\nContent-Type: application/x-www-form-urlencoded\n\nemail=anna%40example.dk&cpr=010190-1234",
	} {
		for range 2 { // the second time the engine remembers the first
			s := sample(t, Given{Client: netip.MustParseAddr("203.0.113.77")}, text, "HTTP/1.1 302 Found\nLocation: https://a.example/?email=bo@example.dk\nSet-Cookie: sid=x")
			o, err := r.Run(s)
			if err != nil {
				t.Fatal(err)
			}
			carry(live, s)
			if got, want := o.Lines[record.JSON], liveSink.line; got != want || !strings.HasPrefix(got, `{"time":`) {
				t.Errorf("exchange %d:\n%s\n%s", i, got, want)
			}
		}
	}
}

// carry passes a sample through an engine as the relay does.
func carry(e *redact.Engine, s *Sample) {
	verdict, observer := e.Begin(&s.exchange)
	if taps, ok := observer.(raw.Taps); ok && s.exchange.Visibility != raw.SeenTunnel {
		for _, b := range s.request {
			if verdict.Request != raw.Tapped || !taps.RequestBody([]byte{b}) {
				break
			}
		}
	}
	observer.Observe(&s.exchange)
}

const shopRules = `
controller: {name: Nordhost ApS, country: DK, contact: privacy@nordhost.example}
defaults: {retain: 30d}
cookies: {_ga: {party: own, purposes: [analytics.reporting], max_age: 395d}}
routes: [{at: "/orders/{id}"}]
respond:
  - {name: no cookie before consent, when: '!consent.given(cookie.purposes)', then: strip_cookie()}
  - {name: thirteen months, when: cookie.declared, then: cap_cookie(days(395))}
  - {name: where from, when: "true", then: 'set_header("referrer-policy", "origin")'}
retain:
  - {name: orders, when: 'request.route.under("/orders")', then: 'keep_for(years(5)).by_law("Bookkeeping Act").only(["url.path", "subjects"])'}
`

const shopCases = `
- name: before consent
  send: GET /
  answer: |
    HTTP/1.1 200 OK
    Set-Cookie: _ga=GA1.2.3; Max-Age=63072000
  expect:
    response: ["strip_cookie(_ga)", "set_header(referrer-policy, origin)"]
    retain: 30d
  monitor: {response: ["would-strip_cookie(_ga)", "would-set_header(referrer-policy, origin)"]}
- name: with consent
  given: {consent: {analytics: given}}
  send: GET /orders/7
  answer: |
    HTTP/1.1 200 OK
    Set-Cookie: _ga=GA1.2.3; Max-Age=63072000
  expect:
    response: ["cap_cookie(_ga, 395d)", "set_header(…)"]
    retain: {class: 1825d, by: orders, law: Bookkeeping Act, only: [url.path, subjects]}
    entry: {retain: 1825d, url.path: "/orders/{id}", http.response.status_code:}
`

func TestResponsesAndRetentionAreExpected(t *testing.T) {
	s := suite(t, shopRules, shopCases)
	for _, r := range s.Run() {
		if !r.Passed() {
			t.Errorf("%s: %v %v", r.Case.Name, r.Err, r.Differences)
		}
	}
	if m, err := s.Mutate(nil); err != nil || len(m.Unnoticed) != 1 {
		t.Errorf("%v %v", err, m.Unnoticed)
	}
	wrong := strings.NewReplacer("strip_cookie(_ga)", "strip_cookie(sid)", "class: 1825d", "class: 30d", "law: Bookkeeping Act", "law: none, hold: x", "[url.path, subjects]", "[url.path]").Replace(shopCases)
	var keys []string
	for _, r := range suite(t, shopRules, wrong).Run() {
		for _, d := range r.Differences {
			keys = append(keys, d.Key)
		}
	}
	if got := strings.Join(keys, " "); got != "expect.response monitor.response expect.retain expect.retain.law expect.retain.hold expect.retain.only" {
		t.Error(got)
	}
}
