package policytest

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestMessagesAreDividedWhereOneBegins(t *testing.T) {
	text := "GET /a HTTP/1.1\nHost: a\n\nHTTP/1.1 103 Early Hints\n\nHTTP/1.1 204 No Content\n\n" +
		"POST /b HTTP/1.1\nContent-Type: text/plain\n\nGET /in/a/body\n\nsaid HTTP/1.1\n\n\nPUT https://c.example/d HTTP/1.1\nX: y\n"
	all, err := ReadTraffic("log.http", []byte(text), Given{}, "www")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, one := range all {
		m := &one.sample.exchange.Request
		got = append(got, one.Name+" "+string(m.Peek(m.Method))+" "+string(m.Peek(m.Path))+" "+string(one.sample.request))
	}
	want := "log.http:1 GET /a |log.http:8 POST /b GET /in/a/body\n\nsaid HTTP/1.1|log.http:16 PUT /d "
	if strings.Join(got, "|") != want {
		t.Errorf("%q, want %q", strings.Join(got, "|"), want)
	}
	if status := all[0].sample.exchange.Response.Status; status != 204 {
		t.Errorf("the answer that counts is %d", status)
	}
}

// Errors of traffic tell a place and quote nothing.
func TestErrorsOfTrafficQuoteNothing(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "x: there is no exchange in it",
		"anna":                               "x:1:1: this is no request line; write instead: a method and a target, such as GET https://www.example/page?x=1",
		"GET / HTTP/1.1\n\nGET b HTTP/1.1":   "x:3:1: this is no target of a request; write instead: a URL, or a path that begins with /",
		"GET / HTTP/1.1\n\nHTTP/1.1 200\nan": "x:4:1: this is no header line; write instead: Name: value, and an empty line before a body",
		"GET / HTTP/9.9":                     "x:1:1: this is no version of HTTP; write instead: HTTP/1.1, or nothing",
		"\nGET / HTTP/anna":                  "x:2:1: this is no version of HTTP; write instead: HTTP/1.1, or nothing",
		"GET / HTTP/1.1\n\nHTTP/9.9 200 OK":  "x:3:1: this is no version of HTTP; write instead: HTTP/1.1 200 OK",
		"GET http://[::1/ HTTP/1.1":          "x:1:1: this is no target of a request; write instead: a URL, or a path that begins with /",
		"GET http://::1/":                    "x:1:1: this is no target of a request; write instead: a URL, or a path that begins with /",
		"GET http://[anna]/":                 "x:1:1: this is no target of a request; write instead: a URL, or a path that begins with /",
		"GET http://a:anna/":                 "x:1:1: this is no target of a request; write instead: a URL, or a path that begins with /",
		"CONNECT [::1:443 HTTP/1.1":          "x:1:1: this is no target of a request; write instead: a URL, or a path that begins with /",
		`{"anna":1}`:                         "x: this is no HTTP Archive: an object with log.entries",
		`{"log":{"entries":[]}}`:             "x: there is no exchange in it",
	} {
		if _, err := ReadTraffic("x", []byte(text), Given{}, "www"); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestTargetsOfEachFormAndVersionAreRead(t *testing.T) {
	for _, text := range []string{"GET http://[::1]/ HTTP/1.0", "GET http://[2001:db8::1]:8080/a HTTP/2", "GET https://anna:pw@a.example:8443?x=1 HTTP/3", "GET https://a.example:/ HTTP/2.0",
		"CONNECT [::1]:443 HTTP/1.1", "CONNECT a.example:443", "OPTIONS * HTTP/1.1", "GET /a:b[c HTTP/1.1\n\nHTTP/2 200"} {
		if _, err := ReadTraffic("x", []byte(text), Given{}, "www"); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzTraffic(f *testing.F) {
	for _, seed := range []string{subscribing, visiting + "\n\nHTTP/1.1 302 Found\nLocation: /a\nSet-Cookie: a=b", "- {name: a, send: GET /, expect: {verdict: allow}}",
		`{"log":{"entries":[{"request":{"method":"GET","url":"https://a.example/?b=c"},"response":{"status":200}}]}}`, "CONNECT a:443 HTTP/1.1", "GET / HTTP/1.1\n\n\n\nHTTP/1.1 200"} {
		f.Add([]byte(seed))
	}
	r := runner(f, mailchimp)
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := ReadTraffic("x", data, Given{}, "www")
		if err != nil && len(all) > 0 {
			t.Error("both exchanges and an error")
		}
		for _, one := range all[:min(len(all), 3)] {
			e, err := r.explain("policy.yaml", one, at)
			if err != nil {
				t.Fatal(err) // the engine makes an entry of everything
			}
			if err := e.Pretty(&Layout{W: io.Discard, Width: 61}); err != nil {
				t.Error(err)
			}
		}
	})
}

// Where a message begins is counted once, and not from the beginning for each.
func TestReadingManyMessagesTakesTimeByTheirLength(t *testing.T) {
	most := func(pad int) time.Duration {
		text := []byte(strings.Repeat("GET /a HTTP/1.1\nX-A: "+strings.Repeat("a", pad)+"\n\n", 20_000))
		best := time.Hour
		for range 3 {
			began := time.Now()
			if all, err := ReadTraffic("x", text, Given{}, "www"); err != nil || len(all) != 20_000 {
				t.Fatal(len(all), err)
			}
			best = min(best, time.Since(began))
		}
		return best
	}
	if short, long := most(10), most(1000); long > 12*short {
		t.Errorf("%v with messages of some bytes, %v with a hundred times as many", short, long)
	}
}
