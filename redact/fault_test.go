package redact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// breaking is a policy one of whose methods panics with a raw value.
type breaking struct {
	*testPolicy
	in string
}

func (b *breaking) fail(method string, value []byte) {
	if b.in == method {
		panic(fmt.Sprintf("can't stand %s", value))
	}
}

func (b *breaking) Place(kind raw.Kind, name []byte) *raw.Place {
	b.fail("Place", name)
	if kind == raw.ResponseHeader {
		b.fail("Place of a response", name)
	}
	return b.testPolicy.Place(kind, name)
}

func (b *breaking) Decide(q *raw.Question) transform.Decision {
	b.fail("Decide", q.Field.Value.Peek())
	return b.testPolicy.Decide(q)
}

func (b *breaking) Route(path []byte) *raw.Route {
	b.fail("Route", path)
	return b.testPolicy.Route(path)
}

func (b *breaking) Fingerprint() string {
	b.fail("Fingerprint", nil)
	return b.testPolicy.Fingerprint()
}

func (b *breaking) Retentions() []raw.Retention {
	return append(b.testPolicy.Retentions(), raw.Retention{Class: "5d", Keep: 5 * 24 * time.Hour})
}

func (b *breaking) Retained(x *raw.Exchange) int {
	b.fail("Retained", x.Request.Peek(x.Request.Path))
	if b.retained != nil {
		return b.retained(x)
	}
	return 0
}

func TestAFaultCostsTheEntryItsDetailsAndNothingElse(t *testing.T) {
	for _, in := range []string{"Place", "Place of a response", "Decide", "Route", "Fingerprint", "Retained", "nil policy"} {
		p := &breaking{testPolicy: typical()}
		b := newBed(t, p, "www.nordhost.example")
		b.echo = nil
		p.in = in
		if in == "nil policy" {
			b.decider = func() Decider { return nil }
		}
		x := request(typicalHead, typicalAnswer)
		x.Outcome = raw.UpstreamBroken
		e := b.run(t, x)
		want := map[string]any{"time": "2026-11-22T10:00:00.123Z", "service": "www", "flow.direction": "inbound",
			"http.response.status_code": 200, "http.response.body.size": 1234, "duration": 0.012345,
			"http.response.time_to_first_byte": 0.005, "error.type": "upstream_broken", "weir.fault": "redaction", "retain": "30d"}
		expect(t, e, want)
		if len(e) != len(want) {
			t.Errorf("%s: %v", in, e)
		}
		if b.counts.faults[Walking]+b.counts.faults[Redacting] != 1 || b.counts.entries != 1 || len(b.sinks[record.Common].got) != 1 {
			t.Errorf("%s: %+v", in, b.counts)
		}
		if s := b.sinks[record.JSON].sealed[0]; s.Class != "30d" || s.Keep != 30*24*time.Hour || !s.Time.Equal(began) {
			t.Errorf("%s: %+v", in, s)
		}
		without(t, b, "anna", "203.0.113", "can't")
		p.in, b.decider = "", func() Decider { return p }
		if e := b.run(t, request(typicalHead, typicalAnswer)); e["weir.fault"] != nil || e["client.address"] != "203.0.113.0" {
			t.Errorf("%s: the next entry is %v", in, e)
		}
	}
}

// dropping is a sink that panics.
type dropping struct{ lines }

func (d *dropping) Append(record.Sealed) { panic("disk") }

func TestASinkThatFailsDoesNotCostTheOthersTheirLine(t *testing.T) {
	c, after := &counts{}, &lines{}
	e, err := New(Config{Decider: func() Decider { return typical() }, Service: "www", Sinks: []Sink{&dropping{}, after}, Metrics: c})
	if err != nil {
		t.Fatal(err)
	}
	x := request(typicalHead, typicalAnswer)
	_, o := e.Begin(x)
	o.Observe(x)
	if len(after.got) != 1 || c.faults[Writing] != 1 {
		t.Errorf("%d lines, %+v", len(after.got), c)
	}
}

func TestAnExchangeKeepsThePolicyItBeganWith(t *testing.T) {
	old, new := typical(), newPolicy(nil)
	b := newBed(t, old)
	b.echo = nil
	now := old
	b.decider = func() Decider { return now }
	x := request("GET /?page=2 HTTP", "")
	_, o := b.Begin(x)
	now = new
	o.Observe(x)
	expect(t, b.last(t), map[string]any{"url.query": "page=2"})
	expect(t, b.run(t, request("GET /?page=2 HTTP", "")), map[string]any{"url.query": "page="})
}

func TestRefusedExchangesHaveAnEntry(t *testing.T) {
	b := newBed(t, typical())
	x := &raw.Exchange{}
	x.Reset()
	x.Started, x.Outcome, x.Reason = began, raw.Refused, "content_length_and_transfer_encoding"
	expect(t, b.run(t, x), map[string]any{"error.type": "content_length_and_transfer_encoding", "http.request.method": nil, "url.path": nil})
	x.Reason = "anna@example.dk"
	expect(t, b.run(t, x), map[string]any{"error.type": "refused"})
	without(t, b, "anna")
}

func TestTunnelsAreWritten(t *testing.T) {
	b := newBed(t, typical(), "proxy.example")
	x := request("CONNECT  HTTP\nHost: api.stripe.com:443", "HTTP/1.1 200 OK")
	x.Direction, x.Visibility, x.BytesUp, x.BytesDown = raw.Outbound, raw.SeenTunnel, 517, 4096
	x.ServerName = x.Request.AppendString("js.stripe.com")
	e := b.run(t, x)
	expect(t, e, map[string]any{"http.request.method": "CONNECT", "server.address": "stripe.com", "server.port": 443, "tls.server_name": "stripe.com",
		"tunnel.bytes_up": 517, "tunnel.bytes_down": 4096, "flow.visibility": "tunnel", "flow.direction": "outbound"})
	if line := b.line(record.Common); !strings.Contains(line, `"CONNECT stripe.com:443 HTTP/1.1" 200`) {
		t.Error(line)
	}
}

func TestTheServerNameIsWrittenWhereItIsNotTheHost(t *testing.T) {
	b := newBed(t, typical())
	for _, host := range []string{"api.stripe.com:443", "API.stripe.com", "api.stripe.com"} {
		for name, want := range map[string]any{"api.stripe.com": nil, "js.stripe.com": "stripe.com"} {
			x := request("CONNECT  HTTP\nHost: "+host+"\nReferer: https://js.stripe.com/", "")
			x.Direction = raw.Outbound
			x.ServerName = x.Request.AppendString(name)
			e := b.run(t, x)
			if e["server.address"] != "stripe.com" || e["tls.server_name"] != want {
				t.Errorf("%s of %s: %v, %v", name, host, e["server.address"], e["tls.server_name"])
			}
		}
	}
}

func TestUnknownMethodsAreWrittenAsOther(t *testing.T) {
	b := newBed(t, typical())
	expect(t, b.run(t, request("ANNA-JENSEN / HTTP", "")), map[string]any{"http.request.method": "_OTHER"})
	expect(t, b.run(t, request("get / HTTP", "")), map[string]any{"http.request.method": "_OTHER"})
	expect(t, b.run(t, request("PROPFIND / HTTP", "")), map[string]any{"http.request.method": "PROPFIND"})
	without(t, b, "ANNA", "get ")
}

func TestNothingOfAnExchangeIsKeptAfterIt(t *testing.T) {
	p := leaky()
	b := newBed(t, p)
	first := b.run(t, request("GET /users?note=first HTTP\nCookie: sid=aaaaaaaaaaaa; theme=bbbbbbbbbbb\nReferer: https://a.example/cccccc", "HTTP/1.1 200 OK"))
	second := b.run(t, request("GET /users HTTP", ""))
	expect(t, first, map[string]any{"url.query": "note=first"})
	for _, key := range []string{"url.query", "http.response.status_code"} {
		if second[key] != nil {
			t.Errorf("%s of the exchange before: %v", key, second[key])
		}
	}
	if len(list(second)) > 0 {
		t.Errorf("the list of the exchange before: %v", list(second))
	}
	s := b.states.Get().(*state)
	for i := range s.items[:cap(s.items)] {
		if it := s.items[:cap(s.items)][i]; it.field.Value.Len()+it.field.Name.Len() > 0 {
			t.Fatal("a field is kept")
		}
	}
	for _, v := range s.withheld.values[:cap(s.withheld.values)] {
		if v != nil {
			t.Fatal("a withheld value is kept")
		}
	}
}

func TestTheLiveExchangeIsNotChanged(t *testing.T) {
	const head = "GET /Users/ANNA%40Example.dk?mail=ANNA%40Example.dk&note=%2B45+12 HTTP\nHost: WWW.Example\nCookie: sid=A%2540B.DK; T=\"x\"\n" +
		"Referer: HTTPS://A.Example/X?Mail=ANNA@Example.DK\nX-Forwarded-For: 203.0.113.77 , ::FFFF:203.0.113.78\nX-Note: ＡＮＮＡ＠Example.dk\n~T: 1"
	for _, do := range []transform.Transform{transform.Hash(), transform.Drop(), transform.Keep(), transform.Origin(), must(transform.Mask(2, 2)), must(transform.TruncateText(9)), must(transform.Truncate(24, 48))} {
		b := newBed(t, newPolicy(known, testRule{"all", func(*raw.Question) bool { return true }, do}))
		x := request(head, "HTTP/1.1 302\nLocation: /X%41?Mail=ANNA@Example.DK\nSet-Cookie: A=B%41; Path=/")
		was := func(m *raw.Message) string { return string(m.Peek(raw.Span{End: uint32(m.ArenaLen())})) }
		request, answer := was(&x.Request), was(&x.Response)
		_, o := b.Begin(x)
		o.Observe(x)
		if was(&x.Request) != request || was(&x.Response) != answer {
			t.Errorf("%s: changed", do)
		}
	}
}

func TestAnObserverPrintsNothing(t *testing.T) {
	b := newBed(t, typical())
	_, o := b.Begin(request(typicalHead, typicalAnswer))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, o); got != raw.Placeholder {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

func TestExchangesRunAtOnce(t *testing.T) {
	p := typical()
	sink := &locked{}
	e, err := New(Config{Decider: func() Decider { return p }, Service: "www", Keys: testKeys{}, Sinks: []Sink{sink}})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				x := request(fmt.Sprintf("GET /?page=%d-%d&email=anna%%40example.dk HTTP\nUser-Agent: curl/%d.1", g, i, i), "HTTP/1.1 200 OK")
				_, o := e.Begin(x)
				o.Observe(x)
				x.Request.Overwrite('!')
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for line := range bytes.Lines(sink.all) {
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatal(err)
		}
		seen[m["url.query"].(string)] = true
	}
	if len(seen) != 400 {
		t.Errorf("%d distinct entries", len(seen))
	}
}

type locked struct {
	mu  sync.Mutex
	all []byte
}

func (*locked) Format() record.Format { return record.JSON }
func (l *locked) Append(s record.Sealed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, s.Line...)
}

// Settled says that nothing is: each question comes to Decide.
func (b *breaking) Settled(*raw.Place, category.Key, uint8) (transform.Decision, bool) {
	return transform.Decision{}, false
}
