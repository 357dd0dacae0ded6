package policytest

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"weir/policy"
	"weir/redact/record"
)

const nordhost = `
controller: {name: Nordhost ApS, country: DK, contact: privacy@nordhost.example}
defaults: {retain: 30d}
routes:
  - at: /device/{id}
redact:
  - name: visitors' addresses
    when: field.category.within("user.device.ip_address")
    then: truncate(24, 48)
  - name: people we recognise again
    when: field.category.within("user.contact") || field.category.within("user.unique_id")
    then: hash()
  - name: the page of a list
    when: field.place == "url.query.page"
    then: keep()
`

func parsed(t testing.TB, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func runner(t testing.TB, text string) *Runner {
	t.Helper()
	r, err := New(Config{Policy: parsed(t, text), Service: "www"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sample(t testing.TB, given Given, request, answer string) *Sample {
	t.Helper()
	s, _, err := ReadHTTP(request, answer)
	if err != nil {
		t.Fatal(err)
	}
	if given.At.IsZero() {
		given.At = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	}
	s.give(&given)
	return s
}

func TestTheEntryIsThatOfLiveTraffic(t *testing.T) {
	r := runner(t, nordhost)
	for range 2 { // a runner keeps nothing from one to the next
		o, err := r.Run(sample(t, Given{Client: netip.MustParseAddr("203.0.113.77")},
			"GET /device/7f3c?email=anna%40example.dk&page=2&sort=anna HTTP/1.1\nHost: www.nordhost.example\n", "HTTP/1.1 200 OK\nContent-Type: text/plain\n\nhello"))
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]any{"client.address": "203.0.113.0", "url.path": "/device/{id}", "flow.direction": "inbound", "url.scheme": "https",
			"http.response.status_code": 200.0, "http.response.body.size": 5.0, "retain": "30d", "time": "2026-11-22T10:00:00Z", "tls.protocol.version": "1.3"} {
			if o.Entry[key] != want {
				t.Errorf("%s is %v, want %v", key, o.Entry[key], want)
			}
		}
		if q, _ := o.Entry["url.query"].(string); !strings.HasPrefix(q, "email=h1.") || !strings.HasSuffix(q, "&page=2&sort=") {
			t.Errorf("the query is %s", q)
		}
		if o.Class != "30d" || o.Keep != 30*24*time.Hour || !o.Scanned || !strings.HasPrefix(o.Lines[record.Common], "203.0.113.0 ") {
			t.Errorf("%s %v %v %s", o.Class, o.Keep, o.Scanned, o.Lines[record.Common])
		}
	}
}

func TestWhatABodyHoldsIsFoundByPlace(t *testing.T) {
	r := runner(t, nordhost)
	o, err := r.Run(sample(t, Given{}, "POST https://us1.api.mailchimp.com/3.0/lists/7/members\nContent-Type: application/json\n\n"+
		`{"email_address":"anna@example.dk","tags":["of 203.0.113.9"]}`, ""))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range o.Found {
		if strings.HasPrefix(f.Place, "request.body") {
			got = append(got, f.Place+" "+string(f.Category))
		}
	}
	if all := strings.Join(got, ", "); all != "request.body.email_address user.contact.email, request.body.tags user.device.ip_address" {
		t.Errorf("found %s", all)
	}
	if o.Entry["flow.direction"] != "outbound" || o.Entry["server.address"] != "mailchimp.com" || !o.Scanned {
		t.Error(o.Lines[record.JSON])
	}
}

func TestWhatWasNotSeenIsNotScanned(t *testing.T) {
	r := runner(t, nordhost)
	for what, s := range map[string]*Sample{
		"a body of no known type": sample(t, Given{}, "POST https://a.example/\nContent-Type: image/png\n\nanna", ""),
		"only heads":              sample(t, Given{Visibility: "headers"}, "POST https://a.example/\nContent-Type: text/plain\n\nanna", ""),
		"a tunnel":                sample(t, Given{}, "CONNECT a.example:443", ""),
	} {
		o, err := r.Run(s)
		if err != nil {
			t.Fatal(err)
		}
		if o.Scanned {
			t.Errorf("%s was scanned: %s", what, o.Lines[record.JSON])
		}
	}
}

func TestLinesThatAreNoMessageAreToldByTheirNumber(t *testing.T) {
	for text, want := range map[string]string{
		"": "line 1: there is no message here", "\n\n": "line 1: there is no message here", "anna": "line 1: this is no request line",
		"\nGET anna": "line 2: this is no target of a request", "GET ftp://a/": "line 1: this is no target of a request",
		"GET https://": "line 1: this is no target of a request", "CONNECT a/b": "line 1: this is no target of a request",
		"GET / HTTP/1.1\nA: b\nanna jensen\n\n": "line 3: this is no header line", "GET /\nA b: c": "line 2: this is no header line",
	} {
		if _, _, err := ReadHTTP(text, ""); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	for text, want := range map[string]string{"anna": "line 1: this is no status line", "HTTP/1.1 20 OK": "line 1: this is no status line", "200\nb": "line 2: this is no header line"} {
		if _, in, err := ReadHTTP("GET /", text); err == nil || !in || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestASampleDoesNotPrint(t *testing.T) {
	s := sample(t, Given{}, "GET /anna", "")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if out := fmt.Sprintf(verb, s); strings.Contains(out, "anna") || strings.Contains(out, "97 110") {
			t.Errorf("%s: %s", verb, out)
		}
	}
}
