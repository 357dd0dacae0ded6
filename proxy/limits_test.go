package proxy_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"weir/proxy"
)

// limited is an instance with one limit in front of an upstream.
func limited(t testing.TB, limit, to string) *instance {
	t.Helper()
	return start(t, fmt.Sprintf("limits: {%s}\nlisten: [{reverse: \"127.0.0.1:0\", to: %q}]\n", limit, to))
}

func TestLimitsOfHeads(t *testing.T) {
	up := says(t, "hello")
	ask := func(path, lines string) string {
		return "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + lines + "\r\n"
	}
	for _, c := range []struct{ limit, within, beyond, status string }{
		{"header_bytes: 1KiB", ask("/", "X-A: "+strings.Repeat("a", 500)+"\r\n"), ask("/", "X-A: "+strings.Repeat("a", 1500)+"\r\n"), "431"},
		{"header_count: 5", ask("/", strings.Repeat("A: b\r\n", 3)), ask("/", strings.Repeat("A: b\r\n", 4)), "431"},
		{"url_bytes: 64B", ask("/"+strings.Repeat("a", 63), ""), ask("/"+strings.Repeat("a", 64), ""), "414"},
		{"trailer_bytes: 64B",
			"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: " + strings.Repeat("a", 20) + "\r\n\r\n",
			"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: " + strings.Repeat("a", 200) + "\r\n\r\n", "4"},
	} {
		t.Run(c.limit, func(t *testing.T) {
			in := limited(t, c.limit, up.URL)
			if a := in.talk(0, c.within); !strings.HasPrefix(a, "HTTP/1.1 200 ") {
				t.Errorf("within: %q", a)
			}
			if e := in.next(); e.text("error.type") != "" {
				t.Errorf("within: %v", e)
			}
			if a := in.talk(0, c.beyond); !strings.HasPrefix(a, "HTTP/1.1 "+c.status) {
				t.Errorf("beyond: %q", a)
			}
			if e := in.next(); e.text("error.type") == "" {
				t.Errorf("beyond: %v", e)
			}
		})
	}
}

func TestLimitsOfConnectionsRefuseTheNextOne(t *testing.T) {
	for _, limit := range []string{"connections: 1", "client_connections: 1"} {
		t.Run(limit, func(t *testing.T) {
			up := says(t, "hello")
			in := limited(t, limit, up.URL)
			first := in.dial(0)
			r := bufio.NewReader(first)
			send(t, first, "/")
			answer(t, r)
			second, err := net.Dial("tcp", in.Addr(0))
			if err == nil {
				_, err = second.Read(make([]byte, 1))
				_ = second.Close()
			}
			if !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("two at one time: %v", err)
			}
			send(t, first, "/")
			answer(t, r)
			_, page := in.admin("/metrics")
			if !regexp.MustCompile(`(?m)^weir_connections_refused_total\{.*\} 1$`).MatchString(page) {
				t.Error("not counted")
			}
			_ = first.Close()
			eventually(t, "room", func() bool {
				next, err := net.Dial("tcp", in.Addr(0))
				if err != nil {
					return false
				}
				defer next.Close()
				_, _ = io.WriteString(next, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
				b, _ := io.ReadAll(next)
				return strings.HasSuffix(string(b), "hello")
			})
		})
	}
}

func TestLimitOfStreamsIsToldToTheClient(t *testing.T) {
	up := says(t, "hello")
	in := limited(t, "streams: 7", up.URL)
	w := newTwo(t, in.dial(0))
	f := w.until(func(f http2.Frame) bool { _, ok := f.(*http2.SettingsFrame); return ok })
	if n, ok := f.(*http2.SettingsFrame).Value(http2.SettingMaxConcurrentStreams); !ok || n != 7 {
		t.Errorf("%d %v", n, ok)
	}
}

// silent is an upstream that takes connections and answers with what it is
// given, and then with nothing.
func silent(t testing.TB, beginning string) string {
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
				if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					_, _ = io.WriteString(c, beginning)
				}
				_, _ = io.Copy(io.Discard, c)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// full is an address whose queue of connections is full: it takes no more.
func full(t testing.TB) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", at.(*syscall.SockaddrInet4).Port)
	for {
		c, err := net.DialTimeout("tcp", address, 200*time.Millisecond)
		if err != nil {
			return "http://" + address
		}
		t.Cleanup(func() { _ = c.Close() })
	}
}

// What a limit ends has to end before the limit's default would have ended it.
func TestLimitsOfTime(t *testing.T) {
	up, unset := says(t, "hello"), proxy.DefaultLimits()
	for _, c := range []struct {
		name, limit, to, text, answer, outcome string
		unset                                  time.Duration
	}{
		{"read_head", "read_head: 300ms", up.URL, "GET / HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 408 ", "client_timeout", unset.ReadHead},
		{"connect", "connect: 300ms", full(t), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 504 ", "upstream_timeout", unset.Connect},
		{"answer", "answer: 300ms", silent(t, ""), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 504 ", "upstream_timeout", unset.Answer},
		{"stall of the upstream", "stall: 300ms", silent(t, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhell"), "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "", "upstream_timeout", unset.Stall},
		{"stall of the client", "stall: 300ms", up.URL, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhell", "", "client_timeout", unset.Stall},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := limited(t, c.limit, c.to)
			conn, began := in.dial(0), time.Now()
			if _, err := io.WriteString(conn, c.text); err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(conn)
			if took := time.Since(began); took < 250*time.Millisecond || took >= c.unset || !strings.HasPrefix(string(b), c.answer) {
				t.Errorf("after %v: %q", took, b)
			}
			if e := in.next(); e.text("error.type") != c.outcome {
				t.Errorf("%v", e)
			}
		})
	}
}

func TestLimitOfIdleTime(t *testing.T) {
	up := says(t, "hello")
	in := limited(t, "idle: 300ms", up.URL)
	one, w := in.dial(0), newTwo(t, in.dial(0))
	r := bufio.NewReader(one)
	send(t, one, "/")
	answer(t, r)
	w.get("/")
	w.until(ended)
	began := time.Now()
	if _, err := r.ReadByte(); err != io.EOF {
		t.Error(err)
	}
	if f := w.until(func(http2.Frame) bool { return false }); f != nil {
		t.Error(f)
	}
	if took := time.Since(began); took > patience {
		t.Errorf("after %v", took)
	}
}

func TestLimitOfHandshakeTime(t *testing.T) {
	ca, dir, up := newAuthority(t), t.TempDir(), says(t, "hello")
	ca.issue(dir, "www.x.example")
	in := startIn(t, dir, head+fmt.Sprintf("limits: {handshake: 300ms}\nlisten: [{reverse: \"127.0.0.1:0\", to: %q, tls: {cert: www.pem, key: www.key}}]\n", up.URL), open)
	c, began := in.dial(0), time.Now()
	if _, err := c.Write([]byte{22, 3, 1}); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, c)
	if took := time.Since(began); took < 250*time.Millisecond || took >= proxy.DefaultLimits().Handshake {
		t.Errorf("after %v", took)
	}
}

// An upstream of HTTP/2 is held to the same times.
func TestLimitOfTheAnswerOverHTTP2(t *testing.T) {
	var p http.Protocols
	p.SetUnencryptedHTTP2(true)
	up := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	up.Config.Protocols = &p
	up.Start()
	t.Cleanup(up.Close)
	in := limited(t, "answer: 300ms", "h2c://"+up.Listener.Addr().String())
	if a := in.get(0, "x"); !strings.HasPrefix(a, "HTTP/1.1 504 ") {
		t.Errorf("%q", a)
	}
	if e := in.next(); e.text("error.type") != "upstream_timeout" {
		t.Errorf("%v", e)
	}
}

// A client whose window stays shut has not left: it took too long.
func TestLimitOfStallTimeHoldsForAStreamThatTakesNothing(t *testing.T) {
	up := says(t, strings.Repeat("x", 1<<20))
	in := limited(t, "stall: 300ms", up.URL)
	w := newTwo(t, in.dial(0))
	w.get("/")
	if f := w.until(func(f http2.Frame) bool { return f.Header().Type == http2.FrameRSTStream }); f == nil {
		t.Error("the stream was not reset")
	}
	if e := in.next(); e.text("error.type") != "client_timeout" {
		t.Errorf("%v", e)
	}
}
