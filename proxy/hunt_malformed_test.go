package proxy

import (
	"strings"
	"testing"
)

type pseudo struct{ name, text string }

// malformed are streams that nobody else must receive: names and values, of
// which the last word is the value.
var malformed = []pseudo{
	{"no path", ":method GET|:scheme http|:authority {t}.hunt.example|cookie {t}={m}"},
	{"path that is none", ":method GET|:scheme http|:authority http.hunt.example|:path {t}"},
	{"path with a fragment", ":method GET|:scheme http|:authority http.hunt.example|:path /{t}#{m}"},
	{"asterisk", ":method GET|:scheme http|:authority {t}.hunt.example|:path *"},
	{"no authority", ":method GET|:scheme http|:path /{t}?{m}"},
	{"authority with userinfo", ":method GET|:scheme http|:authority {t}@{t}.hunt.example|:path /{t}"},
	{"authority that is none", ":method GET|:scheme http|:authority {t}/{m}|:path /{t}"},
	{"two lengths", ":method POST|:scheme http|:authority http.hunt.example|:path /{t}|content-length 1|content-length 2"},
	{"length that is none", ":method POST|:scheme http|:authority http.hunt.example|:path /{t}|content-length {t}"},
	{"CONNECT", ":method CONNECT|:authority {t}.hunt.example:443"},
	{"extended CONNECT", ":method CONNECT|:protocol {t}|:scheme http|:authority {t}.hunt.example|:path /{t}"},
	{"too many lines", ":method GET|:scheme http|:authority http.hunt.example|:path /{t}" + strings.Repeat("|x {t}", 320)},
	{"a line too long", ":method GET|:scheme http|:authority http.hunt.example|:path /{t}|x {m}" + strings.Repeat("x", 140<<10)},
	{"a path too long", ":method GET|:scheme http|:authority http.hunt.example|:path /{t}" + strings.Repeat("x", 17<<10)},
}

// unparsed are those that net/http answers or resets by itself, before there is
// a request: it tells nobody, so they have no entry.
var unparsed = []pseudo{
	{"Connection", ":method GET|:scheme http|:authority {t}.hunt.example|:path /{t}|connection {t}|x-{t} {m}"},
	{"TE", ":method GET|:scheme http|:authority http.hunt.example|:path /{t}|te {t}"},
	{"Transfer-Encoding", ":method POST|:scheme http|:authority http.hunt.example|:path /{t}|transfer-encoding {t}"},
	{"name in upper case", ":method GET|:scheme http|:authority http.hunt.example|:path /{t}|X-{t} {m}"},
	{"name with a space", ":method GET|:scheme http|:authority http.hunt.example|:path /{t}|x {t} {m}"},
	{"value with LF", ":method GET|:scheme http|:authority http.hunt.example|:path /{t}|x {m}\n{t}"},
	{"path with a space", ":method GET|:scheme http|:authority http.hunt.example|:path /{t} {m}"},
	{"method that is none", ":method G {t}|:scheme http|:authority http.hunt.example|:path /{m}"},
	{"host unlike the authority", ":method GET|:scheme http|:authority {t}.hunt.example|host {t}.hunt.example|:path /{t}"},
	{"unknown pseudo-header", ":method GET|:scheme http|:authority http.hunt.example|:path /|:{t} {m}"},
	{"pseudo-header behind others", ":method GET|:scheme http|:authority http.hunt.example|x {t}|:path /{m}"},
	{"two paths", ":method GET|:scheme http|:authority http.hunt.example|:path /{t}|:path /{m}"},
}

// malformed sends each as a stream of its own connection.
func (r *rig) malformed(t *testing.T) {
	r.origins.raw.Store(nil)
	r.origins.next.Store(&message{status: 200, reason: "OK"})
	before := r.origins.requests.Load()
	for i, c := range malformed {
		if n := r.pseudo(t, i%2 == 0, &c); len(n) != 1 || n[0].Error == "" {
			t.Errorf("%s: entries %v", c.name, n)
		}
	}
	for i, c := range unparsed {
		if n := r.pseudo(t, i%2 == 0, &c); len(n) != 0 {
			t.Errorf("%s: entries %v", c.name, n)
		}
	}
	if got := r.origins.requests.Load() - before - int64(len(malformed)+len(unparsed)); got != 0 {
		t.Errorf("%d malformed streams were forwarded", got)
	}
}

// pseudo sends c and returns its entries.
func (r *rig) pseudo(t *testing.T, tls bool, c *pseudo) []entry {
	t.Helper()
	conn := r.dial(t, &way{client: http2x, tls: tls})
	defer conn.Close()
	f := newFrames(conn)
	var head []line
	for _, l := range strings.Split(r.flock.fill("malformed: "+c.name, c.text, forms[0]), "|") {
		at := strings.LastIndexByte(l[:min(len(l), 200)], ' ')
		head = append(head, line{l[:at], l[at+1:]})
	}
	f.fields(1, true, head)
	b, _ := f.collect(1)
	_, _ = r.own.Write(b)
	return r.until(t)
}
