package proxy

import (
	"bytes"
	"crypto/tls"
	"io"
	"regexp"
	"strings"
	"testing"
)

// ways are the modes. The first carries every form and every shape, the others
// take turns.
var ways = []way{
	{name: "1.1 to 1.1", client: http11, upstream: "http"},
	{name: "1.0 to 1.1", client: http10, upstream: "http"},
	{name: "TLS to 1.1", client: http11, tls: true, upstream: "http"},
	{name: "h2 to 1.1", client: http2x, tls: true, upstream: "http"},
	{name: "h2c to 1.1", client: http2x, upstream: "http"},
	{name: "1.1 to TLS", client: http11, upstream: "tls"},
	{name: "h2 to TLS", client: http2x, tls: true, upstream: "tls"},
	{name: "1.1 to h2c", client: http11, upstream: "two"},
	{name: "1.0 over TLS to h2c", client: http10, tls: true, upstream: "two"},
	{name: "h2c to h2c", client: http2x, upstream: "two"},
	{name: "h2 to h2c", client: http2x, tls: true, upstream: "two"},
	{name: "absolute-form to 1.1", client: http11, named: true, upstream: "http"},
	{name: "forward", client: http11, forward: true, upstream: "http"},
	{name: "forward from 1.0", client: http10, forward: true, upstream: "http"},
	{name: "PROXY 1", client: http11, upstream: "http", proxy: 1},
	{name: "PROXY 1 of IPv6", client: http11, tls: true, upstream: "tls", proxy: 6},
	{name: "PROXY 2", client: http2x, upstream: "http", proxy: 2},
	{name: "PROXY 2 before TLS", client: http2x, tls: true, upstream: "two", proxy: 2},
}

func (r *rig) ways(t *testing.T) {
	turn := 0
	for i := range ways {
		w := &ways[i]
		for _, s := range shapes {
			for _, in := range forms {
				if turn++; i > 0 && turn%9 != i%9 {
					continue
				}
				r.full(t, w, s, in)
			}
			r.alone(t, w, s, forms[i%len(forms)])
			r.alone(t, w, s, forms[0])
		}
	}
}

// full sends a request with a canary everywhere, which is answered with one
// everywhere.
func (r *rig) full(t *testing.T, w *way, s shape, in form) {
	t.Helper()
	q := &message{method: "POST", host: w.host()}
	r.flock.compose(q, "request", requestTarget, w, s, in)
	r.flock.compose(q, "request", requestHeaders, w, s, in)
	if !w.bothOne() { // net/http, which is on one side or the other, drops trailers that were not announced
		for _, l := range q.trailer {
			q.header = append(q.header, line{"Trailer", l.name})
		}
	}
	r.carried(t, w, q, r.respond(w, s, in))
}

// alone sends requests with one canary each.
func (r *rig) alone(t *testing.T, w *way, s shape, in form) {
	t.Helper()
	for i := range solo {
		q := &message{method: "PUT", host: w.host(), path: "/", body: "x"}
		if r.flock.compose(q, "request", solo[i:i+1], w, s, in); len(q.placed) > 0 {
			r.carried(t, w, q, &message{status: 200, reason: "OK"})
		}
	}
}

func (w *way) host() string {
	if w.forward {
		return "www." + w.upstream + ".hunt.example"
	}
	return w.upstream + ".hunt.example"
}

func (r *rig) respond(w *way, s shape, in form) *message {
	a := &message{status: 200, reason: "OK"}
	r.flock.compose(a, "response", responseRest, w, s, in)
	r.flock.compose(a, "response", responseHeaders, w, s, in)
	return a
}

// carried sends q, has it answered by a, and makes sure that the canaries of
// both arrived and that there is one entry.
func (r *rig) carried(t *testing.T, w *way, q, a *message) entry {
	t.Helper()
	r.origins.raw.Store(nil)
	r.origins.next.Store(a)
	r.origins.received.Reset()
	before := r.origins.requests.Load()
	back := r.send(t, w, q)
	e := r.entry(t)
	if got := r.origins.requests.Load() - before; got != 1 || e.Status != a.status || e.Error != "" || e.Fault != "" {
		t.Fatalf("%s: an origin received %d requests; entry %s; answered %.300q", w.name, got, e.line, back)
	}
	r.exchanges++
	arrived(t, w, q, []byte(r.origins.received.String()))
	arrived(t, w, a, back)
	return e
}

// chunkSize is what stands between two chunks.
var chunkSize = regexp.MustCompile("\r\n[0-9a-f]+\r\n")

func arrived(t *testing.T, w *way, m *message, at []byte) {
	t.Helper()
	at = bytes.ToLower(at)
	at = append(at, chunkSize.ReplaceAll(at, nil)...) // TLS records may have cut a chunk in two
	for _, p := range m.placed {
		if !p.lost && !bytes.Contains(at, bytes.ToLower([]byte(p.text))) {
			t.Fatalf("%s: %s: %q did not arrive in … %.900q", w.name, p.place, p.text, at[max(0, len(at)-900):])
		}
	}
}

// upgrades are requests that become something else, and what follows the
// answer on either side.
var upgrades = []struct{ ask, answer, up, down string }{
	{"GET /chat?token={t} HTTP/1.1\r\nHost: http.hunt.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: {t}\r\nSec-WebSocket-Protocol: {t}, access_token.{m}\r\nSec-WebSocket-Extensions: x-{t}\r\nOrigin: https://{t}.hunt.example\r\nCookie: sid={m}\r\n\r\n",
		"HTTP/1.1 101 {t}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {t}\r\nSec-WebSocket-Protocol: {t}\r\nX-User-Id: {m}\r\n\r\n",
		"\x81\x95\x00\x00\x00\x00{m} {4} {6}", "\x81\x15{m} {4} {6}"},
	{"GET /{t} HTTP/1.1\r\nHost: http.hunt.example\r\nConnection: upgrade\r\nUpgrade: {t}, x/2\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x/2\r\nX-Note: {t}\r\n\r\n", "{t}{m}", "{t}{4}"},
}

func (r *rig) tunnels(t *testing.T) {
	for _, in := range forms {
		for _, u := range upgrades {
			for _, w := range []way{{name: "upgrade"}, {name: "upgrade over TLS", tls: true}} {
				w.client = http11
				r.upgraded(t, &w, r.flock.fill("upgrade", u.ask, in), r.flock.fill("101", u.answer, in)+r.flock.fill("frame down", u.down, in), r.flock.fill("frame up", u.up, in))
			}
		}
		r.connected(t, in)
		r.blind(t, in)
	}
}

func (r *rig) upgraded(t *testing.T, w *way, ask, answer, up string) entry {
	t.Helper()
	answer = strings.ReplaceAll(answer, "=\r\n", "\r\n") // no base64 padding in a token
	ask = strings.ReplaceAll(ask, "=\r\n", "\r\n")
	r.origins.raw.Store(&answer)
	r.origins.received.Reset()
	c := r.dial(t, w)
	defer c.Close()
	_, _ = io.WriteString(c, ask)
	got := make([]byte, 0, 4096)
	for !bytes.Contains(got, []byte("\r\n\r\n")) {
		n, err := c.Read(got[len(got):cap(got)])
		if got = got[:len(got)+n]; err != nil {
			t.Fatalf("%v after %q", err, got)
		}
	}
	if !bytes.HasPrefix(got, []byte("HTTP/1.1 101")) {
		t.Fatalf("%q answered with %q", ask, got)
	}
	_, _ = io.WriteString(c, up)
	for !bytes.HasSuffix(got, []byte(up)) { // the origin gives it back
		n, err := c.Read(got[len(got):cap(got)])
		if got = got[:len(got)+n]; err != nil {
			t.Fatalf("%v after %q", err, got)
		}
	}
	_ = c.Close()
	e := r.entry(t)
	if e.Status != 101 {
		t.Error(e.line)
	}
	r.exchanges++
	return e
}

// connected opens a tunnel, with TLS inside and a request inside that.
func (r *rig) connected(t *testing.T, in form) {
	t.Helper()
	target := r.flock.put("CONNECT", token) + ".tls.hunt.example:443"
	c := r.connect(t, target, "Proxy-Authorization: Basic "+in.encode(r.flock.put("CONNECT credentials", token))+"\r\nUser-Agent: "+in.encode(r.flock.put("CONNECT agent", mail))+"\r\n")
	defer c.Close()
	inside := tls.Client(c, &tls.Config{RootCAs: r.origins.ca.pool(), ServerName: r.flock.put("server name", token) + ".tls.hunt.example", NextProtos: []string{r.flock.put("ALPN", mail), "http/1.1"}})
	w := &way{name: "inside TLS", client: http11, upstream: "http"}
	q := &message{method: "POST", host: "www.tls.hunt.example", path: "/"}
	r.flock.compose(q, "request", requestHeaders, w, mail, in)
	a := r.respond(w, ip4, in)
	r.origins.raw.Store(nil)
	r.origins.next.Store(a)
	r.origins.received.Reset()
	if _, err := inside.Write(q.request(w)); err != nil {
		t.Fatal(err)
	}
	arrived(t, w, a, answer(t, inside, "POST"))
	_ = inside.Close()
	if e := r.entry(t); e.Method != "CONNECT" || e.Status != 200 {
		t.Error(e.line)
	}
	r.exchanges++
}

// blind opens a tunnel to an echo, with a hello that is none.
func (r *rig) blind(t *testing.T, in form) {
	t.Helper()
	for _, target := range []string{r.flock.put("CONNECT", token) + ".echo.hunt.example:443", r.flock.put("CONNECT", ip4) + ":443", "[" + r.flock.put("CONNECT", ip6) + "]:443"} {
		c := r.connect(t, target, "")
		said := r.flock.fill("tunnel", "GET /{t} HTTP/1.1\r\nHost: {t}.hunt.example\r\nX: {m} {4} {6}\r\n\r\n", in)
		r.origins.next.Store(&message{status: 200, reason: "OK"})
		r.origins.raw.Store(nil)
		r.origins.received.Reset()
		_, _ = io.WriteString(c, said)
		b := make([]byte, 8)
		if _, err := io.ReadFull(c, b); err != nil {
			t.Fatal(target, err)
		}
		_ = c.Close()
		if !strings.Contains(r.origins.received.String(), said) {
			t.Errorf("%q did not arrive", said)
		}
		if e := r.entry(t); e.Method != "CONNECT" {
			t.Error(e.line)
		}
		r.exchanges++
	}
}
