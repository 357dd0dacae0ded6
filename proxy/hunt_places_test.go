package proxy

import (
	"fmt"
	"slices"
	"strings"
)

// message is a request or a response with canaries in it.
type message struct {
	method, userinfo, host, path, query string
	header, trailer                     []line
	body, extension                     string // of the first chunk
	status                              int
	reason                              string
	early                               []line // of a 103
	placed                              []placed
}

type line struct{ name, value string }

// placed is a canary in a message, as it was written there. Where it goes
// no further than weir it is lost.
type placed struct {
	text, place string
	lost        bool
}

// place is one that an HTTP message has for a value.
type place struct {
	name string
	put  func(m *message, v string)
	// grammar holds what may not stand there, of the characters that a form can have.
	grammar string
	// must holds what has to stand there: the dots of an address.
	must string
	// among restricts the shapes: where a policy keeps what is no identifier.
	among []shape
	// only says which messages have such a place.
	only func(w *way) bool
	lost bool
}

const (
	inToken = "@:/="   // RFC 9110 section 5.6.2
	inHost  = "@:/=%+" // what weir takes for one
)

var identifiers = []shape{mail, ip4, ip6}

func (w *way) one() bool        { return w.client != http2x }
func (w *way) bothOne() bool    { return w.client == http11 && w.upstream != "two" }
func (w *way) hasTrailer() bool { return w.client != http10 }
func (w *way) absolute() bool   { return w.client != http2x && (w.forward || w.named) }
func (w *way) answerOne() bool  { return w.upstream != "two" }

// compose puts a new canary into every place of a table where the form and the
// shape can stand.
func (f *flock) compose(m *message, kind string, table []place, w *way, s shape, in form) {
	for i := range table {
		p := &table[i]
		if p.among != nil && !slices.ContainsFunc(p.among, func(o shape) bool { return o.name == s.name }) || p.only != nil && !p.only(w) {
			continue
		}
		if text := in.encode(s.make(0)); strings.ContainsAny(text, p.grammar) || p.must != "" && !strings.Contains(text, p.must) {
			continue
		}
		v := in.encode(f.put(fmt.Sprintf("%s: %s %s, %s", w.name, kind, p.name, in.name), s))
		if strings.ContainsAny(v, p.grammar) { // base64 of another number
			f.all = f.all[:len(f.all)-1]
			continue
		}
		p.put(m, v)
		m.placed = append(m.placed, placed{v, kind + " " + p.name, p.lost})
	}
}

func header(name, pattern string) place {
	return place{name: "header " + name + ": " + pattern, put: func(m *message, v string) {
		m.header = append(m.header, line{name, strings.ReplaceAll(pattern, "*", v)})
	}}
}

func (p place) at(grammar string) place         { p.grammar = grammar; return p }
func (p place) when(only func(*way) bool) place { p.only = only; return p }
func (p place) of(shapes []shape) place         { p.among = shapes; return p }
func (p place) with(must string) place          { p.must = must; return p }
func (p place) kept() place                     { p.lost = true; return p }

// path and query add to what stands there already.
func path(pattern string) place {
	return place{name: "path " + pattern, put: func(m *message, v string) { m.path += strings.ReplaceAll(pattern, "*", v) }}
}

func query(pattern string) place {
	return place{name: "query " + pattern, put: func(m *message, v string) {
		if m.query != "" {
			m.query += "&"
		}
		m.query += strings.ReplaceAll(pattern, "*", v)
	}}
}

// requestTarget is all that is no header line.
var requestTarget = []place{
	path("/*"), path("/device/*"), path("/api/v1/users/*/edit"), path("/*.html"), path("/img;jsessionid=*"), path("/a;*=b/index.php"),
	query("email=*"), query("id=*"), query("token=*"), query("phone=*"), query("x=*"), query("redirect_uri=https://*.hunt.example/").at(inHost),
	query("next=/a?b=*"), query("*=1").at("="), query("*"), query("filter[*]=1").at("="), query("a[]=*"), query("color=1;*=2").at("="),
	query("utm_source=*"), query("gclid=*"), query("password=*"), query("sort=-*"), query("user[email]=*"), query("x=a&x=*"),
	query("q=find+*+now").of(identifiers), query("q=*").of(identifiers), query("q=(*),x").of(identifiers),
	{name: "userinfo", put: func(m *message, v string) { m.userinfo = "user:" + v }, grammar: "@/", only: (*way).absolute, lost: true},
	{name: "body", put: func(m *message, v string) { m.body = `{"email":"` + v + `"}` }},
	{name: "trailer value", put: func(m *message, v string) { m.trailer = append(m.trailer, line{"X-Checksum", v}) }, only: (*way).hasTrailer},
	{name: "trailer kept", put: func(m *message, v string) { m.trailer = append(m.trailer, line{"X-Note", "of " + v}) }, only: (*way).hasTrailer, among: identifiers},
	{name: "trailer name", put: func(m *message, v string) { m.trailer = append(m.trailer, line{"X-" + v, "1"}) }, only: (*way).hasTrailer, grammar: inToken},
	{name: "chunk extension", put: func(m *message, v string) { m.extension = ";a=" + v }, grammar: inToken, only: func(w *way) bool { return w.client == http11 }, lost: true},
}

// solo are places that lead a request elsewhere or make it another one: each
// has a request of its own.
var solo = []place{
	{name: "method", put: func(m *message, v string) { m.method = v }, grammar: inToken},
	{name: "host", put: func(m *message, v string) { m.host = v + ".http.hunt.example" }, grammar: inHost, only: func(w *way) bool { return w.upstream == "http" }},
	{name: "host address", put: func(m *message, v string) { m.host = v }, grammar: inHost, must: ".", among: []shape{ip4}, only: func(w *way) bool { return w.upstream == "http" }},
	{name: "host address", put: func(m *message, v string) { m.host = "[" + v + "]:8080" }, grammar: "@/=%+", must: ":", among: []shape{ip6},
		only: func(w *way) bool { return w.upstream == "http" }},
	{name: "Upgrade", put: func(m *message, v string) { m.header = append(m.header, line{"Upgrade", v}) }, only: (*way).one, lost: true},
	{name: "Connection", put: func(m *message, v string) {
		m.header = append(m.header, line{"Connection", v}, line{v, v})
	}, only: (*way).one, grammar: inToken, lost: true},
	{name: "Trailer", put: func(m *message, v string) { m.header = append(m.header, line{"Trailer", v}) }, grammar: inToken, only: (*way).bothOne},
	{name: "Expect", put: func(m *message, v string) { m.header = append(m.header, line{"X-Expect", v}) }},
	{name: "grpc", put: func(m *message, v string) {
		m.method, m.path, m.query = "POST", "/hunt.v1.Customers/Find", ""
		m.header = append(m.header, line{"content-type", "application/grpc+" + v}, line{"te", "trailers"}, line{"x-user-bin", v}, line{"grpc-timeout", "1S"})
		m.body = "\x00\x00\x00\x00" + string(rune(len(v))) + v
	}, only: func(w *way) bool { return w.client == http2x }},
}

// responseRest is all of a response that is no header line.
var responseRest = []place{
	{name: "reason", put: func(m *message, v string) { m.reason = v }, only: (*way).answerOne, lost: true},
	{name: "early hints", put: func(m *message, v string) { m.early = []line{{"Link", "</" + v + ">; rel=preload"}} }, lost: true},
	{name: "body", put: func(m *message, v string) { m.body = "<p>" + v }},
	{name: "chunk extension", put: func(m *message, v string) { m.extension = ";a=" + v }, grammar: inToken, only: (*way).answerOne, lost: true},
	{name: "trailer value", put: func(m *message, v string) { m.trailer = append(m.trailer, line{"X-Server-Timing", v}) }, only: (*way).hasTrailer},
	{name: "trailer kept", put: func(m *message, v string) { m.trailer = append(m.trailer, line{"X-Note", "of " + v}) }, only: (*way).hasTrailer, among: identifiers},
	{name: "trailer grpc", put: func(m *message, v string) { m.trailer = append(m.trailer, line{"Grpc-Message", v}) }, only: (*way).hasTrailer},
	{name: "trailer name", put: func(m *message, v string) { m.trailer = append(m.trailer, line{"X-" + v, "1"}) }, only: (*way).hasTrailer, grammar: inToken},
}
