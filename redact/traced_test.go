package redact

import (
	"encoding/hex"
	"strings"
	"testing"

	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// traced is an exchange within a trace that somebody else began.
func traced(head, answer, id, parent string) *raw.Exchange {
	x := request(head, answer)
	x.Trace = &raw.Trace{Server: [8]byte{1}, Client: [8]byte{2}}
	copy(x.Trace.ID[:], unhexed(id))
	copy(x.Trace.Parent[:], unhexed(parent))
	return x
}

func unhexed(s string) []byte {
	b, _ := hex.DecodeString(s)
	return b
}

const (
	traceID  = "a5047bc248270e8ea744215f6aebfaa9"
	parentID = "8517e11b5b36c58e"
)

func TestNoTraceIsNamedByWhatIsWithheld(t *testing.T) {
	mail := "anna.b@xmpl.dk" // fits into an id
	for name, c := range map[string]struct{ head, answer, id, parent string }{
		"a session":             {"GET /users HTTP\nCookie: sid=" + traceID, "", traceID, parentID},
		"one hashed":            {"GET /users?mail=" + mail + " HTTP", "", hex.EncodeToString([]byte(mail + "  ")), parentID},
		"a session's beginning": {"GET /users HTTP\nCookie: sid=" + parentID, "", traceID, parentID},
		"a part of a session":   {"GET /users HTTP\nCookie: sid=v1." + strings.ToUpper(traceID) + ".x", "", traceID, parentID},
		"a UUID":                {"GET /users HTTP\nCookie: sid=a5047bc2-4827-0e8e-a744-215f6aebfaa9", "", traceID, parentID},
		"a session begun":       {"GET /users HTTP", "HTTP/1.1 200 OK\nSet-Cookie: sid=" + traceID, traceID, parentID},
		"an address in text":    {"GET /users HTTP\nX-Other: " + mail, "", hex.EncodeToString([]byte(mail + "  ")), parentID},
		"one in the path":       {"GET /users/" + mail + " HTTP", "", hex.EncodeToString([]byte("  " + mail)), parentID},
	} {
		b := newBed(t, leaky(finding("people", "user.contact", transform.Hash())))
		e := b.run(t, traced(c.head, c.answer, c.id, c.parent))
		if e["trace_id"] != nil || e["span_id"] != nil || b.sinks[record.JSON].sealed[0].Trace != nil {
			t.Errorf("%s: %v", name, e)
		}
		without(t, b, c.id)
	}
}

func TestATraceIsNamedByWhatOnlyTracesAreNamedBy(t *testing.T) {
	for name, head := range map[string]string{
		"another session":   "GET /users HTTP\nCookie: sid=b5047bc248270e8ea744215f6aebfaa9",
		"other propagators": "GET /users HTTP\nTraceparent: 00-" + traceID + "-" + parentID + "-01\nX-B3-TraceId: " + traceID + "\nX-Trace-Id: " + traceID + "\nSentry-Trace: " + traceID + "-" + parentID + "-1",
	} {
		b := newBed(t, leaky())
		if e := b.run(t, traced(head, "HTTP/1.1 200 OK\nX-Trace-Id: "+traceID, traceID, parentID)); e["trace_id"] != traceID {
			t.Errorf("%s: %v", name, e)
		}
	}
	b := newBed(t, leaky()) // whom weir's own random number equals, nobody chose
	if e := b.run(t, traced("GET /users HTTP\nCookie: sid="+traceID, "", traceID, "")); e["trace_id"] != traceID {
		t.Errorf("%v", e)
	}
}

func TestWhereNobodyLookedATraceIsNotNamed(t *testing.T) {
	p := &breaking{testPolicy: typical()}
	b := newBed(t, p)
	p.in = "Decide"
	for id, named := range map[string]bool{parentID: false, "": true} { // weir's own ids are nobody's
		e := b.run(t, traced("GET /users HTTP\nCookie: sid="+traceID, "HTTP/1.1 200 OK", traceID, id))
		if e["weir.fault"] != "redaction" || (e["trace_id"] != nil) != named {
			t.Errorf("%q: %v", id, e)
		}
	}
}

func TestFactsAloneAreNamedByTheSameTrace(t *testing.T) {
	for cookie, named := range map[string]bool{traceID: false, parentID + "00": false, "something": true} {
		s := &bounded{room: 3 << 10}
		e := strict(t, newPolicy(known, rest("notes", "response.header.x-note", transform.Keep())), s)
		x := traced("GET / HTTP\nCookie: sid="+cookie, "HTTP/1.1 200 OK", traceID, parentID)
		_, o := e.Begin(x)
		x.Response.Add([]byte("X-Note"), []byte(strings.Repeat("so it is ", 500)))
		o.Observe(x)
		if !strings.Contains(s.got[0], `"weir.fault":"room"`) || strings.Contains(s.got[0], traceID) != named || (s.sealed[0].Trace != nil) != named {
			t.Errorf("%s: %.400s", cookie, s.got[0])
		}
	}
}

func TestATraceHasTheRouteOfTheRequest(t *testing.T) {
	p := leaky(at("pages", "request.header.referer", transform.Keep()))
	p.route("/device/{id}")
	b := newBed(t, p)
	for range echoes {
		x := traced("GET /users HTTP\nReferer: /device/7", "", traceID, parentID)
		b.run(t, x)
		s := b.sinks[record.JSON].sealed
		if got := s[len(s)-1].Trace; got == nil || got.Route != "" {
			t.Fatalf("%+v", got)
		}
	}
}
