package redact

import (
	"strings"
	"testing"
	"time"

	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// bounded is a sink that can promise so many bytes.
type bounded struct {
	lines
	room, promised int
	refused        int
}

func (b *bounded) Reserve(_ string, _ time.Duration, n int) bool {
	if b.promised+n > b.room {
		b.refused++
		return false
	}
	b.promised += n
	return true
}

func (b *bounded) Release(_ string, n int) { b.promised -= n }

func (b *bounded) Append(s record.Sealed) {
	b.promised -= s.Reserved
	b.lines.Append(s)
}

func strict(t *testing.T, p Decider, sinks ...Sink) *Engine {
	t.Helper()
	e, err := New(Config{Decider: func() Decider { return p }, Service: "www", Keys: testKeys{}, Sinks: sinks, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestStrictDeniesWhatOneSinkHasNoRoomFor(t *testing.T) {
	roomy, narrow, plain := &bounded{room: 1 << 20}, &bounded{room: 5 << 10, lines: lines{format: record.Common}}, &lines{}
	e := strict(t, typical(), roomy, narrow, plain)
	ask := func() *raw.Exchange {
		return request("GET / HTTP\nHost: x\nX-Secret: "+strings.Repeat("s", 300), "HTTP/1.1 200 OK")
	}
	first := ask()
	v, one := e.Begin(first)
	if v.Deny || roomy.promised != narrow.promised || narrow.promised < 2<<10 {
		t.Fatalf("%+v, %d and %d promised", v, roomy.promised, narrow.promised)
	}
	before := roomy.promised
	second := ask()
	v, two := e.Begin(second)
	if !v.Deny || v.Status != 503 || v.Reason != LogFull || roomy.promised != before {
		t.Errorf("%+v, %d promised, were %d", v, roomy.promised, before)
	}
	second.Outcome, second.Reason = raw.Refused, v.Reason
	two.Observe(second)
	one.Observe(first)
	if roomy.promised != 0 || narrow.promised != 0 {
		t.Errorf("%d and %d are promised for ever", roomy.promised, narrow.promised)
	}
	if len(plain.got) != 2 || !strings.Contains(plain.got[0], `"error.type":"log_full"`) || len(roomy.got) != 2 || narrow.sealed[0].Reserved != 0 || narrow.sealed[1].Reserved == 0 {
		t.Errorf("%q", plain.got)
	}
}

func TestEntryThatOutgrowsItsPromiseKeepsItsFacts(t *testing.T) {
	s := &bounded{room: 3 << 10}
	p := newPolicy(known, rest("notes", "response.header.x-note", transform.Keep()))
	e := strict(t, p, s)
	for _, room := range []int{3 << 10, 1 << 20} {
		s.room = room
		x := request("GET / HTTP\nHost: x", "HTTP/1.1 200 OK")
		_, o := e.Begin(x)
		// What is known of the response, which came later, fills the entry.
		x.Response.Add([]byte("X-Note"), []byte(strings.Repeat("so it is ", 500)))
		o.Observe(x)
		line := s.got[len(s.got)-1]
		if fits := room > 3<<10; strings.Contains(line, `"weir.fault":"room"`) == fits || !strings.Contains(line, `"http.response.status_code":200`) {
			t.Errorf("with room for %d: %d bytes, %.300s", room, len(line), line)
		}
		if s.promised != 0 {
			t.Errorf("%d promised", s.promised)
		}
	}
}

func TestNothingIsPromisedWhereNobodyIsStrict(t *testing.T) {
	s := &bounded{}
	e, err := New(Config{Decider: func() Decider { return typical() }, Service: "www", Keys: testKeys{}, Sinks: []Sink{s}})
	if err != nil {
		t.Fatal(err)
	}
	x := request("GET / HTTP\nHost: x", "HTTP/1.1 200 OK")
	v, o := e.Begin(x)
	o.Observe(x)
	if v.Deny || s.refused > 0 || len(s.got) != 1 || s.sealed[0].Reserved != 0 {
		t.Errorf("%+v, %d asked, %q", v, s.refused, s.got)
	}
}
