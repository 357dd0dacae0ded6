package main

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
)

func TestRequestsAreAsABrowserAndAHopSendThem(t *testing.T) {
	seen := map[string]bool{}
	for _, authority := range []string{"", "localhost:8080"} {
		for _, text := range append(visitors(authority, device), probe(authority, device)) {
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Cookie("sid"); err != nil || r.URL.Query().Get("email") == "" || r.URL.Host != authority {
				t.Errorf("cookie %v, target %s", err, r.RequestURI)
			}
			if want := authority; want == "" && r.Host != site || want != "" && r.Host != want {
				t.Errorf("the host is %s", r.Host)
			}
			seen[r.Header.Get("X-Forwarded-For")] = true
		}
	}
	if !seen[visitor] || len(seen) < 250 {
		t.Errorf("the visitors have %d addresses", len(seen))
	}
}

func TestTallyIsReadFromWhatALoadPrints(t *testing.T) {
	got, err := parseTally("Running 3s test @ http://127.0.0.1:1/\n  1 threads and 32 connections\n" +
		"tally requests=90210 micros=3000123 bytes=110000000 p50=812 p99=2300 failed=3\n")
	want := tally{requests: 90210, micros: 3000123, bytes: 110000000, p50: 812, p99: 2300, failed: 3}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	var b strings.Builder
	want.print(&b)
	if again, err := parseTally(b.String()); err != nil || again != want {
		t.Errorf("what is printed is read as %+v, %v", again, err)
	}
	for _, s := range []string{
		"", "unable to connect to 127.0.0.1:1 Connection refused\n",
		"tally requests=0 micros=3000123 bytes=0 p50=0 p99=0 failed=32\n",
		"tally requests=1 micros=2\n",
		"tally requests=x micros=3000123 bytes=0 p50=0 p99=0 failed=0\n",
		"tally requests=1 micros=1 bytes=0 p50=0 p99=0 other=0\n",
	} {
		if _, err := parseTally(s); err == nil {
			t.Errorf("%q is a tally", s)
		}
	}
}

func TestScriptHoldsEveryRequestAsALuaString(t *testing.T) {
	lua := script([]string{"GET / HTTP/1.1\r\nX: \"a\\b\"\r\n\r\n", "GET /2"})
	if !strings.Contains(lua, `"GET / HTTP/1.1\r\nX: \"a\\b\"\r\n\r\n",`+"\n"+`"GET /2",`) {
		t.Errorf("the script is\n%s", lua)
	}
}
