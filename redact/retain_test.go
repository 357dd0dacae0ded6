package redact

import (
	"bytes"
	"testing"
	"time"

	"weir/redact/category"
	"weir/redact/keys"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// byPath keeps orders for five years and little of them, forgotten paths for a day.
func byPath() *testPolicy {
	p := typical()
	p.subjects = []category.Key{category.Email}
	p.retentions = []raw.Retention{{Class: "1825d", Keep: 1825 * 24 * time.Hour, Only: []string{"url.path", "subjects"}}, {Class: "1d", Keep: 24 * time.Hour}}
	p.retained = func(x *raw.Exchange) int {
		switch {
		case bytes.HasPrefix(x.Request.Peek(x.Request.Path), []byte("/device/")):
			return 1
		case x.Response.Status == 500:
			return 2
		}
		return 0
	}
	return p
}

func newKeyed(t *testing.T, p Decider, ring transform.Keys, sinks ...Sink) (*Engine, *counts) {
	t.Helper()
	c := &counts{}
	e, err := New(Config{Decider: func() Decider { return p }, Service: "www", Keys: ring, Sinks: sinks, Metrics: c})
	if err != nil {
		t.Fatal(err)
	}
	return e, c
}

func TestEntriesAreOfTheirClassAndSoAreTheirPseudonyms(t *testing.T) {
	b := &bed{}
	b.sinks[record.JSON] = &lines{}
	b.Engine, b.counts = newKeyed(t, byPath(), keys.NewFleeting(), b.sinks[record.JSON])
	subject, query := map[string]any{}, map[string]any{}
	for range 5 { // on one state, in turns
		for _, c := range []struct{ head, answer, class string }{
			{"GET /device/7?email=anna@example.dk HTTP\nHost: x\nReferer: https://y/", "HTTP/1.1 200 OK", "1825d"},
			{"GET /a?email=anna@example.dk HTTP\nHost: x", "HTTP/1.1 500 No", "1d"},
			{"GET /a?email=anna@example.dk HTTP\nHost: x", "HTTP/1.1 200 OK", "30d"},
		} {
			e := b.run(t, request(c.head, c.answer))
			sealed := b.sinks[record.JSON].sealed
			if s := sealed[len(sealed)-1]; s.Class != c.class || e["retain"] != c.class || s.Keep < 24*time.Hour {
				t.Errorf("%s: %+v, %v", c.class, s, e["retain"])
			}
			made, _ := e["subjects"].([]any)
			if len(made) != 1 || subject[c.class] != nil && made[0] != subject[c.class] {
				t.Fatalf("%s: %v, was %v", c.class, made, subject[c.class])
			}
			if query[c.class] != nil && query[c.class] != e["url.query"] {
				t.Errorf("%s: %v, was %v", c.class, e["url.query"], query[c.class])
			}
			subject[c.class], query[c.class] = made[0], e["url.query"]
		}
	}
	if subject["1825d"] == subject["30d"] || subject["1d"] == subject["30d"] || query["1d"] == query["30d"] {
		t.Errorf("two classes have one pseudonym: %v, %v", subject, query)
	}
	if b.counts.faults != [StageCount]int{} || b.counts.found[category.Email] != 15 {
		t.Errorf("%+v: what an entry does not hold is found all the same", b.counts)
	}
}

func TestAnEntryHoldsWhatItsRetentionNames(t *testing.T) {
	b := newBed(t, byPath())
	x := request("GET /device/7?page=2 HTTP\nHost: x", "HTTP/1.1 200 OK")
	x.Trace = &raw.Trace{Parent: [8]byte{1}}
	e := b.run(t, x)
	expect(t, e, map[string]any{"url.path": "/device/{id}", "service": "www", "retain": "1825d"})
	for _, gone := range []string{"client.address", "url.query", "http.response.status_code", "duration", "redacted", "trace_id", "flow.direction"} {
		if e[gone] != nil {
			t.Errorf("%s is %v", gone, e[gone])
		}
	}
	if s := b.sinks[record.JSON].sealed[0]; s.Trace == nil {
		t.Error("no span can be made")
	}
	if got := b.line(record.Common); got != "- - - [22/Nov/2026:10:00:00 +0000] \"-\" - -\n" {
		t.Errorf("%q", got)
	}
}

func TestAFaultLeavesNoMoreThanTheRetentionNames(t *testing.T) {
	p := &breaking{testPolicy: byPath()}
	p.testPolicy.retained = func(*raw.Exchange) int { return 1 }
	b := newBed(t, p)
	p.in = "Decide"
	e := b.run(t, request("GET /device/7?page=2 HTTP\nHost: x", "HTTP/1.1 200 OK"))
	if len(e) != 4 || e["weir.fault"] != "redaction" || e["retain"] != "1825d" {
		t.Errorf("%v", e)
	}
}

func TestNothingIsAskedWhereThereIsOneRetention(t *testing.T) {
	p := typical()
	p.retained = func(*raw.Exchange) int { panic("asked") }
	b := newBed(t, p)
	if e := b.run(t, request("GET / HTTP\nHost: x", "HTTP/1.1 200 OK")); e["weir.fault"] != nil || e["retain"] != "30d" {
		t.Errorf("%v", e)
	}
}

func TestAPolicyWhoseEntriesHoldNoSuchFieldIsRefused(t *testing.T) {
	p := typical()
	p.retentions = []raw.Retention{{Class: "1d", Keep: 1, Only: []string{"url.oath"}}}
	if _, err := New(Config{Decider: func() Decider { return p }, Service: "www"}); err == nil {
		t.Error("it is taken")
	}
	b := newBed(t, typical())
	b.decider, b.echo = func() Decider { return p }, nil // at a reload
	e := b.run(t, request("GET /a?page=2 HTTP\nHost: x", "HTTP/1.1 200 OK"))
	if e["weir.fault"] != "redaction" || e["retain"] != "30d" || e["url.path"] != nil || b.counts.faults[Walking] != 1 {
		t.Errorf("%v, %+v", e, b.counts)
	}
}

func TestRoomIsPromisedInEachClassAndGivenBackInAllButOne(t *testing.T) {
	s := &classed{promised: map[string]int{}, full: map[string]bool{}}
	e := strict(t, byPath(), s)
	x := request("GET /device/7 HTTP\nHost: x", "HTTP/1.1 200 OK")
	v, o := e.Begin(x)
	if n := s.promised["30d"]; v.Deny || n == 0 || s.promised["1825d"] != n || s.promised["1d"] != n {
		t.Fatalf("%+v, %v", v, s.promised)
	}
	o.Observe(x)
	s.full["1d"] = true
	x = request("GET /device/7 HTTP\nHost: x", "HTTP/1.1 200 OK")
	if v, o = e.Begin(x); !v.Deny {
		t.Error("an entry of a class without room would be lost")
	}
	o.Observe(x)
	for class, n := range s.promised {
		if n != 0 {
			t.Errorf("%d of %s are promised for ever", n, class)
		}
	}
}

// classed is a sink that keeps account of what it promised in each class.
type classed struct {
	lines
	promised map[string]int
	full     map[string]bool
}

func (c *classed) Reserve(class string, _ time.Duration, n int) bool {
	if !c.full[class] {
		c.promised[class] += n
	}
	return !c.full[class]
}

func (c *classed) Release(class string, n int) { c.promised[class] -= n }

func (c *classed) Append(s record.Sealed) {
	c.promised[s.Class] -= s.Reserved
	c.lines.Append(s)
}

func TestClassesInTurnsCostNoAllocation(t *testing.T) {
	p := byPath()
	p.subjects = nil
	e, _ := newKeyed(t, p, keys.NewFleeting())
	s := e.states.New().(*state)
	var v raw.Verdict
	all := []*raw.Exchange{
		request("GET /device/7?email=anna@example.dk HTTP\nHost: x", "HTTP/1.1 200 OK"),
		request("GET /a?email=anna@example.dk HTTP\nHost: x", "HTTP/1.1 500 No"),
		request("GET /a?email=anna@example.dk HTTP\nHost: x", "HTTP/1.1 200 OK"),
	}
	round := func() {
		for _, x := range all {
			s.failed = !s.begin(x, &v)
			s.Observe(x)
		}
	}
	for range 3 { // what comes again is remembered
		round()
	}
	if n := testing.AllocsPerRun(50, round); n > 0 {
		t.Errorf("%v allocations a round", n)
	}
}

// shredded is a ring whose keys are destroyed while an exchange passes.
type shredded struct {
	testKeys
	times uint64
}

func (k *shredded) Version() uint64 { return k.times }

func (k *shredded) Key(class string, start time.Time, domain string, key category.Key) (keys.Key, error) {
	return testKeys{fail: k.times > 0}.Key(class, start, domain, key)
}

func TestNoPseudonymIsRememberedOfAKeyThatIsDestroyed(t *testing.T) {
	ring, sink := &shredded{}, &lines{}
	e, c := newKeyed(t, typical(), ring, sink)
	for i := range echoes + 1 {
		x := request("GET /?email=anna@example.dk HTTP", "HTTP/1.1 200 OK")
		_, o := e.Begin(x)
		if i == echoes {
			ring.times++
		}
		o.Observe(x)
		if hashed := bytes.Contains([]byte(sink.got[i]), []byte(`"url.query":"email=h1.`)); hashed != (i < echoes) {
			t.Errorf("%d: %s", i, sink.got[i])
		}
	}
	if c.faults[Keying] != 1 {
		t.Errorf("%+v", c)
	}
}
