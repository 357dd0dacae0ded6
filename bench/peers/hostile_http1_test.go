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
)

// pour sends a beginning and then the same piece until the peer has had enough,
// at most 64 MiB of it, and returns what it answered.
func pour(c net.Conn, beginning, piece string) string {
	answer := make(chan string, 1)
	go func() {
		b, _ := io.ReadAll(c)
		answer <- string(b)
	}()
	_, err := io.WriteString(c, beginning)
	block := strings.Repeat(piece, 1+(16<<10)/len(piece))
	for sent := 0; err == nil && sent < 64<<20; sent += len(block) {
		_, err = io.WriteString(c, block)
	}
	return <-answer
}

// What has no end is refused when it is more than was allowed, whoever sends it.
func TestFloodsOfOneRequestAreCutOff(t *testing.T) {
	const n = 40
	for _, c := range []struct {
		name, beginning, piece string
		answer                 string
		entries                map[string]int
	}{
		{"header lines", "GET /small HTTP/1.1\r\nHost: www.x.example\r\n", "A: b\r\n", "HTTP/1.1 431 ", nil},
		{"one header line", "GET /small HTTP/1.1\r\nHost: www.x.example\r\nA: ", "b", "HTTP/1.1 431 ", nil},
		{"a header's name", "GET /small HTTP/1.1\r\nHost: www.x.example\r\n", "A", "HTTP/1.1 431 ", nil},
		{"a path", "GET /", "a", "HTTP/1.1 414 ", nil},
		{"a method", "", "A", "HTTP/1.1 ", nil},
		{"empty lines before a request", "", "\r\n", "HTTP/1.1 400 ", nil},
		{"trailers", "POST /upload HTTP/1.1\r\nHost: www.x.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n", "", nil},
		{"chunk extensions", "POST /upload HTTP/1.1\r\nHost: www.x.example\r\nTransfer-Encoding: chunked\r\n\r\n", "1;a=b\r\nx\r\n", "", nil},
		{"a chunk's size", "POST /upload HTTP/1.1\r\nHost: www.x.example\r\nTransfer-Encoding: chunked\r\n\r\n", "0", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := besiege(t, "")
			before := len(s.in.entries())
			conns := s.conns(plainListener, n)
			each(conns, func(_ int, conn net.Conn) {
				// A reset may overtake the answer.
				if a := pour(conn, c.beginning, c.piece); a != "" && !strings.HasPrefix(a, c.answer) {
					t.Errorf("%q", a)
				}
			})
			closeAll(conns)
			by := map[string]int{}
			eventually(t, "entries", func() bool {
				clear(by)
				refused := 0
				for _, e := range s.in.entries()[before:] {
					if e.text("error.type") != "" {
						by[fmt.Sprintf("%d %s", e.number("http.response.status_code"), e.text("error.type"))]++
						refused++
					}
				}
				return refused >= n
			})
			t.Logf("entries: %v", by)
			s.lift(bound{memory: n * 512 << 10, descriptors: 2*n + 20})
		})
	}
}

// A body of chunks of one byte arrives whole, and slows nobody down.
func TestChunksOfOneByteHurtNobody(t *testing.T) {
	const n, chunks = 8, 1 << 18
	s := besiege(t, "")
	conns := s.conns(plainListener, n)
	each(conns, func(_ int, c net.Conn) {
		_, _ = io.WriteString(c, "POST /upload HTTP/1.1\r\nHost: www.x.example\r\nTransfer-Encoding: chunked\r\n\r\n")
		block := strings.Repeat("1\r\nx\r\n", 1<<12)
		for range chunks >> 12 {
			_, _ = io.WriteString(c, block)
		}
		_, _ = io.WriteString(c, "0\r\n\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Error(err)
			return
		}
		if b, _ := io.ReadAll(resp.Body); string(b) != fmt.Sprint(chunks) {
			t.Errorf("the upstream read %s bytes", b)
		}
	})
	closeAll(conns)
	t.Logf("entries: %v", s.ended("/upload", n))
	s.lift(bound{memory: n * 1 << 20, descriptors: 2*n + 20})
}

// An upstream that only ever informs is broken, and is told so.
func TestEndlessInformationFromAnUpstreamIsCutOff(t *testing.T) {
	const n = 40
	endless := switches1xx(t)
	s := besiege(t, "")
	evil := startIn(t, t.TempDir(), basics+"listen: [{reverse: \"127.0.0.1:0\", to: \"http://"+endless+"\"}]\n", besieged)
	base := evil.resident()
	evil.forgetPeak()
	var conns []net.Conn
	for range n {
		conns = append(conns, evil.dial(0))
	}
	each(conns, func(_ int, c net.Conn) {
		_, _ = io.WriteString(c, "GET /small HTTP/1.1\r\nHost: www.x.example\r\nConnection: close\r\n\r\n")
		b, _ := io.ReadAll(io.LimitReader(c, 64<<20))
		if heads := strings.Count(string(b), "HTTP/1.1 103 "); heads == 0 || heads > 1000 || !strings.Contains(string(b), "HTTP/1.1 502 ") {
			t.Errorf("%d informational heads, then %q", heads, b[max(0, len(b)-100):])
		}
	})
	eventually(t, "entries", func() bool { return len(evil.entries()) == n })
	for _, e := range evil.entries() {
		if e.text("error.type") != "upstream_broken" {
			t.Errorf("%v", e)
		}
	}
	if more := evil.peak() - base; more > n*256<<10 {
		t.Errorf("%.1f MiB more at its most", mib(more))
	}
	s.lift(bound{memory: 8 << 20, descriptors: 20})
}

// switches1xx is an upstream that sends 103 for ever.
func switches1xx(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				block := strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n", 200)
				for {
					if _, err := io.WriteString(c, block); err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}
