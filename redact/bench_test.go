package redact

import (
	"testing"

	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
	"weir/redact/walk"
)

// typicalHead has 12 headers, 3 cookies and 4 query keys.
const typicalHead = "GET /device/7f3a9c?email=anna%40example.dk&page=2&q=vinter%20jakke&ref=newsletter HTTP\n" +
	"Host: www.nordhost.example\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\n" +
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\n" +
	"Accept-Language: da,en-US;q=0.7,en;q=0.3\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\n" +
	"Referer: https://www.nordhost.example/pricing?page=1\n" +
	"Cookie: sid=4f9a7b3c2d1e0f98a7b6c5d4e3f20191; theme=dark; _ga=GA1.2.1234567890.1690000000\n" +
	"X-Forwarded-For: 198.51.100.23\n" +
	"Connection: keep-alive\n" +
	"Upgrade-Insecure-Requests: 1\n" +
	"Sec-Fetch-Site: same-origin\n" +
	"Cache-Control: max-age=0"

const typicalAnswer = "HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\nContent-Length: 1234\nCache-Control: no-store\n" +
	"Date: Sun, 22 Nov 2026 10:00:00 GMT\nServer: nginx"

// none takes lines and lets them go.
type none struct{}

func (none) Format() record.Format { return record.JSON }
func (none) Append(record.Sealed)  {}

func benchEngine(t testing.TB) *Engine {
	p := newPolicy(map[string]category.Key{"url.query.email": category.Email, "url.query.ref": "", "request.header.user-agent": "user.device"},
		finding("visitors' addresses", category.IPAddress, must(transform.Truncate(24, 48))),
		finding("people", "user.contact", transform.Hash()),
		finding("people", "user.unique_id", transform.Hash()),
		finding("pages they came from", "user.behavior.browsing_history", transform.Origin()),
		finding("searches", "user.behavior.search_history", transform.Drop()),
		rest("pages", "url.query.page", transform.Keep()),
	)
	p.route("/device/{id}")
	e, err := New(Config{Decider: func() Decider { return p }, Service: "www", Hosts: []string{"www.nordhost.example"},
		Keys: testKeys{}, Sinks: []Sink{none{}}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestATypicalExchangeCostsNoAllocation(t *testing.T) {
	e, x := benchEngine(t), request(typicalHead, typicalAnswer)
	// One state is used over and over: under the race detector a sync.Pool
	// forgets now and then.
	s := e.states.New().(*state)
	var v raw.Verdict
	if n := testing.AllocsPerRun(200, func() {
		s.failed = !s.begin(x, &v)
		s.Observe(x)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkExchange(b *testing.B) {
	e, x := benchEngine(b), request(typicalHead, typicalAnswer)
	b.ReportAllocs()
	for b.Loop() {
		_, o := e.Begin(x)
		o.Observe(x)
	}
}

type blind struct{ place raw.Place }

func (b *blind) Field(*raw.Field) *raw.Place { return &b.place }
func (b *blind) URL(*walk.URL)               {}

func BenchmarkWalk(b *testing.B) {
	x := request(typicalHead, typicalAnswer)
	var w walk.Walker
	v := &blind{}
	b.ReportAllocs()
	for b.Loop() {
		w.Request(x, v)
		w.Response(x, v)
		w.Trailers(x, v)
	}
}

// prepared is a state with the typical exchange walked.
func prepared(b testing.TB) (*state, *raw.Exchange) {
	e, x := benchEngine(b), request(typicalHead, typicalAnswer)
	_, o := e.Begin(x)
	s := o.(*state)
	s.walker.Response(x, s)
	s.exchange = x
	s.maker.Begin(s.retention.Class, x.Started)
	s.entry.Reset()
	return s, x
}

func BenchmarkPlace(b *testing.B) {
	s, _ := prepared(b)
	b.ReportAllocs()
	for b.Loop() {
		for i := range s.items {
			if s.items[i].place != nil {
				s.place(&s.items[i].field)
			}
		}
		s.text = s.text[:0]
	}
}

func BenchmarkDetect(b *testing.B) {
	s, _ := prepared(b)
	var scanner detect.Scanner
	b.ReportAllocs()
	for b.Loop() {
		for i := range s.items {
			scanner.Scan(s.items[i].field.Value.Peek())
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	s, _ := prepared(b)
	b.ReportAllocs()
	for b.Loop() {
		for i := range s.items {
			if it := &s.items[i]; it.place != nil {
				s.ask(&it.field, it.place, it.place.Category, 90)
			}
		}
	}
}

func BenchmarkTransform(b *testing.B) {
	s, x := prepared(b)
	for _, bench := range []struct {
		name string
		t    transform.Transform
		key  category.Key
		text string
	}{
		{"keep", transform.Keep(), "", "2"},
		{"hash", transform.Hash(), category.Email, "anna@example.dk"},
		{"truncate", must(transform.Truncate(24, 48)), category.IPAddress, "198.51.100.23"},
		{"mask", must(transform.Mask(1, 1)), category.Email, "anna@example.dk"},
		{"origin", transform.Origin(), "", "https://forum.example/t/9?u=a"},
	} {
		text := []byte(bench.text)
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.text = s.text[:0]
				s.withheld.reset()
				s.maker.Begin("30d", x.Started)
				s.maker.Open(transform.Plain)
				s.apply(bench.t, bench.key, text, text)
				s.maker.Close()
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for f := range record.FormatCount {
		b.Run(record.Format(f).String(), func(b *testing.B) {
			s, x := prepared(b)
			s.facts(x)
			s.addresses(x)
			s.fields()
			s.seal()
			b.ReportAllocs()
			for b.Loop() {
				s.lines[f], s.marks = record.Append(s.lines[f][:0], record.Format(f), &s.entry, s.marks[:0])
			}
		})
	}
}

func BenchmarkGuard(b *testing.B) {
	s, x := prepared(b)
	s.facts(x)
	s.addresses(x)
	s.fields()
	line, marks := record.AppendJSON(nil, &s.entry, nil)
	s.marks = marks
	b.ReportAllocs()
	for b.Loop() {
		s.withheld.prepare()
		s.guard(line)
	}
}
