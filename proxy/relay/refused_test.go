package relay

import (
	"bufio"
	"net"
	"slices"
	"strings"
	"testing"

	"weir/proxy/http1"
	"weir/redact/raw"
)

// ambiguous are requests of which two readers could make two different things.
var ambiguous = []struct{ name, text string }{
	{"length and transfer encoding", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{"two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"},
	{"two equal lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd"},
	{"list of lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4, 4\r\n\r\nabcd"},
	{"signed length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd"},
	{"overflowing length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551620\r\n\r\nabcd"},
	{"two transfer encodings", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{"transfer encoding twice in a list", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
	{"transfer encoding identity", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
	{"transfer encoding with a tab", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"},
	{"transfer encoding in HTTP/1.0", "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{"space before colon", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 4\r\n\r\nabcd"},
	{"folded line", "GET / HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n Content-Length: 4\r\n\r\n"},
	{"empty name", "GET / HTTP/1.1\r\nHost: x\r\n: 1\r\n\r\n"},
	{"bare LF", "GET / HTTP/1.1\nHost: x\n\n"},
	{"bare CR in a value", "GET / HTTP/1.1\r\nHost: x\r\nX-A: 1\rX-B: 2\r\n\r\n"},
	{"NUL in a value", "GET / HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n"},
	{"no host", "GET / HTTP/1.1\r\nX-A: 1\r\n\r\n"},
	{"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"},
	{"host unlike target", "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n"},
	{"userinfo in host", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"},
	{"asterisk with GET", "GET * HTTP/1.1\r\nHost: x\r\n\r\n"},
	{"CONNECT in HTTP/1.0", "CONNECT a:1 HTTP/1.0\r\nHost: a:1\r\n\r\n"},
	{"fragment", "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n"},
	{"LF in a chunk extension", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;\nxx\r\n4c\r\n0\r\n\r\n"},
	{"chunk size with sign", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\nab\r\n0\r\n\r\n"},
	{"chunk size in 0x", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\nab\r\n0\r\n\r\n"},
	{"overflowing chunk size", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000002\r\nab\r\n0\r\n\r\n"},
	{"chunk without its end", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabXX0\r\n\r\n"},
	{"bare CR in a trailer", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: 1\rX: 2\r\n\r\n"},
	{"forbidden trailer", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n"},
	{"host as a trailer", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: evil\r\n\r\n"},
}

func TestAmbiguousRequestIsRefusedAndNothingReachesTheUpstream(t *testing.T) {
	got := make(chan string, 64)
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		b := make([]byte, 4096)
		n, _ := r.Read(b)
		got <- string(b[:n])
	})
	s := reverse(t, up)
	reasons := append(http1.Reasons(), Reasons...)
	for _, c := range ambiguous {
		t.Run(c.name, func(t *testing.T) {
			const smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
			answer := talk(t, s.addr, c.text+smuggled) // talk returns when the connection is closed
			if !strings.HasPrefix(answer, "HTTP/1.1 400 Bad Request\r\n") && !strings.HasPrefix(answer, "HTTP/1.1 501 ") {
				t.Errorf("answered %q", answer)
			}
			if strings.Count(answer, "HTTP/1.1") != 1 || !strings.Contains(answer, "Connection: close\r\n") {
				t.Errorf("not closed after one answer: %q", answer)
			}
			e := s.gate.next(t)
			if e.outcome != raw.Refused || !slices.Contains(reasons, e.reason) || e.status/100 < 4 || e.attempts != 0 {
				t.Errorf("%+v", e)
			}
			s.gate.none(t)
			if len(got) > 0 {
				t.Errorf("upstream got %q", <-got)
			}
		})
	}
}

func TestLimitsHaveAnswersOfTheirOwn(t *testing.T) {
	up, _ := always(t, ok)
	s := reverse(t, up)
	for _, c := range []struct{ name, text, status string }{
		{"long target", "GET /" + strings.Repeat("a", 20<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", "414"},
		{"long head", "GET / HTTP/1.1\r\nHost: x\r\nX-A: " + strings.Repeat("a", 70<<10) + "\r\n\r\n", "431"},
		{"many lines", "GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: b\r\n", 200) + "\r\n", "431"},
		{"version", "GET / HTTP/3.0\r\nHost: x\r\n\r\n", "505"},
		{"coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if a := talk(t, s.addr, c.text); !strings.HasPrefix(a, "HTTP/1.1 "+c.status+" ") {
				t.Errorf("answered %.60q", a)
			}
			if e := s.gate.next(t); e.outcome != raw.Refused || e.reason == "" {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestAnAnswerOfOurOwnEchoesNothing(t *testing.T) {
	s := reverse(t, "127.0.0.1:1")
	a := talk(t, s.addr, "GET /canary HTTP/1.1\r\nHost: canary.example\r\nX-Canary: canary\r\nConnection: close\r\n\r\n")
	if !strings.HasPrefix(a, "HTTP/1.1 502 Bad Gateway\r\n") || !strings.HasSuffix(a, "\r\n\r\nBad Gateway\n") ||
		strings.Contains(a, "canary") || strings.Contains(a, "127.0.0.1") || strings.Contains(a, "refused") {
		t.Errorf("answered %q", a)
	}
	if e := s.gate.next(t); e.outcome != raw.UpstreamUnreachable || e.status != 502 || e.attempts != 1 {
		t.Errorf("%+v", e)
	}
}

func TestDeniedRequestGoesNowhereAndKeepsItsConnection(t *testing.T) {
	up, heads := always(t, ok)
	g := newGate()
	g.begin = func(x *raw.Exchange) raw.Verdict {
		return raw.Verdict{Deny: string(x.Request.Peek(x.Request.Path)) == "/no", Status: 451}
	}
	s := start(t, Config{Gate: g, Router: &Hosts{Default: target(t, TargetConfig{Addresses: []string{up}})}})
	c, r := dial(t, s.addr)
	send(t, c, "GET /no HTTP/1.1\r\nHost: x\r\n\r\n")
	if h := head(t, r); !strings.HasPrefix(h, "HTTP/1.1 451 ") {
		t.Errorf("got %q", h)
	}
	_, _ = r.Discard(len(answers[451]) + 1)
	if e := g.next(t); e.outcome != raw.Denied || e.status != 451 {
		t.Errorf("%+v", e)
	}
	send(t, c, "GET /yes HTTP/1.1\r\nHost: x\r\n\r\n")
	if h := head(t, r); !strings.HasPrefix(h, "HTTP/1.1 200 ") {
		t.Errorf("got %q", h)
	}
	if h := <-heads; !strings.HasPrefix(h, "GET /yes ") {
		t.Errorf("upstream got %q", h)
	}
}

func TestHostsAreRoutedAndUnknownOnesMisdirected(t *testing.T) {
	a, _ := always(t, "HTTP/1.1 200 A\r\nContent-Length: 0\r\n\r\n")
	b, _ := always(t, "HTTP/1.1 200 B\r\nContent-Length: 0\r\n\r\n")
	s := start(t, Config{Router: &Hosts{To: map[string]*Target{
		"a.example": target(t, TargetConfig{Addresses: []string{a}}), "::1": target(t, TargetConfig{Addresses: []string{b}})}}})
	for host, want := range map[string]string{"a.example": "200 A", "A.EXAMPLE.:8080": "200 A", "[::1]:80": "200 B",
		"b.example": "421 Misdirected Request", "a.example.evil": "421"} {
		if got := talk(t, s.addr, "GET / HTTP/1.1\r\nConnection: close\r\nHost: "+host+"\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 "+want) {
			t.Errorf("%s: %q", host, got)
		}
		e := s.gate.next(t)
		if strings.HasPrefix(want, "421") != (e.outcome == raw.NoRoute) {
			t.Errorf("%s: %+v", host, e)
		}
	}
}
