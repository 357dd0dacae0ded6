package proxy

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"weir/policy"
	"weir/redact"
	"weir/redact/keys"
	"weir/redact/raw"
	"weir/redact/record"
)

// remembering is a policy whose decisions depend on much, and on what engines must not
// forget to ask for again.
const remembering = `
controller: {name: Hunt ApS, country: DK, contact: privacy@hunt.example}
defaults: {retain: 30d}
fields: {request.header.x-note: x.note}
detect: [{category: x.customer, pattern: '\bK\d{8}\b', near: [size, customer]}]
retain:
  - {name: failures, when: response.status >= 500, then: keep_for(days(90))}
  - {name: devices, when: 'request.route.under("/device")', then: 'keep_for(days(5)).only(["url.path", "url.query"])'}
redact:
  - {name: customers, when: 'field.category == "x.customer"', then: drop()}
  - {name: what was posted, when: 'request.method == "POST" && field.category.within("user.contact")', then: 'mask(2, 2)'}
  - {name: long notes, when: 'field.category == "x.note" && field.value.size() > 6', then: keep()}
  - {name: people, when: 'field.category.within("user.contact")', then: hash()}
  - {name: addresses, when: 'field.category.within("user.device.ip_address")', then: 'truncate(24, 48)'}
  - {name: pages, when: 'field.place == "request.header.referer"', then: keep()}
  - {name: targets, when: 'field.place == "response.header.location"', then: no_query()}
  - {name: all else, when: 'field.category == ""', then: keep()}
`

// repeating makes exchanges of few names and values: most of them came before.
func repeating(r *rand.Rand, n int) *raw.Exchange {
	names := []string{"pageSize", "pagesize", "email", "customer", "k%C3%B8b", "*"}
	headers := []string{"x-note", "X-Note", "x-other", "X-Customer", "Location", "Link"}
	values := []string{"K12345678", "anna@example.dk", "ANNA@example.dk", "anna%40example.dk", "203.0.113.77", "2", "12345", "123456", "a\xffb", "\x00abcdef", "a+b@x.dk", "%zz",
		strings.Repeat("x", 1009) + "anna@example.dk", strings.Repeat("x", 1010) + "anna@example.dk"}
	pages := []string{"https://forum.example/device/7?email=anna@example.dk", "https://forum.example?email=anna@example.dk", "//www.nordhost.example", "/", "anna"}
	of := func(all []string) string { return all[r.IntN(len(all))] }
	x := &raw.Exchange{}
	x.Reset()
	x.Started, x.Duration, x.Attempts = time.Date(2026, 11, 22+n%2, 10, 0, 0, 0, time.UTC), time.Millisecond, 1
	x.Client = raw.AddressOf(netip.MustParseAddrPort(of([]string{"203.0.113.77:1", "[2001:db8::1:2]:1"})))
	x.Peer, x.Direction = x.Client, raw.Direction(r.IntN(2))
	if r.IntN(3) == 0 {
		x.Trace = &raw.Trace{Server: [8]byte{1}, Parent: [8]byte{2}}
		copy(x.Trace.ID[:], "anna@example.dk.")
	}
	m, a := &x.Request, &x.Response
	m.Proto, m.Scheme, m.HasQuery = raw.HTTP11, raw.HTTPS, true
	m.Method, m.Path = m.AppendString(of([]string{"GET", "POST"})), m.AppendString(of([]string{"/", "/device/7", "/users/anna@example.dk"}))
	m.Authority = m.AppendString(of([]string{"www.nordhost.example", "api.stripe.com", "203.0.113.77"}))
	m.Query = m.AppendString(of(names) + "=" + of(values) + "&" + of(names) + "=" + of(values))
	cookies := 1
	if r.IntN(10) == 0 {
		cookies = 2033 + r.IntN(12) // so that what comes behind them is cut
	}
	m.Add([]byte("Cookie"), []byte(strings.Repeat(of(names)+"="+of(values)+"; ", cookies)))
	m.Add([]byte("Referer"), []byte(of(pages)))
	a.Proto, a.Status = raw.HTTP11, []int{200, 500}[r.IntN(2)]
	for range 3 {
		m.Add([]byte(of(headers)), []byte(of(values)))
		a.Add([]byte(of(headers)), []byte(of(append(values, pages...))))
	}
	return x
}

// lastLines keeps the last line of a format, with its class and its trace.
type lastLines struct {
	format record.Format
	line   string
}

func (l *lastLines) Format() record.Format { return l.format }
func (l *lastLines) Append(s record.Sealed) {
	l.line = fmt.Sprintf("%s %s %+v", s.Line, s.Class, s.Trace)
}

func TestWhatAnEngineRemembersMakesNoDifferenceUnderAnyPolicy(t *testing.T) {
	ring := keys.NewFleeting()
	engine := func(p *policy.Policy) (*redact.Engine, *[record.FormatCount]lastLines) {
		var last [record.FormatCount]lastLines
		cfg := redact.Config{Decider: func() redact.Decider { return p }, Service: "www", Hosts: []string{"www.nordhost.example"}, Keys: ring}
		for f := range last {
			last[f].format = record.Format(f)
			cfg.Sinks = append(cfg.Sinks, &last[f])
		}
		e, err := redact.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return e, &last
	}
	texts := []string{remembering}
	for _, p := range huntPolicies {
		texts = append(texts, p.text)
	}
	for i, text := range texts {
		p, err := policy.Parse("policy.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		p = p.For("www")
		used, got := engine(p)
		r := rand.New(rand.NewPCG(1, uint64(i)))
		for n := range 400 {
			x := repeating(r, n)
			fresh, want := engine(p)
			for _, e := range []*redact.Engine{fresh, used} {
				_, o := e.Begin(x)
				o.Observe(x)
			}
			if *got != *want {
				t.Fatalf("policy %d, exchange %d:\n%v\n%v", i, n, *got, *want)
			}
		}
	}
}
