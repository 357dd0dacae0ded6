package proxy

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// refusals are requests that nobody else must receive. {t}, {m}, {4} and {6}
// become canaries, in every form.
var refusals = []struct{ name, text string }{
	{"length and coding", "POST /{t} HTTP/1.1\r\nHost: http.hunt.example\r\nX-A: {m}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{t}"},
	{"two lengths", "POST /{t}?{m} HTTP/1.1\r\nHost: http.hunt.example\r\nContent-Length: 5\r\nContent-Length: 6\r\nCookie: {t}={4}\r\n\r\n{t}"},
	{"length that is none", "POST / HTTP/1.1\r\nHost: http.hunt.example\r\nContent-Length: {t}\r\n\r\n"},
	{"length with a sign", "POST / HTTP/1.1\r\nHost: http.hunt.example\r\nContent-Length: +5\r\n\r\n{t}"},
	{"two codings", "POST / HTTP/1.1\r\nHost: http.hunt.example\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: {t}\r\n\r\n0\r\n\r\n"},
	{"unknown coding", "POST / HTTP/1.1\r\nHost: http.hunt.example\r\nTransfer-Encoding: {t}\r\n\r\n0\r\n\r\n"},
	{"coding behind another", "POST / HTTP/1.1\r\nHost: http.hunt.example\r\nTransfer-Encoding: {t}, chunked\r\n\r\n0\r\n\r\n"},
	{"coding in 1.0", "POST /{m} HTTP/1.0\r\nHost: http.hunt.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{"lookalike", "POST / HTTP/1.1\r\nHost: http.hunt.example\r\nContent_Length: {t}\r\nContent-Length: 0\r\n\r\n"},
	{"folded line", "GET / HTTP/1.1\r\nHost: http.hunt.example\r\nX-{t}: {m}\r\n {4}\r\n\r\n"},
	{"space before colon", "GET / HTTP/1.1\r\nHost: http.hunt.example\r\nX-{t} : {m}\r\n\r\n"},
	{"no name", "GET / HTTP/1.1\r\nHost: http.hunt.example\r\n: {m}\r\n\r\n"},
	{"no colon", "GET / HTTP/1.1\r\nHost: http.hunt.example\r\n{m}\r\n\r\n"},
	{"name with spaces", "GET / HTTP/1.1\r\nHost: http.hunt.example\r\nX {t} {m}: 1\r\n\r\n"},
	{"bare CR", "GET / HTTP/1.1\r\nHost: http.hunt.example\r\nX: {t}\r{m}\r\n\r\n"},
	{"bare LF", "GET /{t} HTTP/1.1\nHost: {t}.hunt.example\nX: {m}\n\n"},
	{"NUL", "GET / HTTP/1.1\r\nHost: http.hunt.example\r\nX: {t}\x00{m}\r\n\r\n"},
	{"no host", "GET /{t} HTTP/1.1\r\nX-{t}: {m}\r\n\r\n"},
	{"two hosts", "GET / HTTP/1.1\r\nHost: {t}.hunt.example\r\nHost: {t}.hunt.example\r\n\r\n"},
	{"host with userinfo", "GET / HTTP/1.1\r\nHost: {t}@{t}.hunt.example\r\n\r\n"},
	{"host that is none", "GET / HTTP/1.1\r\nHost: {t}/{4}?\r\n\r\n"},
	{"host with a port that is none", "GET / HTTP/1.1\r\nHost: hunt.example:{t}\r\n\r\n"},
	{"host unlike the target", "GET http://{t}.hunt.example/ HTTP/1.1\r\nHost: {t}.hunt.example\r\n\r\n"},
	{"asterisk", "GET * HTTP/1.1\r\nHost: {t}.hunt.example\r\nX: {m}\r\n\r\n"},
	{"fragment", "GET /a#{t} HTTP/1.1\r\nHost: http.hunt.example\r\n\r\n"},
	{"target with a space", "GET /{t} {m} HTTP/1.1\r\nHost: http.hunt.example\r\n\r\n"},
	{"target not ASCII", "GET /{t}\xff HTTP/1.1\r\nHost: http.hunt.example\r\n\r\n"},
	{"target with a broken escape and a control", "GET /{t}\x01 HTTP/1.1\r\nHost: http.hunt.example\r\n\r\n"},
	{"other scheme", "GET {t}://{t}.hunt.example/{m} HTTP/1.1\r\nHost: {t}.hunt.example\r\n\r\n"},
	{"no target", "GET HTTP/1.1 {t}\r\nHost: http.hunt.example\r\n\r\n"},
	{"request line that is none", "{t}\r\nHost: {t}.hunt.example\r\n\r\n"},
	{"method that is none", "G({t} / HTTP/1.1\r\nHost: http.hunt.example\r\n\r\n"},
	{"version that is none", "GET /{t} HTTP/{t}\r\nHost: http.hunt.example\r\n\r\n"},
	{"version 3", "GET /{t} HTTP/3.0\r\nHost: http.hunt.example\r\nX: {m}\r\n\r\n"},
	{"version 0.9", "GET /{t}\r\n"},
	{"CONNECT at a reverse listener", "CONNECT {t}.hunt.example:443 HTTP/1.1\r\nHost: {t}.hunt.example:443\r\n\r\n"},
	{"CONNECT in 1.0", "CONNECT {t}.hunt.example:443 HTTP/1.0\r\n\r\n"},
	{"CONNECT without port", "CONNECT {t}.hunt.example HTTP/1.1\r\nHost: {t}.hunt.example\r\n\r\n"},
	{"CONNECT with a body", "CONNECT {t}.hunt.example:443 HTTP/1.1\r\nHost: {t}.hunt.example\r\nContent-Length: 5\r\n\r\n{t}"},
	{"chunk size that is none", "POST /{t} HTTP/1.1\r\nHost: http.hunt.example\r\nTransfer-Encoding: chunked\r\n\r\n{t}\r\n{m}\r\n0\r\n\r\n"},
	{"chunk size too large", "POST /{t} HTTP/1.1\r\nHost: http.hunt.example\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{m}\r\n0\r\n\r\n"},
	{"chunk extension with LF", "POST / HTTP/1.1\r\nHost: http.hunt.example\r\nTransfer-Encoding: chunked\r\n\r\n3;{t}\nabc\r\n0\r\n\r\n"},
	{"chunk longer than it says", "POST / HTTP/1.1\r\nHost: http.hunt.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{m}{m}\r\n0\r\n\r\n"},
	{"forbidden trailer", "POST / HTTP/1.1\r\nHost: http.hunt.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: {m}\r\n\r\n"},
	{"bad trailer", "POST / HTTP/1.1\r\nHost: http.hunt.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX {t}: {m}\r\n\r\n"},
	{"bare CR in a trailer", "POST / HTTP/1.1\r\nHost: http.hunt.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: {t}\r{m}\r\n\r\n"},
	{"a line too long", "GET /{t} HTTP/1.1\r\nHost: http.hunt.example\r\nX-{t}: {m}" + strings.Repeat("x", 140<<10) + "\r\n\r\n"},
	{"too many lines", "GET /{t} HTTP/1.1\r\nHost: http.hunt.example\r\nX-{t}: {m}\r\n" + strings.Repeat("X: y\r\n", 320) + "\r\n"},
	{"a target too long", "GET /{t}/" + strings.Repeat("x", 17<<10) + "?{m} HTTP/1.1\r\nHost: http.hunt.example\r\n\r\n"},
	{"too much trailer", "POST / HTTP/1.1\r\nHost: http.hunt.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-{t}: {m}" + strings.Repeat("x", 20<<10) + "\r\n\r\n"},
}

// notForward are refused by the forward listener alone.
var notForward = []struct{ name, text string }{
	{"origin form", "GET /{t}?{m} HTTP/1.1\r\nHost: {t}.http.hunt.example\r\nCookie: sid={4}\r\nConnection: close\r\n\r\n"},
	{"asterisk", "OPTIONS * HTTP/1.1\r\nConnection: close\r\nHost: {t}.http.hunt.example\r\n\r\n"},
	{"other scheme", "GET {t}://{t}.hunt.example/{m} HTTP/1.1\r\nHost: {t}.hunt.example\r\n\r\n"},
	{"userinfo in CONNECT", "CONNECT {m}:443 HTTP/1.1\r\nHost: {m}:443\r\n\r\n"},
}

// unsaid are connections on which there is no request, and so no entry.
var unsaid = []struct {
	name, text string
	tls        bool
}{
	{"half a request line", "GET /{t}?{m}", false},
	{"half a head", "GET /{t} HTTP/1.1\r\nHost: {t}.hunt.example\r\nX-{t}: {m}", false},
	{"PROXY header that is none", "PROXY TCP4 {t} {m} {4} 1\r\nGET / HTTP/1.1\r\n\r\n", false},
	{"PROXY header of the wrong family", "PROXY TCP4 {6} {6} 1 1\r\nGET / HTTP/1.1\r\n\r\n", false},
	{"PROXY 2 that is none", "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x05{4}{t}", false},
	{"preface and then none", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{t}{m}{4}", false},
	{"plain text for TLS", "GET /{t} HTTP/1.1\r\nHost: {t}.hunt.example\r\n\r\n", true},
	{"hello that is none", "\x16\x03\x01\x00\x20\x01\x00\x00\x1c{t}{m}{4}", true},
}

func (r *rig) refused(t *testing.T) {
	r.origins.raw.Store(nil)
	r.origins.next.Store(&message{status: 200, reason: "OK"})
	before := r.origins.requests.Load()
	turns := []way{{name: "plain"}, {name: "TLS", tls: true}, {name: "forward", forward: true}}
	for _, in := range forms {
		for i, c := range refusals {
			w := turns[i%2]
			r.refuse(t, &w, c.name, r.flock.fill("refused: "+c.name, c.text, in))
		}
		for _, c := range notForward {
			r.refuse(t, &turns[2], c.name, r.flock.fill("refused: "+c.name, c.text, in))
		}
	}
	if got := r.origins.requests.Load() - before; got != 0 {
		t.Errorf("%d refused requests were forwarded", got)
	}
	for _, in := range forms[:1] { // an HTTP/2 server lingers for a second
		for _, c := range unsaid {
			r.unheard(t, r.flock.fill("unsaid: "+c.name, c.text, in), c.tls)
		}
	}
	if n := r.until(t); len(n) != 0 {
		t.Errorf("what was not said to its end has entries: %v", n)
	}
}

// refuse sends what is answered by weir itself, with an entry.
func (r *rig) refuse(t *testing.T, w *way, name, text string) {
	t.Helper()
	c := r.dial(t, w)
	defer c.Close()
	sent := make(chan struct{})
	go func() { // weir may stop reading
		defer close(sent)
		_, _ = io.WriteString(c, text)
	}()
	b, _ := io.ReadAll(c) // a reset may follow the answer
	_ = c.Close()
	<-sent
	_, _ = r.own.Write(b)
	e := r.entry(t)
	if len(b) < 12 || b[9] != '4' && b[9] != '5' || e.Error == "" || e.Status < 400 {
		t.Errorf("%s: answered %.200q, entry %s", name, b, e.line)
	}
}

// unheard sends what has no entry, and waits until weir has closed.
func (r *rig) unheard(t *testing.T, text string, tls bool) {
	t.Helper()
	at := plainListener
	if tls {
		at = secureListener
	}
	c, err := net.Dial("tcp", r.addresses[at+1])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	_, _ = io.WriteString(c, text)
	_ = c.(*net.TCPConn).CloseWrite()
	b, _ := io.ReadAll(c)
	_, _ = r.own.Write(b)
}
