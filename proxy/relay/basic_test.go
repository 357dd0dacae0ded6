package relay

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"weir/redact/raw"
)

// ok is a whole response to whatever is asked.
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// always answers every request on a connection with the same text, and gives
// the heads it read to a channel.
func always(t testing.TB, answer string) (addr string, heads chan string) {
	heads = make(chan string, 4096)
	return script(t, func(c net.Conn, r *bufio.Reader) {
		for {
			h, err := readHeadText(r)
			if err != nil {
				return
			}
			heads <- h
			if _, err := io.WriteString(c, answer); err != nil {
				return
			}
		}
	}), heads
}

func TestKeepAliveUsesOneConnectionOnEachSide(t *testing.T) {
	conns := make(chan bool, 16)
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		conns <- true
		for {
			if _, err := readHeadText(r); err != nil {
				return
			}
			_, _ = io.WriteString(c, ok)
		}
	})
	s := reverse(t, up)
	c, r := dial(t, s.addr)
	for range 5 {
		send(t, c, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
		head(t, r)
		body := make([]byte, 2)
		if _, err := io.ReadFull(r, body); err != nil || string(body) != "ok" {
			t.Fatalf("body %q, %v", body, err)
		}
		e := s.gate.next(t)
		if e.outcome != raw.Complete || e.status != 200 || e.responseBody != 2 || e.attempts != 1 {
			t.Fatalf("%+v", e)
		}
		if e.duration <= 0 || e.first <= 0 || e.first > e.duration {
			t.Errorf("duration %v, first byte %v", e.duration, e.first)
		}
	}
	if n := len(conns); n != 1 {
		t.Errorf("%d upstream connections for 5 requests on one connection", n)
	}
}

func TestPipelinedRequestsAreAnsweredInOrder(t *testing.T) {
	up := web(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) })
	s := reverse(t, up)
	var text strings.Builder
	for i := range 20 {
		fmt.Fprintf(&text, "GET /%02d HTTP/1.1\r\nHost: x\r\n\r\n", i)
	}
	text.WriteString("GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	all := talk(t, s.addr, text.String())
	at := 0
	for i := range 20 {
		k := strings.Index(all[at:], fmt.Sprintf("\r\n\r\n/%02d", i))
		if k < 0 {
			t.Fatalf("no answer to request %d after byte %d of %q", i, at, all)
		}
		at += k
		s.gate.next(t)
	}
	if !strings.HasSuffix(all, "/last") {
		t.Errorf("ends with %q", all[at:])
	}
	s.gate.next(t)
	s.gate.none(t)
}

func TestResponsesWithoutBodyKeepTheirFraming(t *testing.T) {
	for _, c := range []struct{ name, method, answer, has, not string }{
		{"HEAD with length", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", "Content-Length: 99\r\n", "chunked"},
		{"HEAD chunked", "HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "200 OK", "Content-Length"},
		{"204", "GET", "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n", "X-A: 1\r\n", "Content-Length"},
		{"204 with length 0", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "204 No Content", "Content-Length"},
		{"304 with length", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\nETag: \"a\"\r\n\r\n", "Content-Length: 12\r\n", "chunked"},
		{"empty", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "Content-Length: 0\r\n", "chunked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			up, _ := always(t, c.answer)
			s := reverse(t, up)
			conn, r := dial(t, s.addr)
			for range 2 { // the second shows that the first ended where it should
				send(t, conn, c.method+" / HTTP/1.1\r\nHost: x\r\n\r\n")
				h := head(t, r)
				if !strings.Contains(h, c.has) || strings.Contains(h, c.not) {
					t.Errorf("got %q", h)
				}
				if e := s.gate.next(t); e.outcome != raw.Complete || e.responseBody != 0 {
					t.Errorf("%+v", e)
				}
			}
		})
	}
}

func TestHTTP10ClientGetsAnUnchunkedBodyAndAClose(t *testing.T) {
	up, heads := always(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n")
	s := reverse(t, up)
	all := talk(t, s.addr, "GET / HTTP/1.0\r\n\r\n")
	if !strings.HasSuffix(all, "\r\n\r\nabcde") || strings.Contains(all, "chunked") {
		t.Errorf("got %q", all)
	}
	if h := <-heads; !strings.HasPrefix(h, "GET / HTTP/1.1\r\n") || !strings.Contains(h, "Host: "+up) {
		t.Errorf("upstream got %q", h)
	}
	if e := s.gate.next(t); e.outcome != raw.Complete {
		t.Errorf("%+v", e)
	}
}

func TestHTTP10ClientThatAsksKeepsItsConnection(t *testing.T) {
	up, _ := always(t, ok)
	s := reverse(t, up)
	c, r := dial(t, s.addr)
	for range 2 {
		send(t, c, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
		if h := head(t, r); !strings.Contains(strings.ToLower(h), "connection: keep-alive") {
			t.Fatalf("got %q", h)
		}
		_, _ = r.Discard(2)
	}
}

func TestResponseUntilCloseIsWhole(t *testing.T) {
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		_, _ = readHeadText(r)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\nuntil the end")
	})
	s := reverse(t, up)
	c, r := dial(t, s.addr)
	for range 2 { // the client's connection outlives the upstream's
		send(t, c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(resp.Body); err != nil || string(b) != "until the end" {
			t.Errorf("%q, %v", b, err)
		}
	}
}

func TestClientCloseIsNotPassedOn(t *testing.T) {
	up, heads := always(t, ok)
	s := reverse(t, up)
	for range 2 {
		talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		if h := <-heads; strings.Contains(strings.ToLower(h), "connection") {
			t.Errorf("upstream got %q", h)
		}
	}
}

func TestSmallRequestGoesOutInOnePiece(t *testing.T) {
	got := make(chan string, 1)
	up := script(t, func(c net.Conn, _ *bufio.Reader) {
		b := make([]byte, 4096)
		n, _ := c.Read(b)
		got <- string(b[:n])
		_, _ = io.WriteString(c, ok)
	})
	s := reverse(t, up)
	c, r := dial(t, s.addr)
	send(t, c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
	send(t, c, "hello")
	head(t, r)
	if g := <-got; !strings.HasSuffix(g, "\r\n\r\nhello") {
		t.Errorf("first read of the upstream: %q", g)
	}
	if e := s.gate.next(t); e.requestBody != 5 {
		t.Errorf("%+v", e)
	}
}
