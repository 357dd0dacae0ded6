package proxy

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// breaks are answers that are none, or that end too early. outcome is what the
// entry says.
var breaks = []struct{ name, text, outcome string }{
	{"garbage", "{t} {m} {4}\r\n\r\n", "upstream_broken"},
	{"no answer", "", "upstream_broken"},
	{"half a status line", "HTTP/1.1 200 {t}", "upstream_broken"},
	{"status that is none", "HTTP/1.1 {t} OK\r\nX: {m}\r\n\r\n", "upstream_broken"},
	{"version that is none", "HTTP/{t} 200 OK\r\n\r\n", "upstream_broken"},
	{"half a head", "HTTP/1.1 200 OK\r\nX-{t}: {m}\r\nSet-Cookie: {t}={m}", "upstream_broken"},
	{"line without a colon", "HTTP/1.1 200 OK\r\n{m}\r\n\r\n", "upstream_broken"},
	{"name with spaces", "HTTP/1.1 200 OK\r\nX {t}: {m}\r\n\r\n", "upstream_broken"},
	{"folded line", "HTTP/1.1 200 OK\r\nX: {m}\r\n {t}\r\nContent-Length: 0\r\n\r\n", "upstream_broken"},
	{"length and coding", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nX: {m}\r\n\r\n0\r\n\r\n{t}", "upstream_broken"},
	{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\nX: {m}\r\n\r\nabc{t}", "upstream_broken"},
	{"length that is none", "HTTP/1.1 200 OK\r\nContent-Length: {t}\r\n\r\n", "upstream_broken"},
	{"unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: {t}\r\n\r\n", "upstream_broken"},
	{"body cut off", "HTTP/1.1 200 {t}\r\nContent-Length: 1000\r\nSet-Cookie: sid={m}\r\nX-{t}: {4}\r\n\r\n{t}{m}", "upstream_broken"},
	{"chunks cut off", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nLocation: /{t}\r\n\r\n8;{t}\r\nabc", "upstream_broken"},
	{"chunk size that is none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nEtag: \"{m}\"\r\n\r\n{t}\r\n", "upstream_broken"},
	{"bad trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX {t}: {m}\r\n\r\n", "upstream_broken"},
	{"upgrade nobody asked for", "HTTP/1.1 101 {t}\r\nConnection: upgrade\r\nUpgrade: {t}\r\n\r\n{m}", "upstream_broken"},
	{"1xx without end", strings.Repeat("HTTP/1.1 103 {t}\r\nLink: </{m}>\r\n\r\n", 40), "upstream_broken"},
	{"head too large", "HTTP/1.1 200 OK\r\nX-{t}: {m}" + strings.Repeat("x", 140<<10) + "\r\n\r\n", "upstream_broken"},
	{"HTTP/0.9", "<html>{t} {m}</html>", "upstream_broken"},
}

// broken has every answer that is none given to clients of each kind.
func (r *rig) broken(t *testing.T) {
	turns := []way{{name: "1.1", client: http11, upstream: "http"}, {name: "h2", client: http2x, tls: true, upstream: "http"},
		{name: "TLS", client: http11, upstream: "tls"}, {name: "forward", client: http11, forward: true, upstream: "http"}}
	for i, in := range forms {
		for j, b := range breaks {
			w := &turns[(i+j)%len(turns)]
			r.fails(t, w, r.question(w, b.name, in), r.flock.fill("broken: "+b.name, b.text, in), b.outcome)
		}
	}
}

// question is a request with canaries in it.
func (r *rig) question(w *way, name string, in form) *message {
	q := &message{method: "POST", host: w.host(), path: r.flock.fill(name, "/{t}/{m}", in), query: r.flock.fill(name, "email={m}&{t}", in), body: r.flock.fill(name, "{m}{4}", in)}
	if w.client != http2x {
		q.header = []line{{"Connection", "close"}}
	}
	q.header = append(q.header, []line{{"Cookie", r.flock.fill(name, "sid={t}; u={m}", in)}, {"X-Forwarded-For", r.flock.fill(name, "{4}", forms[0])}, {"Referer", r.flock.fill(name, "https://a.hunt.example/{m}", in)}}...)
	return q
}

// fails sends q, has it answered by raw, and waits for an entry with outcome.
func (r *rig) fails(t *testing.T, w *way, q *message, raw, outcome string) {
	t.Helper()
	r.origins.raw.Store(&raw)
	c := r.dial(t, w)
	defer c.Close()
	var b []byte
	if w.client == http2x {
		f := newFrames(c)
		f.fields(1, false, append([]line{{":method", q.method}, {":scheme", "http"}, {":authority", q.host}, {":path", q.target()}}, lowered(q.header)...))
		_ = f.WriteData(1, true, []byte(q.body))
		b, _ = f.collect(1)
	} else {
		_, _ = c.Write(q.request(w))
		b, _ = io.ReadAll(c)
	}
	e := r.entry(t)
	if e.Error != outcome {
		t.Errorf("%s, %.60q: entry %s, answered %.100q", w.name, raw, e.line, b)
	}
	if e.Status >= 500 { // weir's own, behind what was passed on
		_, _ = r.own.Write(b[max(bytes.LastIndex(b, []byte("HTTP/1.1 50")), bytes.LastIndex(b, []byte(":status: 50")), 0):])
	}
}

// dead are hosts that do not answer at all, and what the entry says.
var dead = []struct {
	host, outcome string
	forward       bool
	client        int
}{
	{"refused.hunt.example", "upstream_unreachable", false, http11}, {"refused.hunt.example", "upstream_unreachable", false, http2x},
	{"gone.hunt.example", "upstream_unreachable", false, http11}, {"gone.hunt.example", "upstream_unreachable", false, http2x},
	{"untrusted.hunt.example", "upstream_unreachable", false, http11}, {"untrusted.hunt.example", "upstream_unreachable", false, http2x},
	{"panic.hunt.example", "panicked", false, http11}, {"panic.hunt.example", "panicked", false, http2x},
	{"crash.hunt.example", "panicked", false, http11}, {"crash.hunt.example", "panicked", false, http2x},
	{"{t}.refused.hunt.example", "upstream_unreachable", true, http11}, {"{t}.untrusted.hunt.example", "upstream_broken", true, http11},
	{"{t}.unknown.hunt.example", "upstream_unreachable", true, http11}, {"{t}.panic.hunt.example", "panicked", true, http11},
	{"{t}.hunt.invalid", "", true, http11}, {"{t}.silent.hunt.example", "upstream_timeout", true, http11},
}

func (r *rig) faults(t *testing.T) {
	for _, d := range dead {
		w := &way{name: d.host, client: d.client, forward: d.forward, tls: d.client == http2x, upstream: "http"}
		q := r.question(w, "dead: "+d.host, forms[0])
		q.host = r.flock.fill("dead: "+d.host, d.host, forms[0])
		if d.outcome != "" {
			r.fails(t, w, q, "HTTP/1.1 200 OK\r\n", d.outcome)
			continue
		}
		c := r.dial(t, w)
		_, _ = c.Write(q.request(w))
		_, _ = io.Copy(&r.own, c)
		_ = c.Close()
		if e := r.entry(t); e.Error == "" {
			t.Error(e.line)
		}
	}
	for _, d := range dead {
		if d.forward && d.outcome != "upstream_broken" {
			host := r.flock.fill("dead CONNECT", d.host, forms[0])
			r.refuse(t, &way{forward: true}, "CONNECT "+d.host, r.flock.fill("dead CONNECT", "CONNECT "+host+":443 HTTP/1.1\r\nHost: "+host+":443\r\nX: {m}\r\nConnection: close\r\n\r\n", forms[0]))
		}
	}
	r.sinkPanics(t)
	r.leaves(t)
	r.slow(t)
	r.reload(t)
}

// sinkPanics has a sink fail with the line in its hand: the others have it.
func (r *rig) sinkPanics(t *testing.T) {
	t.Helper()
	w := &ways[0]
	q := &message{method: "UNLOCK", host: w.host()}
	r.flock.compose(q, "request", requestHeaders, w, mail, forms[0])
	q.path = "/" + r.flock.put("sink", token)
	r.carried(t, w, q, r.respond(w, mail, forms[0]))
}

// leaves has clients go at each stage of an exchange.
func (r *rig) leaves(t *testing.T) {
	t.Helper()
	for _, in := range forms[3:4] { // weir takes a second to be sure
		w := &way{client: http11, upstream: "http"}
		// Within the body: nothing was sent upstream.
		q := r.question(w, "left early", in)
		whole := q.request(w)
		r.left(t, w, whole[:len(whole)-len(q.body)-3], nil)
		// While the upstream thinks.
		silence := ""
		r.origins.raw.Store(&silence)
		q = r.question(w, "left", in)
		q.header = append(q.header, line{"X-Hang", "1"})
		r.left(t, w, q.request(w), r.origins.began)
		// Within the answer.
		raw := r.flock.fill("left answer", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nSet-Cookie: {t}={m}\r\n\r\n{t}", in)
		r.origins.raw.Store(&raw)
		q = r.question(w, "left", in)
		q.header = append(q.header, line{"X-Hang", "1"})
		c := r.dial(t, w)
		for len(r.origins.began) > 0 {
			<-r.origins.began
		}
		_, _ = c.Write(q.request(w))
		_, _ = c.Read(make([]byte, 10))
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
		if e := r.entry(t); e.Error != "client_gone" {
			t.Error(e.line)
		}
	}
}

func (r *rig) left(t *testing.T, w *way, text []byte, until chan struct{}) {
	t.Helper()
	for len(r.origins.began) > 0 {
		<-r.origins.began
	}
	c := r.dial(t, w)
	_, _ = c.Write(text)
	if until != nil {
		<-until
	}
	_ = c.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
	select {
	case <-time.After(10 * time.Second):
		t.Fatal("no entry of a client that left")
	case s := <-r.reports:
		r.entries++
		if !strings.Contains(s, `"error.type":"client_gone"`) {
			t.Error(s)
		}
	}
}

// slows are requests that last too long, and what the entry says.
var slows = []struct{ text, outcome string }{
	{"GET /{t}?{m} HTTP/1.1\r\nHost: http.hunt.example\r\nCookie: {t}={m}\r\nX", "client_timeout"},
	{"POST /{t} HTTP/1.1\r\nHost: http.hunt.example\r\nContent-Length: 1000\r\nX: {m}\r\n\r\n{t}", "client_timeout"},
	{"POST /{t} HTTP/1.1\r\nHost: http.hunt.example\r\nTransfer-Encoding: chunked\r\nX: {m}\r\n\r\n5;{t}\r\nab", "client_timeout"},
	{"GET /{t} HTTP/1.1\r\nHost: http.hunt.example\r\nX-Hang: {m}\r\n\r\n", "upstream_timeout"},
	{"GET /{t} HTTP/1.1\r\nHost: two.hunt.example\r\nX-Hang: {m}\r\n\r\n", "upstream_timeout"},
}

func (r *rig) slow(t *testing.T) {
	t.Helper()
	raw := ""
	r.origins.raw.Store(&raw)
	var want, got []string
	var all []net.Conn
	for _, s := range slows {
		want = append(want, s.outcome)
		c := r.dial(t, &way{})
		defer c.Close()
		_, _ = io.WriteString(c, r.flock.fill("slow: "+s.outcome, s.text, forms[0]))
		all = append(all, c)
	}
	for range slows {
		e := r.entry(t)
		got = append(got, e.Error)
	}
	for _, c := range all {
		_, _ = r.own.Write(r.untilClosed(c))
	}
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(want, got) {
		t.Errorf("outcomes %v, not %v", got, want)
	}
}

// untilClosed reads what there is.
func (r *rig) untilClosed(c net.Conn) []byte {
	_ = c.SetDeadline(time.Now().Add(300 * time.Millisecond))
	b, _ := io.ReadAll(c)
	return b
}

// reload has a policy refused, which leaves the last one in use.
func (r *rig) reload(t *testing.T) {
	t.Helper()
	good, err := os.ReadFile(r.path("policy.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"redact: [{name: x, when: 'nothing', then: keep()}]\n", string(good)} {
		if err := os.WriteFile(r.path("policy.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_ = r.process.Process.Signal(syscall.SIGHUP)
		if s := r.report(t); s != "reloaded" {
			t.Fatal(s)
		}
		r.full(t, &ways[0], mail, forms[0])
	}
	if !strings.Contains(r.stderr.String(), "policy_refused") {
		t.Error("the broken policy was not told")
	}
}

// asks puts canaries into questions to the admin listener.
func (r *rig) asks(t *testing.T) {
	for _, in := range forms {
		for _, text := range []string{
			"GET /{t}?{m} HTTP/1.1\r\nHost: {t}\r\nConnection: close\r\nCookie: {m}\r\n\r\n", "GET /healthz?{t} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-{t}: {m}\r\nConnection: close\r\n\r\n",
			"GET /readyz?{t} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", "GET /metrics?name[]={t} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {t}\r\nConnection: close\r\n\r\n",
			"{t} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET /{t} HTTP/{t}\r\n\r\n", "{m}\r\n\r\n", "GET / HTTP/1.1\r\nHost: {m}/\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: a\r\nX {t}: {m}\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {t}\r\n\r\n", "GET http://{t}/{m} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
			"GET /debug/{t} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
			"GET /readyz?{t} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://{t}\r\nConnection: close\r\n\r\n", "GET /upstreams?{t} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {t}\r\nConnection: close\r\n\r\n",
			"GET /upstreams?{m} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + huntToken + "\r\nX: {t}\r\nConnection: close\r\n\r\n",
			"POST /reload?{m} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + huntToken + "\r\nX: {t}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "GET /healthz/../{t} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		} {
			r.get(t, r.flock.fill("admin", text, in))
		}
	}
}

// unfinished are exchanges that are still under way when weir must stop.
var unfinished = []string{
	"GET /{t}?{m} HTTP/1.1\r\nHost: http.hunt.example\r\nX-Hang: {m}\r\n\r\n",
	"GET /{t} HTTP/1.1\r\nHost: two.hunt.example\r\nX-Hang: {m}\r\n\r\n",
	"CONNECT {t}.echo.hunt.example:443 HTTP/1.1\r\nHost: {t}.echo.hunt.example:443\r\n\r\n{t}",
}

// drained stops weir while it carries something, and reads its last words.
func (r *rig) drained(t *testing.T) {
	t.Helper()
	raw := ""
	r.origins.raw.Store(&raw)
	for _, text := range unfinished {
		c := r.dial(t, &way{forward: strings.HasPrefix(text, "CONNECT")})
		defer c.Close()
		text = r.flock.fill("cut off", text, forms[0])
		if host, _, ok := strings.Cut(strings.TrimPrefix(text, "CONNECT "), " "); ok && strings.HasPrefix(text, "CONNECT") {
			text = "CONNECT " + host + " HTTP/1.1\r\nHost: " + host + "\r\n\r\nearly"
		}
		for len(r.origins.began) > 0 {
			<-r.origins.began
		}
		_, _ = io.WriteString(c, text)
		if strings.HasPrefix(text, "CONNECT") {
			_, _ = c.Read(make([]byte, 12))
		} else {
			<-r.origins.began
		}
	}
	secure := r.dial(t, &way{client: http2x, tls: true}).(*tls.Conn)
	defer secure.Close()
	f := newFrames(secure)
	f.fields(1, true, []line{{":method", "GET"}, {":scheme", "https"}, {":authority", "http.hunt.example"}, {":path", r.flock.fill("cut off", "/{t}", forms[0])}, {"x-hang", "1"}})
	<-r.origins.began
	_ = r.process.Process.Signal(syscall.SIGTERM)
	for range len(unfinished) + 1 {
		if e := r.entry(t); e.Error != "stopped" {
			t.Error(e.line)
		}
	}
	select {
	case err := <-r.ended:
		if err != nil {
			t.Errorf("%v: %s", err, r.stderr.String())
		}
	case <-time.After(20 * time.Second):
		t.Fatal("weir does not end")
	}
}
