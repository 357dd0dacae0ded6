package policytest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/policy/source"
)

func TestWhatIsWrongWithACaseIsToldAtItsPlace(t *testing.T) {
	const sent = "send: GET /, expect: {verdict: allow}"
	for text, want := range map[string]string{
		"a: b":                              "1:1: expected a list, found a mapping",
		"- x":                               "1:3: expected a case",
		"- {name: a, " + sent + ", nam: b}": `1:52: unknown key "nam"; write instead: name`,
		"- {name: a, " + sent + ", verdict: deny}":                                                `1:52: "verdict" does not belong here; write instead: expect: {verdict: …}`,
		"- {" + sent + "}":                                                                        `1:3: "name" is missing`,
		"- {name: a, " + sent + "}\n- {name: a, " + sent + "}":                                    `2:10: the case in line 1 has the same name`,
		"- {name: a, send: GET /}":                                                                `1:3: "expect" is missing`,
		"- {name: a, expect: {verdict: allow}}":                                                   `1:3: nothing says what is sent`,
		"- {name: a, har: x.har, " + sent + "}":                                                   `1:3: one of send, har and fields says what is sent`,
		"- {name: a, fields: {url.path: /}, answer: x, expect: {verdict: allow}}":                 `1:44: an answer belongs to send`,
		"- {name: a, har: x.har, expect: {verdict: allow}}":                                       `1:18: this archive cannot be read`,
		"- {name: a, send: GET /, expect: {}}":                                                    `1:34: nothing is expected`,
		"- {name: a, at: noon, " + sent + "}":                                                     `1:17: this is no time`,
		"- {name: a, given: {client: 1.2.3}, " + sent + "}":                                       `1:29: this is no address`,
		"- {name: a, given: {tls: 1.3}, " + sent + "}":                                            `1:26: a version of TLS is a text; write instead: "1.2"`,
		"- {name: a, given: {consent: {A: given}}, " + sent + "}":                                 `1:31: "A" is no key of a data use`,
		"- {name: a, given: {consent: {a: yes}}, " + sent + "}":                                   `1:34: `,
		"- {name: a, given: {tenant: x}, " + sent + "}":                                           `1:21: "tenant" does not belong here`,
		"- {name: a, given: {categories: [user.contact.mail]}, " + sent + "}":                     `1:34: unknown category`,
		"- {name: a, fields: {url.qery.a: b}, expect: {verdict: allow}}":                          `1:22: "url.qery.a" is no place that a case can fill`,
		"- {name: a, fields: {}, expect: {verdict: allow}}":                                       `1:21: no field is given`,
		"- {name: a, fields: {client.address: x}, expect: {verdict: allow}}":                      `1:38: this is no address`,
		"- {name: a, fields: {request.body.a: 1, request.body.a.b: 2}, expect: {verdict: allow}}": `1:41: "a" has a value and keys below it`,
		"- {name: a, fields: {url.path: a b}, expect: {verdict: allow}}":                          `1:21: these fields make no exchange`,
		"- {name: a, send: GET /, expect: {nowhere: [abc]}}":                                      `1:45: fewer than 4 bytes stand in anything`,
		"- {name: a, send: GET /, expect: {promises: {p1: held}}}":                                `1:50: "p1" cannot be "held"`,
		"- {name: a, send: GET /, expect: {redacted: {mail: hash}}}":                              `1:46: "mail" is no place`,
		"- {name: a, send: GET /, expect: {redacted: {url.query.a: hsh}}}":                        `1:59: "url.query.a" cannot be "hsh"; write instead: hash`,
		"- {name: a, " + sent + ", monitor: {entry: {retain: 30d}}}":                              `1:62: "entry" does not belong here`,
		"- {name: a, " + sent + ", monitor: {verdict: would-allow}}":                              `1:71: what is allowed goes on, in monitor mode as well; write instead: allow`,
		"- {name: a, send: 'GET /', answer: 'x', expect: {verdict: allow}}":                       `1:37: this is no status line; write instead: HTTP/1.1 200 OK`,
	} {
		_, err := ParseCases("c.yaml", []byte(text))
		var all source.Errors
		if !errors.As(err, &all) || !strings.HasPrefix(all[0].Error(), "c.yaml:"+want) {
			t.Errorf("%s:\n%v\nwant %s", text, err, want)
		}
	}
}

func TestWhatIsRightBesideAWrongFieldIsNotRefused(t *testing.T) {
	_, err := ParseCases("c.yaml", []byte("- {name: a, fields: {nonsense.place: a, url.query.email: a@x.dk, url.host: {}}, expect: {verdict: allow}}"))
	var all source.Errors
	if !errors.As(err, &all) || len(all) != 2 || all[0].Column != 22 || all[1].Column != 76 {
		t.Errorf("%v", err)
	}
}

func TestAllThatIsWrongIsToldAtOnce(t *testing.T) {
	_, err := ParseCases("c.yaml", []byte("- {name: a, sendd: x}\n- {nme: b, send: GET /}\n- {name: c, at: x, send: GET, expect: {verdict: no}}\n"))
	var all source.Errors
	if !errors.As(err, &all) || len(all) < 7 {
		t.Errorf("%v", err)
	}
}

func TestWhatIsGivenIsInTheExchange(t *testing.T) {
	all, err := ParseCases("c.yaml", []byte(`
- name: a
  at: 2026-11-22
  given: {service: billing, client: 203.0.113.77, trusted: true, tls: "1.2", direction: outbound, visibility: headers, consent: {analytics.reporting: given, gpc: true, dnt: true},
          categories: [user.contact.email], to: api.example, recipient: 198.51.100.7, duration: 3s}
  send: |
    POST /x
    Host: api.example
    Content-Type: text/plain

    anna
  expect: {verdict: allow}
`))
	if err != nil {
		t.Fatal(err)
	}
	c := all[0]
	x := &c.sample.exchange
	_, gpc := x.Request.Lookup("sec-gpc")
	_, dnt := x.Request.Lookup("dnt")
	if c.service != "billing" || !c.began.Equal(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)) || x.Client.Peek().Addr().String() != "203.0.113.77" || !x.Trusted ||
		x.TLSVersion != 0x303 || x.Direction.String() != "outbound" || len(c.sample.request) != 0 || x.Request.BodyBytes != 4 || !gpc || !dnt || len(c.choices) != 1 ||
		len(c.found) != 1 || c.given.To != "api.example" || c.given.Recipient.String() != "198.51.100.7" || x.Duration != 3*time.Second || string(x.Request.Peek(x.Request.Authority)) != "api.example" {
		t.Errorf("%+v", c)
	}
}

func TestFieldsMakeTheExchangeThatTheyName(t *testing.T) {
	all, err := ParseCases("c.yaml", []byte(`
- name: a
  given: {direction: outbound}
  fields:
    url.host: api.example
    url.path: /a
    url.userinfo: anna
    url.query.q: [a b, c]
    request.method: PUT
    request.header.x-a: "1"
    request.cookie.sid: x
    request.body.user.name: Anna
    request.body.user.tags: [a, b, c]
    response.cookie._ga: GA1
    response.header.server: nginx
    response.body: sorry
  expect: {verdict: allow}
`))
	if err != nil {
		t.Fatal(err)
	}
	s := all[0].sample
	m, r := &s.exchange.Request, &s.exchange.Response
	peek := func(name string) string {
		v, _ := m.Lookup(name)
		return string(m.Peek(v))
	}
	cookie, _ := r.Lookup("set-cookie")
	if got := fmt.Sprintf("%s %s %s %s %s", m.Peek(m.Method), m.Peek(m.Target), m.Peek(m.Userinfo), m.Peek(m.Authority), m.Peek(m.Query)); got != "PUT https://anna@api.example/a?q=a+b&q=c anna api.example q=a+b&q=c" {
		t.Error(got)
	}
	if peek("x-a") != "1" || peek("cookie") != "sid=x" || string(s.request) != `{"user":{"name":"Anna","tags":["a","b","c"]}}` || peek("content-type") != "application/json" ||
		r.Status != 200 || string(r.Peek(cookie)) != "_ga=GA1" || string(s.response) != "sorry" {
		t.Errorf("%s %s %s %s", peek("cookie"), s.request, r.Peek(cookie), s.response)
	}
}

const shop = `{"log":{"entries":[{"startedDateTime":"2026-11-22T10:00:00.5Z","time":7,"request":{"method":"POST","url":"https://api.example/x?a=1#frag","headers":[{"name":":method","value":"POST"},{"name":"X-A","value":"b"},{"name":"content-encoding","value":"gzip"}],"postData":{"mimeType":"application/json","text":"{\"email\":\"anna@example.dk\"}"}},
"response":{"status":200,"headers":[{"name":"Content-Type","value":"text/plain"}],"content":{"size":5,"mimeType":"text/plain","text":"aGVsbG8=","encoding":"base64"}}},
{"startedDateTime":"x","request":{"method":"POST","url":"/y","headers":[{"name":"Host","value":"www.example"}],"bodySize":9,"postData":{"mimeType":"","params":[]}},"response":{"status":0}},
{"request":{"method":"POST","url":"/z","headers":[],"postData":{"mimeType":"","params":[{"name":"a b","value":"c&d"}]}},"response":{}}]}}`

func TestAnArchiveIsReadEntryByEntry(t *testing.T) {
	all, err := ReadHAR([]byte(shop), Given{})
	if err != nil || len(all) != 3 {
		t.Fatal(err, len(all))
	}
	first := &all[0].exchange
	_, coded := first.Request.Lookup("content-encoding")
	_, pseudo := first.Request.Lookup(":method")
	if coded || pseudo || first.Duration != 7*time.Millisecond || first.Started.Year() != 2026 || string(all[0].response) != "hello" || first.Direction.String() != "outbound" ||
		string(first.Request.Peek(first.Request.Query)) != "a=1" || string(all[0].request) != `{"email":"anna@example.dk"}` {
		t.Errorf("%v %v %s", coded, first.Duration, all[0].response)
	}
	second := &all[1].exchange
	if second.Request.BodyBytes != 9 || len(all[1].request) > 0 || second.Direction.String() != "inbound" || string(second.Request.Peek(second.Request.Authority)) != "www.example" {
		t.Error("the second")
	}
	if string(all[2].request) != "a+b=c%26d" {
		t.Errorf("%s", all[2].request)
	}
	for _, text := range []string{"", "{}", `{"log":{}}`, "[]", `{"log":{"entries":[{}]}}`, `{"log":{"entries":[{"request":{"method":"G T","url":"/"}}]}}`} {
		if _, err := ReadHAR([]byte(text), Given{}); err == nil {
			t.Errorf("%s is an archive", text)
		}
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "shop.har"), []byte(shop), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = ParseCases(filepath.Join(folder, "cases.yaml"), []byte("- {name: a, har: {file: shop.har, entry: 3}, expect: {verdict: allow}}"))
	if err == nil || !strings.Contains(err.Error(), ":1:18: the archive has fewer entries") {
		t.Error(err)
	}
}

func FuzzCases(f *testing.F) {
	f.Add(nordhostCases)
	f.Add(failing)
	f.Add("- {name: a, fields: {request.body.a.b: [c]}, expect: {response: [], retain: {class: 30d, only: [a]}}, monitor: {verdict: would-deny}}")
	p := parsed(f, nordhost)
	runners := map[string]*Runner{}
	f.Fuzz(func(t *testing.T, text string) {
		cases, err := ParseCases("c.yaml", []byte(text))
		if err != nil {
			var all source.Errors
			if !errors.As(err, &all) {
				t.Fatalf("not located: %v", err)
			}
			return
		}
		s := &Suite{Name: "policy.yaml", Policy: p, Cases: cases, At: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), runners: runners}
		if len(runners) > 8 {
			clear(runners)
		}
		for _, r := range s.Run() {
			if r.Err != nil {
				t.Fatal(r.Err)
			}
		}
	})
}

func TestACaseThatCannotFailIsRefused(t *testing.T) {
	for _, e := range []string{"nowhere: []", "promises: {}", "entry: {}", "redacted: {}", "rewrite: {}"} {
		_, err := ParseCases("c.yaml", []byte("- name: a\n  send: GET /\n  expect: {"+e+"}\n"))
		if err == nil || !strings.Contains(err.Error(), "can not fail") {
			t.Errorf("%s: %v", e, err)
		}
	}
	if _, err := ParseCases("c.yaml", []byte("- name: a\n  send: GET /\n  expect: {response: [], strip: [], excess: [], categories: []}\n")); err != nil {
		t.Error(err)
	}
}

func TestWhatCanNeverBeGotIsRefused(t *testing.T) {
	for expected, told := range map[string]string{
		"retain: never":                      `c.yaml:3:20: no entry is kept for "never"; write instead: how long it is kept, such as 30d`,
		"entry: {retain: never}":             `c.yaml:3:28: no entry is kept for "never"`,
		"retain: {class: 720h}":              `c.yaml:3:28: entries do not call it "720h"; write instead: 30d`,
		"response: [foo(bar)]":               `c.yaml:3:23: "foo(bar)" is nothing that is done to a response; write instead: strip_cookie(NAME), `,
		"response: [strip_cookies(_ga)]":     "write instead: strip_cookie(NAME)",
		"response: [would-strip_cookie(_ga]": "write instead: strip_cookie(NAME)",
		`response: ["cap_cookie(_ga)"]`:      "write instead: cap_cookie(NAME, 395d)",
		"response: [strip_cookie]":           "write instead: strip_cookie(NAME)",
		"response: [alert(why)]":             "write instead: alert",
		"retain: 30d":                        "",
		"retain: 3…":                         "",
		"response: [alert, deny(a b)]":       "",
		`response: ["set_header(x-a, …", "would-deny…", "…"]`: "",
	} {
		_, err := ParseCases("c.yaml", []byte("- name: a\n  send: GET /\n  expect: {"+expected+"}\n"))
		if told == "" && err != nil || told != "" && (err == nil || !strings.Contains(err.Error(), told)) {
			t.Errorf("%s: %v", expected, err)
		}
	}
}
