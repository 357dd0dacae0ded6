//go:build peers

package peers

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Readers of 10 MiB that take a byte at a time hold what one exchange is carried
// in, and no more of the answer.
func TestSlowReadersHurtNobody(t *testing.T) {
	const n = 300
	s := besiege(t, "")
	conns := s.conns(plainListener, n)
	each(conns, func(_ int, c net.Conn) {
		_ = c.(*net.TCPConn).SetReadBuffer(4 << 10)
		_, _ = io.WriteString(c, "GET /big HTTP/1.1\r\nHost: www.x.example\r\n\r\n")
		one := make([]byte, 1)
		for range 400 {
			if _, err := c.Read(one); err != nil {
				t.Error(err)
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
	closeAll(conns)
	t.Logf("entries: %v", s.ended("/big", n))
	s.lift(bound{memory: n * 200 << 10, descriptors: 2*n + 20})
}

// Senders of a byte at a time, half of them in chunks of one byte.
func TestSlowSendersHurtNobody(t *testing.T) {
	const n, bytes = 300, 200
	s := besiege(t, "")
	conns := s.conns(plainListener, n)
	each(conns, func(i int, c net.Conn) {
		framing, piece, end := fmt.Sprintf("Content-Length: %d", bytes*1000), strings.Repeat("x", 1000), ""
		if i%2 == 1 {
			framing, piece, end = "Transfer-Encoding: chunked", "1\r\nx\r\n", "0\r\n\r\n"
		}
		_, _ = io.WriteString(c, "POST /upload HTTP/1.1\r\nHost: www.x.example\r\n"+framing+"\r\n\r\n")
		for range bytes {
			_, _ = io.WriteString(c, piece[:1])
			time.Sleep(10 * time.Millisecond)
			_, _ = io.WriteString(c, piece[1:])
		}
		_, _ = io.WriteString(c, end)
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Error(err)
			return
		}
		b, _ := io.ReadAll(resp.Body)
		if want := fmt.Sprint(bytes * len(strings.TrimSuffix(strings.TrimPrefix(piece, "1\r\n"), "\r\n"))); string(b) != want {
			t.Errorf("the upstream read %s bytes, not %s", b, want)
		}
	})
	closeAll(conns)
	t.Logf("entries: %v", s.ended("/upload", n))
	s.lift(bound{memory: n * 300 << 10, descriptors: 2*n + 20})
}

// Heads that never end, a byte at a time, end when limits.read_head says so.
func TestSlowlorisHurtsNobody(t *testing.T) {
	const n = 1000
	s := besiege(t, "limits: {read_head: 2s}")
	conns := s.conns(plainListener, n)
	each(conns, func(_ int, c net.Conn) {
		_, _ = io.WriteString(c, "GET /small HTTP/1.1\r\nHost: www.x.example\r\nX-A: ")
		for {
			if _, err := io.WriteString(c, "a"); err != nil {
				break
			}
			_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			b := make([]byte, 100)
			if n, err := c.Read(b); n > 0 {
				if !strings.HasPrefix(string(b), "HTTP/1.1 408 ") {
					t.Errorf("%q", b[:n])
				}
				break
			} else if ne, ok := err.(net.Error); !ok || !ne.Timeout() {
				t.Error(err)
				break
			}
		}
	})
	closeAll(conns)
	t.Logf("entries: %v", s.ended("/small", n))
	s.lift(bound{memory: n * 48 << 10, descriptors: n + 20})
}

// Idle clients cost a little memory each and nothing else.
func TestTenThousandIdleClientsCostLittle(t *testing.T) {
	for _, c := range []struct {
		name     string
		listener int
		protocol string // over TLS
		n, bytes int    // how many, and what one may cost
	}{
		{"plain, kept after an answer", plainListener, "", 10_000, 24 << 10},
		{"TLS, kept after an answer", tlsListener, "http/1.1", 2_000, 64 << 10},
		{"HTTP/2 over TLS, kept after an answer", tlsListener, "h2", 2_000, 112 << 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := besiege(t, "")
			conns := s.conns(c.listener, c.n)
			for i := range conns {
				if c.protocol != "" {
					conns[i] = s.overTLS(conns[i], c.protocol)
				}
				if c.protocol == "h2" {
					two := newTwo(t, conns[i])
					two.open(1, "/small", true)
					two.answered(1)
					continue
				}
				_, _ = io.WriteString(conns[i], "GET /small HTTP/1.1\r\nHost: www.x.example\r\n\r\n")
				resp, err := http.ReadResponse(bufio.NewReader(conns[i]), nil)
				if err != nil || resp.StatusCode != 200 {
					t.Fatal(resp, err)
				}
			}
			held := s.in.resident() - s.began.resident
			t.Logf("%d idle clients: %d bytes each", c.n, held/int64(c.n))
			closeAll(conns)
			t.Logf("entries: %v", s.ended("/small", c.n))
			s.lift(bound{memory: int64(c.n * c.bytes), descriptors: c.n + 1100})
		})
	}
}

// Tunnels of which one end is closed, thousands of them, are closed when they
// have been silent, and each has an entry.
func TestHalfClosedTunnelsHurtNobody(t *testing.T) {
	const n = 3000
	s := besiege(t, "limits: {stall: 3s}")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	accepted := make(chan net.Conn, n)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	conns := s.conns(forwardListener, n)
	for i, c := range conns {
		_, _ = fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %[1]s\r\n\r\n", l.Addr())
		resp, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: "CONNECT"})
		if err != nil || resp.StatusCode != 200 {
			t.Fatal(resp, err)
		}
		far := <-accepted
		t.Cleanup(func() { _ = far.Close() })
		if i%2 == 0 {
			_ = c.(*net.TCPConn).CloseWrite()
		} else {
			_ = far.(*net.TCPConn).CloseWrite()
		}
	}
	held := s.in.resident() - s.began.resident
	t.Logf("%d half-closed tunnels: %d bytes each", n, held/n)
	each(conns, func(_ int, c net.Conn) { _, _ = io.Copy(io.Discard, c) }) // until weir closes
	eventually(t, "entries", func() bool {
		tunnels := 0
		for _, e := range s.in.entries() {
			if e.text("http.request.method") == "CONNECT" {
				tunnels++
			}
		}
		return tunnels == n
	})
	closeAll(conns)
	s.lift(bound{memory: n * 48 << 10, descriptors: 2*n + 20})
}
