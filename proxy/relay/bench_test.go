package relay

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"syscall"
	"testing"
	"time"

	"weir/redact/raw"
)

const (
	benchRequest = "GET /device/7?page=2 HTTP/1.1\r\nHost: www.nordhost.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\r\n" +
		"Accept: text/html,application/xhtml+xml\r\nAccept-Language: da,en;q=0.5\r\nAccept-Encoding: gzip, br\r\nReferer: https://www.nordhost.example/\r\nCookie: sid=8f14e45f; theme=dark; c=1\r\n" +
		"X-A: 1\r\nX-B: 2\r\nX-C: 3\r\nX-D: 4\r\n\r\n"
	benchResponse = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\nServer: x\r\nCache-Control: no-store\r\nContent-Length: 5\r\n\r\nhello"
)

// silentGate lets everything pass and looks at nothing.
type silentGate struct{}

func (silentGate) Begin(*raw.Exchange) (raw.Verdict, raw.Observer) {
	return raw.Verdict{}, silentGate{}
}
func (silentGate) Observe(*raw.Exchange) {}

// mill is an upstream that answers each head it is sent, without allocating.
func mill(b *testing.B) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = ln.Close() })
	answer := []byte(benchResponse)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				buf, n := make([]byte, 16<<10), 0
				for {
					k, err := c.Read(buf[n:])
					if err != nil {
						return
					}
					if n += k; bytes.HasSuffix(buf[:n], []byte("\r\n\r\n")) {
						n = 0
						if _, err := c.Write(answer); err != nil {
							return
						}
					}
				}
			}()
		}
	}()
	return ln.Addr().String()
}

// turn sends benchRequest again and again, and tells the CPU time that each
// took in the whole process, client and upstream included.
func turn(b *testing.B, addr string) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	request, buf := []byte(benchRequest), make([]byte, 16<<10)
	once := func() {
		if _, err := c.Write(request); err != nil {
			b.Fatal(err)
		}
		for n := 0; !bytes.HasSuffix(buf[:n], []byte("\r\n\r\nhello")); {
			k, err := c.Read(buf[n:])
			if err != nil {
				b.Fatal(err)
			}
			n += k
		}
	}
	for range 100 {
		once()
	}
	b.ReportAllocs()
	before := cpu()
	for b.Loop() {
		once()
	}
	b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkUpstreamAlone(b *testing.B) { turn(b, mill(b)) }

func BenchmarkRelay(b *testing.B) {
	to := target(b, TargetConfig{Addresses: []string{mill(b)}})
	sw := sweeper(b)
	r, err := New(Config{Gate: silentGate{}, Router: &Hosts{Default: to}, Sweeper: sw})
	if err != nil {
		b.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go r.ServeConn(c, infoOf(c))
		}
	}()
	turn(b, ln.Addr().String())
}

func BenchmarkReverseProxy(b *testing.B) {
	to, _ := url.Parse("http://" + mill(b))
	p := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.SetXForwarded()
	}}
	turn(b, web(b, p.ServeHTTP))
}

// BenchmarkStream carries one large body; its speed is that of both copies.
func BenchmarkStream(b *testing.B) {
	const size = 256 << 20
	piece := make([]byte, 1<<20)
	up := web(b, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "268435456")
		for range size / len(piece) {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
	})
	s := reverse(b, up)
	b.SetBytes(size)
	for b.Loop() {
		resp, err := http.Get("http://" + s.addr)
		if err != nil {
			b.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, resp.Body); n != size || err != nil {
			b.Fatal(n, err)
		}
	}
}
