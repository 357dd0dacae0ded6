package relay

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weir/redact/raw"
)

// slow is a gate whose observer takes as long as a disk does. It says whether the
// client had its whole answer before.
type slow struct {
	whole   chan struct{} // closed by the client
	written atomic.Bool
	got     chan raw.Exchange
}

func (g *slow) Begin(*raw.Exchange) (raw.Verdict, raw.Observer) { return raw.Verdict{}, g }

func (g *slow) Observe(x *raw.Exchange) {
	select {
	case <-g.whole:
	case <-time.After(30 * time.Millisecond):
		g.written.Store(true)
	}
	g.got <- raw.Exchange{Outcome: x.Outcome, Duration: x.Duration, Request: raw.Message{BodyBytes: x.Request.BodyBytes},
		Response: raw.Message{BodyBytes: x.Response.BodyBytes, Status: x.Response.Status}}
}

func durable(t *testing.T, upstream string) (*station, *slow) {
	t.Helper()
	g := &slow{whole: make(chan struct{}), got: make(chan raw.Exchange, 16)}
	return start(t, Config{Gate: g, Durable: true, Router: &Hosts{Default: target(t, TargetConfig{Addresses: []string{upstream}})}}), g
}

func TestEntryIsWrittenBeforeTheAnswerEnds(t *testing.T) {
	big := strings.Repeat("0123456789", 20_000)
	up := web(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch r.URL.Path {
		case "/small":
			_, _ = io.WriteString(w, "small")
		case "/big":
			w.Header().Set("Content-Length", "200000")
			_, _ = io.WriteString(w, big)
		case "/chunked":
			_, _ = io.WriteString(w, big[:100])
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, big[100:])
		case "/trailer":
			w.Header().Set("Trailer", "X-Sum")
			_, _ = io.WriteString(w, "sum")
			w.Header().Set("X-Sum", "3")
		case "/nothing":
			w.WriteHeader(204)
		}
	})
	for _, c := range []struct {
		name, method, path string
		body               int64
		two                bool
	}{
		{"a small answer", "GET", "/small", 5, false},
		{"a large answer", "GET", "/big", 200_000, false},
		{"chunks", "GET", "/chunked", 200_000, false},
		{"trailers", "GET", "/trailer", 3, false},
		{"no body", "GET", "/nothing", 0, false},
		{"HEAD", "HEAD", "/big", 0, false},
		{"an upload", "POST", "/small", 5, false},
		{"HTTP/2", "GET", "/big", 200_000, true},
		{"HTTP/2 and trailers", "GET", "/trailer", 3, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, g := durable(t, up)
			client, address := &http.Client{Timeout: patience, Transport: &http.Transport{}}, s.addr
			if c.two {
				client, address = plain2(t), s.streams(t, nil)
			}
			defer client.CloseIdleConnections()
			var body io.Reader
			if c.method == "POST" {
				body = struct{ io.Reader }{strings.NewReader(big)} // of no known length
			}
			req, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+address+c.path, body)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, resp.Body)
			if !g.written.Load() {
				t.Error("the answer was whole before its entry was written")
			}
			close(g.whole)
			if err != nil || n != c.body || c.path == "/trailer" && resp.Trailer.Get("X-Sum") != "3" {
				t.Errorf("%d bytes, %v, trailer %v", n, err, resp.Trailer)
			}
			x := <-g.got
			if x.Outcome != raw.Complete || x.Response.BodyBytes != c.body || x.Duration <= 0 || body != nil && x.Request.BodyBytes != int64(len(big)) {
				t.Errorf("%v: %d bytes up, %d down, %v", x.Outcome, x.Request.BodyBytes, x.Response.BodyBytes, x.Duration)
			}
			if len(g.got) > 0 {
				t.Error("two entries")
			}
		})
	}
}

func TestOwnAnswerIsWrittenBeforeItEnds(t *testing.T) {
	s, g := durable(t, "127.0.0.1:1") // nobody is there
	a := talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if !g.written.Load() || !strings.HasPrefix(a, "HTTP/1.1 502 ") {
		t.Errorf("written %v: %q", g.written.Load(), a)
	}
	if x := <-g.got; x.Response.Status != 502 || x.Response.BodyBytes != int64(len("Bad Gateway\n")) || len(g.got) > 0 {
		t.Errorf("%d, %d bytes", x.Response.Status, x.Response.BodyBytes)
	}
}

// A connection goes on after an exchange whose entry was waited for.
func TestConnectionIsKeptWhereEntriesAreWaitedFor(t *testing.T) {
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		for {
			if _, err := readHeadText(r); err != nil {
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
		}
	})
	s, g := durable(t, up)
	c, r := dial(t, s.addr)
	for range 3 {
		send(t, c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if h := head(t, r); !strings.HasPrefix(h, "HTTP/1.1 200 ") {
			t.Fatal(h)
		}
		if b := make([]byte, 5); true {
			if _, err := io.ReadFull(r, b); err != nil || string(b) != "hello" {
				t.Fatalf("%q %v", b, err)
			}
		}
		if x := <-g.got; x.Outcome != raw.Complete {
			t.Errorf("%v", x.Outcome)
		}
	}
}

// An answer that comes before the request's end is held back while that still moves,
// and no longer.
func TestEarlyAnswerDoesNotWaitForAnUploadThatStandsStill(t *testing.T) {
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		_, _ = readHeadText(r)
		_, _ = io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno")
		_, _ = io.Copy(io.Discard, r)
	})
	s, g := durable(t, up)
	c, r := dial(t, s.addr)
	send(t, c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nbegun")
	if b, err := io.ReadAll(r); err != nil || !strings.HasSuffix(string(b), "\r\n\r\nno") || !g.written.Load() {
		t.Errorf("%q %v, written %v", b, err, g.written.Load())
	}
	if x := <-g.got; x.Response.Status != 413 || x.Request.BodyBytes != 5 {
		t.Errorf("%d, %d bytes up", x.Response.Status, x.Request.BodyBytes)
	}
}
