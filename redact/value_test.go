package redact

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/transform"
)

// query redacts one query and gives what is written of it, and the list.
func query(t testing.TB, p *testPolicy, q string) (string, []string) {
	t.Helper()
	e := newBed(t, p).run(t, request("GET /?"+q+" HTTP", ""))
	return fmt.Sprint(e["url.query"]), list(e)
}

// list is the entry's list of findings, "field category transform rule".
func list(e map[string]any) (out []string) {
	all, _ := e["redacted"].([]any)
	for _, one := range all {
		m := one.(map[string]any)
		line := fmt.Sprint(m["field"])
		for _, key := range []string{"category", "transform", "rule"} {
			if v, ok := m[key]; ok {
				line += " " + fmt.Sprint(v)
			} else {
				line += " -"
			}
		}
		if m["field"] != "client.address" {
			out = append(out, line)
		}
	}
	return out
}

func same(t testing.TB, got any, want any) {
	t.Helper()
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		t.Errorf("got %s, want %s", a, b)
	}
}

// fields of the policy under test: note has no category, mail and who have.
var known = map[string]category.Key{"url.query.note": "", "url.query.mail": category.Email, "url.query.who": "user.name",
	"url.query.email": category.Email, "request.header.x-note": "", "request.cookie.theme": "", "response.header.x-note": "",
	"response.trailer.grpc-status": ""}

func TestWhatNoRuleDecidesIsDropped(t *testing.T) {
	got, listed := query(t, newPolicy(known), "mail=anna%40example.dk&note=hello&zz=1&lone")
	same(t, got, "mail=&note=&*=&")
	same(t, listed, []string{"url.query.mail user.contact.email drop -"})
}

func TestOneFindingByNameAndByFormIsAskedOnce(t *testing.T) {
	asked := 0
	p := newPolicy(known, testRule{"mail", func(q *raw.Question) bool {
		if q.Exchange.Direction == raw.Inbound && q.Category == category.Email { // never settled
			asked++
		}
		return q.Category == category.Email
	}, must(transform.Mask(1, 3))})
	got, listed := query(t, p, "mail=anna%40example.dk")
	same(t, got, "mail=a***.dk")
	same(t, listed, []string{"url.query.mail user.contact.email mask mail"})
	if asked != 1+echoes {
		t.Errorf("asked %d times in %d exchanges", asked, 1+echoes)
	}
}

func TestFindingsThatOverlapTakeTheStricterTransform(t *testing.T) {
	p := newPolicy(known, finding("names", "user.name", transform.Keep()), finding("mail", category.Email, transform.Hash()))
	got, listed := query(t, p, "who=Anna+%3Canna%40example.dk%3E")
	if !strings.HasPrefix(got, "who=h1.") || strings.Contains(got, "Anna") {
		t.Error(got)
	}
	same(t, listed, []string{"url.query.who user.name hash mail", "url.query.who user.contact.email hash mail"})
	p = newPolicy(known, finding("mail", category.Email, transform.Keep()))
	got, _ = query(t, p, "who=anna%40example.dk")
	same(t, got, "who=")
}

func TestTheRemainderIsDecidedByItself(t *testing.T) {
	p := newPolicy(known, rest("notes", "url.query.note", transform.Keep()))
	got, listed := query(t, p, "note=call%20anna%40example.dk%20or%20bob%40example.dk%20soon")
	same(t, got, "note=call%20%20%20or%20%20%20soon")
	same(t, listed, []string{"url.query.note user.contact.email drop -"})
	p = newPolicy(known, finding("mail", category.Email, must(transform.Replace("[mail]"))))
	got, _ = query(t, p, "note=call%20anna%40example.dk%20or%20bob%40example.dk%20soon")
	same(t, got, "note=[mail]%20[mail]")
}

func TestARemainderThatIsNotKeptIsListed(t *testing.T) {
	p := newPolicy(known, rest("notes", "url.query.note", must(transform.TruncateText(3))))
	got, listed := query(t, p, "note=abcdef")
	same(t, got, "note=abc")
	same(t, listed, []string{"url.query.note - truncate notes"})
}

func TestARemainderInPiecesShowsNoMoreThanOneInOne(t *testing.T) {
	const note = "note=Annajensen%20a@b.dk%20Petersenhansen%20c@d.dk%20Bakkegaardsvej"
	for want, tr := range map[string]transform.Transform{"note=Ann": must(transform.TruncateText(3)), "note=An***n%20": must(transform.Mask(2, 2))} {
		got, _ := query(t, newPolicy(known, rest("notes", "url.query.note", tr)), note)
		same(t, got, want)
	}
}

func TestWhatCanNotBeDecodedIsToldByItsPlace(t *testing.T) {
	p := newPolicy(known, rest("notes", "url.query.note", transform.Keep()), finding("mail", category.Email, transform.Keep()))
	for _, q := range []string{"note=%zz", "note=100%", "note=a%4", "note=%ff%fe"} {
		got, listed := query(t, p, q)
		same(t, got, "note=")
		same(t, listed, []string{"url.query.note - drop -"})
	}
	_, listed := query(t, p, "note=anna@example.dk%zz")
	same(t, listed, []string{"url.query.note user.contact.email drop -"})
}

func TestAnUnfinishedScanDropsTheField(t *testing.T) {
	p := newPolicy(known, rest("notes", "request.header.x-note", transform.Keep()))
	e := newBed(t, p).run(t, request("GET / HTTP\nX-Note: "+strings.Repeat("word ", 8000), ""))
	expect(t, e, map[string]any{"http.request.header.x-note": nil})
	if _, ok := e["http.request.header.x-note"]; ok {
		t.Error("written")
	}
	same(t, list(e), []string{"request.header.x-note - drop -"})
}

func TestAPlusDoesNotHideHalfAnAddress(t *testing.T) {
	p := newPolicy(known, rest("notes", "url.query.note", transform.Keep()))
	for _, q := range []string{"note=anna.jensen+shop@example.dk", "note=anna.jensen%2Bshop%40example.dk"} {
		got, _ := query(t, p, q)
		if strings.Contains(got, "anna") || strings.Contains(got, "shop") {
			t.Errorf("%s is written as %s", q, got)
		}
	}
}

func TestAPlusIsReadAsTheSenderMostLikelyMeantIt(t *testing.T) {
	p := newPolicy(known, finding("mail", category.Email, transform.Hash()))
	for _, pair := range [][2]string{
		{"note=Anna+anna%40example.dk+here", "note=anna%40example.dk"}, // a form: a plus is a space
		{"note=anna+shop@example.dk", "note=anna%2Bshop%40example.dk"}, // written by hand: a plus is itself
		{"note=anna%2Bshop%40example.dk+here", "note=anna%2Bshop%40example.dk"},
	} {
		one, _ := query(t, p, pair[0])
		two, _ := query(t, p, pair[1])
		if one != two || len(one) != len("note=h1.")+22 {
			t.Errorf("%s is %s, %s is %s", pair[0], one, pair[1], two)
		}
	}
}

func TestOneIdentifierHasOnePseudonymHoweverItIsWritten(t *testing.T) {
	p := newPolicy(known, finding("mail", category.Email, transform.Hash()))
	seen := map[string]bool{}
	for _, value := range []string{"anna%40example.dk", "anna@example.dk", "Anna%40EXAMPLE.dk", "anna%2540example.dk", "YW5uYUBleGFtcGxlLmRr", "%20anna%40example.dk%20"} {
		got, _ := query(t, p, "mail="+value)
		seen[got] = true
	}
	other, _ := query(t, p, "mail=bent%40example.dk")
	for got := range seen {
		if len(seen) != 1 || !strings.HasPrefix(got, "mail=h1.") || got == other {
			t.Errorf("%v, of another identifier %s", seen, other)
		}
	}
}

func TestAHeaderThatIsNotUTF8IsDroppedAndTold(t *testing.T) {
	p := newPolicy(known, rest("notes", "request.header.x-note", transform.Keep()))
	e := newBed(t, p).run(t, request("GET / HTTP\nX-Note: J\xf8rgen", ""))
	if _, ok := e["http.request.header.x-note"]; ok {
		t.Error("written")
	}
	same(t, list(e), []string{"request.header.x-note - drop -"})
}

func TestAHashWithoutAKeyIsDroppedCountedAndListedAsSuch(t *testing.T) {
	p := newPolicy(known, finding("mail", category.Email, transform.Hash()))
	b := newBed(t, p)
	b.echo = nil
	b.Engine.states.New = func() any {
		return &state{engine: b.Engine, maker: transform.NewMaker(transform.Config{Keys: testKeys{fail: true}, Service: "www"})}
	}
	e := b.run(t, request("GET /?mail=anna%40example.dk HTTP", ""))
	expect(t, e, map[string]any{"url.query": "mail="})
	same(t, list(e), []string{"url.query.mail user.contact.email drop -"})
	if b.counts.faults[Keying] != 1 {
		t.Error("not counted")
	}
}

func TestTheListIsBoundedAndCountsTheRest(t *testing.T) {
	fields := map[string]category.Key{}
	var q []string
	for i := range maxRedacted + 10 {
		name := fmt.Sprintf("f%d", i)
		fields["url.query."+name] = "user.name"
		q = append(q, name+"=x")
	}
	b := newBed(t, newPolicy(fields))
	e := b.run(t, request("GET /?"+strings.Join(q, "&")+" HTTP", ""))
	if n := len(e["redacted"].([]any)); n != maxRedacted {
		t.Errorf("%d listed", n)
	}
	expect(t, e, map[string]any{"redacted_more": 11})
	if b.counts.found["user.name"] != maxRedacted+10 {
		t.Errorf("%d counted", b.counts.found["user.name"])
	}
	if query := e["url.query"].(string); !strings.HasSuffix(query, "f63=&…") {
		t.Error(query)
	}
}

func TestCookiesAndTrailersAreWrittenWhereARuleSaysSo(t *testing.T) {
	p := newPolicy(known, rest("theme", "request.cookie.theme", transform.Keep()), finding("sessions", "user.device", transform.Hash()),
		rest("status", "response.trailer.grpc-status", transform.Keep()), rest("notes", "response.header.x-note", transform.Keep()))
	b := newBed(t, p)
	e := b.run(t, request("GET / HTTP\nCookie: sid=abc123; theme=dark; nobody=knows; bare\nCookie: theme=light",
		"HTTP/1.1 200 OK\nX-Note: a\nx-note: b\nSet-Cookie: sid=def456; Path=/x\n~grpc-status: 0"))
	cookies := e["http.request.header.cookie"].([]any)[0].(string)
	if !strings.HasPrefix(cookies, "sid=h1.") || !strings.HasSuffix(cookies, "; theme=dark; theme=light") || strings.Count(cookies, ";") != 2 {
		t.Error(cookies)
	}
	if set := e["http.response.header.set-cookie"].([]any); len(set) != 1 || !strings.HasPrefix(set[0].(string), "sid=h1.") {
		t.Error(set)
	}
	expect(t, e, map[string]any{"http.response.header.x-note": []string{"a", "b"}, "http.response.trailer.grpc-status": []string{"0"}})
	without(t, b, "abc123", "def456", "knows", "bare", "/x")
}

func TestUnknownNamesAreWrittenAsAStar(t *testing.T) {
	p := newPolicy(nil, testRule{"all", func(q *raw.Question) bool { return q.Category == "" }, transform.Keep()})
	b := newBed(t, p)
	e := b.run(t, request("GET /?anna-jensen=yes&%zz=no HTTP\nX-Anna-Jensen: hi\nX-Bob: ho\nCookie: anna_jensen=1", ""))
	expect(t, e, map[string]any{"url.query": "*=yes&*=no", "http.request.header.*": []string{"hi", "ho"}, "http.request.header.cookie": []string{"*=1"}})
	without(t, b, "nna", "ensen", "ob:")
}

func TestForwardingFieldsAreTruncatedElementByElement(t *testing.T) {
	p := newPolicy(nil, finding("addresses", category.IPAddress, must(transform.Truncate(24, 48))))
	b := newBed(t, p)
	e := b.run(t, request("GET / HTTP\nX-Forwarded-For: 198.51.100.23, [2001:db8:1:2::9]:443, unknown, ::ffff:192.0.2.55\n"+
		`Forwarded: for="[2001:db8:5:6::7]:1";proto=https;by=_anna`, ""))
	expect(t, e, map[string]any{
		"http.request.header.x-forwarded-for": []string{"198.51.100.0", "2001:db8:1::", "192.0.2.0"},
		"http.request.header.forwarded":       []string{"2001:db8:5::"},
	})
	without(t, b, "unknown", "anna", "::9", ".55")
}
