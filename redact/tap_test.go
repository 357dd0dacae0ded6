package redact

import (
	"fmt"
	"strings"
	"testing"

	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/walk"
)

// seeking is a policy that asks for subjects.
func seeking(keys ...category.Key) *testPolicy {
	p := typical()
	p.subjects = keys
	return p
}

// passed redacts x, whose bodies pass in pieces, on two goroutines.
func (b *bed) passed(t testing.TB, x *raw.Exchange, request, response string) map[string]any {
	t.Helper()
	q, p := &x.Request, &x.Response
	q.Framing, q.BodyBytes, q.Whole = raw.NoBody, int64(len(request)), true
	if request != "" {
		q.Framing = raw.Length
	}
	p.Framing, p.BodyBytes, p.Whole = raw.Chunked, int64(len(response)), true
	v, o := b.Begin(x)
	if v.Request != raw.Tapped || v.Response != raw.Tapped {
		t.Fatalf("bodies are not asked for: %+v", v)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		pour(request, o.(raw.Taps).RequestBody)
	}()
	pour(response, o.(raw.Taps).ResponseBody)
	<-done
	o.Observe(x)
	q.Overwrite('!')
	p.Overwrite('!')
	return b.last(t)
}

func pour(body string, into func([]byte) bool) {
	for len(body) > 0 {
		n := min(7, len(body))
		piece := []byte(body[:n])
		into(piece)
		for i := range piece {
			piece[i] = '!'
		}
		body = body[n:]
	}
}

func post(more string) *raw.Exchange {
	return request("POST /device/7?email=Anna%40Example.dk HTTP\nHost: www.x.example\nContent-Type: application/json"+more,
		"HTTP/1.1 200 OK\nContent-Type: application/json")
}

func TestSubjectsAreThePseudonymsOfWhatIsFoundAnywhere(t *testing.T) {
	b := newBed(t, seeking("user.contact", category.UniqueID))
	e := b.passed(t, post(""), `{"user":{"email":"bo@example.dk","said":"see carl@example.dk"},"n":1}`, `{"mail":["anna@example.dk","dora@example.dk"]}`)
	var want []any
	for _, address := range []string{"anna@example.dk", "bo@example.dk", "carl@example.dk", "dora@example.dk"} {
		query := b.run(t, request("GET /?email="+address+" HTTP", "HTTP/1.1 200 OK"))["url.query"].(string)
		want = append(want, strings.TrimPrefix(query, "email="))
	}
	expect(t, e, map[string]any{"subjects": want, "subjects_more": nil, "flow.visibility": "full",
		"http.request.body.unscanned": nil, "http.response.body.unscanned": nil})
	without(t, b, "bo@", "carl", "dora", "anna@")
	// What the next exchange has is its own.
	expect(t, b.passed(t, request("GET / HTTP", "HTTP/1.1 204 No Content"), "", ""), map[string]any{"subjects": nil, "flow.visibility": "full"})
}

func TestBodiesAreNotAskedForWhereThePolicyHasNoUseForThem(t *testing.T) {
	b := newBed(t, typical())
	x := post("")
	v, o := b.Begin(x)
	if v != (raw.Verdict{}) {
		t.Errorf("%+v", v)
	}
	o.Observe(x)
	expect(t, b.last(t), map[string]any{"subjects": nil, "flow.visibility": "headers", "http.request.body.unscanned": nil})
}

func TestBodyThatWasNotWhollyWalkedIsToldOf(t *testing.T) {
	b := newBed(t, seeking(category.Email))
	for _, c := range []struct {
		name, header, body, why string
	}{
		{"cut", "", `{"email":"anna@example.dk"`, "broken"},
		{"not what it says", "", `<p>anna@example.dk`, "broken"},
		{"unknown", "\nContent-Type: image/png", "anna@example.dk", "unknown_type"},
		{"coding", "\nContent-Encoding: rot13", "{}", "unknown_coding"},
		{"deep", "", strings.Repeat("[", 500), "too_deep"},
		{"crowded", "", `"` + strings.Repeat("a@b.dk ", 400) + `"`, "too_many_values"},
	} {
		x := request("POST / HTTP\nHost: www.x.example"+c.header, "HTTP/1.1 200 OK\nContent-Type: application/json")
		if !strings.Contains(c.header, "Type") {
			x.Request.Add([]byte("content-type"), []byte("application/json"))
		}
		e := b.passed(t, x, c.body, "{}")
		expect(t, e, map[string]any{"http.request.body.unscanned": c.why, "http.response.body.unscanned": nil, "flow.visibility": "headers"})
	}
}

func TestBodyThatDidNotComeToItsEndIsBroken(t *testing.T) {
	b := newBed(t, seeking(category.Email))
	for name, spoil := range map[string]func(x *raw.Exchange){
		"broke off": func(x *raw.Exchange) { x.Response.Whole = false },
		"not given": func(x *raw.Exchange) { x.Response.BodyBytes += 2 },
	} {
		x := post("")
		x.Request.Framing = raw.NoBody
		x.Response.Whole, x.Response.BodyBytes = true, 2
		_, o := b.Begin(x)
		o.(raw.Taps).ResponseBody([]byte("{}"))
		spoil(x)
		o.Observe(x)
		if why := b.last(t)["http.response.body.unscanned"]; why != "broken" {
			t.Errorf("%s: %v", name, why)
		}
	}
}

// panicking fails in both ways, or only as it is written to.
type panicking struct{ closed *bool }

func (panicking) Write([]byte) (int, error) { panic("anna@example.dk") }
func (panicking) Over() bool                { return false }
func (p panicking) Close() walk.Reason {
	if p.closed == nil {
		panic("anna@example.dk")
	}
	*p.closed = true
	return walk.Broken
}

func TestWalkThatPanicsCostsTheEntryItsBodyAlone(t *testing.T) {
	closed := false
	for _, at := range []string{"write", "close"} {
		b := newBed(t, seeking(category.Email))
		x := post("")
		x.Request.BodyBytes, x.Request.Whole, x.Request.Framing = 2, true, raw.Length
		_, o := b.Begin(x)
		o.(*state).bodies.request.walked = panicking{}
		if at == "write" {
			o.(*state).bodies.request.walked = panicking{&closed}
		}
		if at == "write" && o.(raw.Taps).RequestBody([]byte("{}")) {
			t.Error("more is wanted")
		}
		o.(*state).bodies.request.seen = 2
		o.Observe(x)
		expect(t, b.last(t), map[string]any{"http.request.body.unscanned": "fault", "weir.fault": nil, "url.path": "/device/{id}"})
		if b.counts.faults[Walking] != 1 {
			t.Errorf("%s: %d faults", at, b.counts.faults[Walking])
		}
		if !closed {
			t.Error("what failed is not ended")
		}
		without(t, b, "anna@")
	}
}

func TestBodyThatCanNotBeBegunCostsTheEntryItAlone(t *testing.T) {
	b := newBed(t, seeking(category.Email))
	x := post("")
	x.Request.Whole, x.Response.Whole, x.Response.BodyBytes = true, true, 2
	_, o := b.Begin(x)
	o.(*state).exchange = nil
	if o.(raw.Taps).ResponseBody([]byte("{}")) {
		t.Error("more is wanted")
	}
	o.Observe(x)
	expect(t, b.last(t), map[string]any{"http.response.body.unscanned": "fault", "flow.visibility": "headers"})
}

func TestFramesThatCanNotBeBegunAreNotClaimedToBeSeen(t *testing.T) {
	b := newBed(t, seeking(category.Email))
	x := request("GET / HTTP\nUpgrade: websocket", "HTTP/1.1 101 Switching\nUpgrade: websocket")
	x.Request.Whole, x.Upgraded, x.Response.BodyBytes = true, true, 0
	_, o := b.Begin(x)
	s := o.(*state)
	s.bodies.response.state = nil
	func() {
		defer func() { _ = recover() }()
		s.Upgraded()
		t.Error("nothing fails")
	}()
	s.bodies.response.state = s
	o.Observe(x)
	if e := b.last(t); e["flow.visibility"] == "full" || e["http.response.body.unscanned"] == nil {
		t.Errorf("%v", e)
	}
}

func TestSubjectsAreBounded(t *testing.T) {
	b := newBed(t, seeking(category.Email))
	var body strings.Builder
	for i := range 100 {
		fmt.Fprintf(&body, "{\"email\":\"a%d@example.dk\"}\n", i%90)
	}
	x := post("")
	x.Request.Header = x.Request.Header[:1]
	x.Request.Add([]byte("Content-Type"), []byte("application/x-ndjson"))
	e := b.passed(t, x, body.String(), "{}")
	if got := len(e["subjects"].([]any)); got != maxSubjects {
		t.Errorf("%d subjects", got)
	}
	expect(t, e, map[string]any{"subjects_more": 27, "http.request.body.unscanned": nil})
	// One long value after the other does not make more be held.
	var u subjects
	u.begin([]category.Key{"x.long"}, new(detect.Scanner))
	for i := range 64 {
		u.add("x.long", fmt.Appendf(nil, "%d%s", i, strings.Repeat("x", 10_000)))
	}
	if len(u.text) > 2*maxSubjectText || u.more == 0 {
		t.Errorf("%d bytes are held", len(u.text))
	}
}

func TestSubjectIsTheIdentifierNotWhatStandsAroundIt(t *testing.T) {
	b := newBed(t, seeking("user"))
	e := b.passed(t, request("POST /u/k77?email=Anna+Jensen+%3Canna%40example.dk%3E HTTP\nContent-Type: application/json", "HTTP/1.1 200 OK"),
		`{"email":"Anna Jensen <ANNA@example.dk>"}`, "")
	query := b.run(t, request("GET /?email=anna@example.dk HTTP", ""))["url.query"].(string)
	found := 0
	for _, s := range e["subjects"].([]any) {
		if s == strings.TrimPrefix(query, "email=") {
			found++
		}
	}
	// The client's address, who the route says that it is of, and Anna.
	if len(e["subjects"].([]any)) != 3 || found != 1 {
		t.Errorf("%v, %d of %s", e["subjects"], found, query)
	}
}

func TestSubjectsStandInJSONAlone(t *testing.T) {
	b := newBed(t, seeking(category.Email))
	b.passed(t, post(""), `{"email":"anna@example.dk"}`, "{}")
	if !strings.Contains(b.line(record.JSON), `"subjects":["h1.`) || strings.Contains(b.line(record.Combined), "subjects") {
		t.Error(b.line(record.JSON))
	}
}

func TestWithoutAKeyThereIsNoSubject(t *testing.T) {
	p := seeking(category.Email)
	sink := &lines{}
	e, err := New(Config{Decider: func() Decider { return p }, Service: "www", Keys: testKeys{fail: true}, Sinks: []Sink{sink}})
	if err != nil {
		t.Fatal(err)
	}
	x := post("")
	_, o := e.Begin(x)
	o.Observe(x)
	if strings.Contains(sink.got[0], `"subjects":`) || strings.Contains(sink.got[0], "xample.dk") {
		t.Error(sink.got[0])
	}
}

// framed is a text frame, masked where a client sends it.
func framed(text string, masked bool) string {
	if !masked {
		return "\x81" + string(rune(len(text))) + text
	}
	b := []byte(text)
	for i := range b {
		b[i] ^= "\x11\x22\x33\x44"[i&3]
	}
	return "\x81" + string([]byte{0x80 | byte(len(text))}) + "\x11\x22\x33\x44" + string(b)
}

func TestMessagesOfWebSocketsAreWalked(t *testing.T) {
	b := newBed(t, seeking(category.Email))
	for protocol, want := range map[string]any{"websocket": nil, "tls/1.0": "unknown_type"} {
		x := request("GET / HTTP\nUpgrade: "+protocol, "HTTP/1.1 101 Switching\nUpgrade: "+protocol)
		x.Request.Whole, x.Upgraded, x.Response.BodyBytes = true, true, 0
		_, o := b.Begin(x)
		taps := o.(raw.Taps)
		if taps.Upgraded() != (want == nil) {
			t.Errorf("%s is not known", protocol)
		}
		if want == nil {
			pour(framed(`{"email":"anna@example.dk"}`, true), taps.RequestBody)
			pour(framed("mail of bo@example.dk", false), taps.ResponseBody)
		}
		o.Observe(x)
		e := b.last(t)
		expect(t, e, map[string]any{"http.request.body.unscanned": want, "http.response.body.unscanned": want})
		if got, _ := e["subjects"].([]any); want == nil && len(got) != 2 || want != nil && got != nil {
			t.Errorf("%s: %v", protocol, e)
		}
	}
	without(t, b, "anna", "bo@")
}

// allowing allows one value.
type allowing string

func (a allowing) Allows(_ category.Key, value []byte) bool { return string(value) == string(a) }

func TestWhatAPolicyAllowsIsNoSubject(t *testing.T) {
	p := seeking(category.Email)
	var err error
	if p.detects, err = detect.NewSet(detect.SetConfig{Allowed: allowing("info@example.dk")}); err != nil {
		t.Fatal(err)
	}
	e := newBed(t, p).passed(t, request("POST / HTTP\nContent-Type: application/json", "HTTP/1.1 204 No"),
		`{"email":"info@example.dk","to":["info@example.dk","anna@example.dk"]}`, "")
	if got, _ := e["subjects"].([]any); len(got) != 1 {
		t.Errorf("%v", e)
	}
}
