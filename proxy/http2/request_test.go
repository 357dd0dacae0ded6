package http2

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"weir/redact/raw"
)

func TestFieldsAreSortedAndCookiesJoined(t *testing.T) {
	got := make(chan []string, 1)
	_, addr := newServer(t, Config{Serve: func(s *ServerStream) {
		var m raw.Message
		m.Reset()
		if err := s.Request(&m); err != nil {
			t.Error(err)
		}
		var lines []string
		for _, p := range m.Header {
			lines = append(lines, string(m.Peek(p.Name))+": "+string(m.Peek(p.Value)))
		}
		got <- append(lines, string(m.Peek(m.Target)), string(m.Peek(m.Path)), string(m.Peek(m.Query)), string(m.Peek(m.Authority)), m.Scheme.String(), m.Proto.String())
	}})
	f := newFrames(t, addr)
	f.open(false, ":method", "POST", ":scheme", "http", ":path", "/a%2Fb?q=1?&%zz", ":authority", "www.example.com:81",
		"x-b", "2", "cookie", "a=1", "te", "trailers", "x-a", " padded ", "x-b", "1", "cookie", "b=2", "host", "www.example.com:81", "trailer", "X-Sum, grpc-status")
	want := []string{"cookie: a=1; b=2", "te: trailers", "trailer: grpc-status, x-sum", "x-a: padded", "x-b: 2", "x-b: 1",
		"/a%2Fb?q=1?&%zz", "/a%2Fb", "q=1?&%zz", "www.example.com:81", "http", "2"}
	if lines := <-got; fmt.Sprint(lines) != fmt.Sprint(want) {
		t.Errorf("%q", lines)
	}
}

func TestStreamsPrintAsAPlaceholder(t *testing.T) {
	s := &ServerStream{r: &http.Request{Host: "canary"}}
	c := &ClientStream{req: s.r}
	if p := fmt.Sprintf("%v %+v %#v %s %v %+v %#v", s, s, s, s, c, c, c); strings.Contains(p, "canary") {
		t.Error(p)
	}
}

func FuzzRequest(f *testing.F) {
	f.Add("GET", "/a%2Fb?q=1?&%zz", "www.example.com:81", "a=1", "")
	f.Add("OPTIONS", "*", "[2001:db8::1]", " x ", "0")
	f.Add("POST", "//x/?", "user@x", "\t", "5")
	f.Add("G T", "/#", "[::1", "", "+5")
	lim := Default()
	f.Fuzz(func(t *testing.T, method, target, host, value, length string) {
		r := &http.Request{Method: method, RequestURI: target, Host: host, Header: http.Header{"X": {value}}, ContentLength: -1}
		if length != "" {
			r.Header["Content-Length"] = []string{length}
			_, _ = fmt.Sscanf(length, "%d", &r.ContentLength)
		}
		var m raw.Message
		m.Reset()
		if err := fillRequest(&m, r, &lim, true); err != nil {
			if strings.Contains(err.Error(), target) && len(target) > 12 {
				t.Error("the error quotes the request")
			}
			return
		}
		text := func(s raw.Span) string { return string(m.Peek(s)) }
		joined := text(m.Path)
		if m.HasQuery {
			joined += "?" + text(m.Query)
		}
		if joined != target || text(m.Target) != target || text(m.Authority) != host || text(m.Method) != method {
			t.Error("the message is not what was sent")
		}
		u, err := url.Parse("http://" + host)
		if err != nil || u.Host != host || u.User != nil || u.Path != "" {
			t.Errorf("a host that is none: %q", host)
		}
		if strings.ContainsAny(target, " #\r\n\x00") || strings.ContainsAny(method, " \r\n:/") {
			t.Error("what cannot be written in HTTP/1.1 was let through")
		}
		if length != "" && (m.Framing != raw.Length || fmt.Sprint(m.ContentLength) != strings.TrimLeft(length, "0") && m.ContentLength != 0) {
			t.Errorf("length %q became %d", length, m.ContentLength)
		}
	})
}

func BenchmarkExchange(b *testing.B) {
	w := newWorld(b, false, Limits{}, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(rw, "hello") }))
	go func() {
		for range w.seen {
		}
	}()
	b.ReportAllocs()
	for b.Loop() {
		resp, err := w.client.Get(w.url)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}
