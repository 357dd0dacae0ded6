package redact

import (
	"encoding/json"
	"strings"
	"testing"

	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// FuzzAnyExchangeIsOneLine puts any bytes anywhere, under a policy that keeps
// whatever it may.
func FuzzAnyExchangeIsOneLine(f *testing.F) {
	f.Add([]byte("/a/b"), []byte("note=a&b"), []byte("X-Note"), []byte("value"), []byte("www.example:80"))
	f.Add([]byte("/u/anna@example.dk/%zz"), []byte("note=anna+b@example.dk&=&&%zz=%"), []byte("Referer"), []byte("https://u@h.example/a?b=c#d"), []byte("[::1]:1"))
	f.Add([]byte("*"), []byte("\xff=\xfe"), []byte("Link"), []byte("<a>;b, <c"), []byte("203.0.113.9"))
	f.Add([]byte("//"), []byte("note=\"\\\x00\n"), []byte("Forwarded"), []byte(`for="a\"b";by=c`), []byte(":"))
	f.Add([]byte("x"), []byte("note="+strings.Repeat("1.2.3.4,", 300)), []byte("Cookie"), []byte("a=b; ;=;c"), []byte("A..b"))
	p := newPolicy(known, testRule{"all", func(q *raw.Question) bool { return q.Category == "" }, transform.Keep()},
		finding("addresses", category.IPAddress, must(transform.Truncate(24, 48))), finding("people", "user.contact", transform.Hash()),
		finding("pages", "user.behavior", transform.Keep()), finding("rest", "user", must(transform.Mask(1, 1))))
	p.route("/u/{who:user.unique_id}/{x}")
	f.Fuzz(func(t *testing.T, path, query, name, value, authority []byte) {
		b := newBed(t, p)
		x := request("GET / HTTP", "HTTP/1.1 200 OK")
		for _, m := range []*raw.Message{&x.Request, &x.Response} {
			m.Method, m.Path, m.Query, m.Authority = m.Append(name), m.Append(path), m.Append(query), m.Append(authority)
			m.HasQuery, m.Userinfo = true, m.Append(value)
			m.Add(name, value)
			m.Add([]byte("Cookie"), query)
			m.Add([]byte("Set-Cookie"), query)
			m.Add([]byte("Location"), value)
			m.AddTrailer(name, value)
		}
		x.ServerName = x.Request.Append(authority)
		b.run(t, x)
		if b.counts.faults != [StageCount]int{} {
			t.Fatalf("faults: %v", b.counts.faults)
		}
		for f := range b.sinks {
			line := b.line(record.Format(f))
			if strings.Count(line, "\n") != 1 || !strings.HasSuffix(line, "\n") {
				t.Fatalf("not one line: %q", line)
			}
		}
		if !json.Valid([]byte(b.line(record.JSON))) {
			t.Fatal(b.line(record.JSON))
		}
	})
}
