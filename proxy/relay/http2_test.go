package relay

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/netip"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"weir/proxy/http2"
	"weir/redact/raw"
)

// plain2 is a client of HTTP/2 with prior knowledge.
func plain2(t testing.TB) *http.Client {
	var p http.Protocols
	p.SetUnencryptedHTTP2(true)
	tr := &http.Transport{Protocols: &p, DisableCompression: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// web2 is an upstream of HTTP/2 with prior knowledge.
func web2(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	var p http.Protocols
	p.SetUnencryptedHTTP2(true)
	srv := &http.Server{Handler: h, Protocols: &p}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close() })
	return ln.Addr().String()
}

func TestHTTP2ClientReachesAnHTTP1Upstream(t *testing.T) {
	got := make(chan string, 1)
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		for {
			m, err := readMessage(r, false, false)
			if err != nil {
				return
			}
			got <- m
			_, _ = io.WriteString(c, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nX-B: 1\r\nX-A: 2\r\nConnection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 3\r\n\r\n")
		}
	})
	s := reverse(t, up)
	client := plain2(t)
	hints := 0
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		if code == 103 && h.Get("Link") == "</a>" {
			hints++
		}
		return nil
	}}
	req, _ := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "PUT", "http://"+s.streams(t, nil)+"/p?a;b&%zz", strings.NewReader("body"))
	req.Host = "A.example"
	req.Header = http.Header{"Cookie": {"a=1; b=2", "c=3"}, "X-Two": {"1", "2"}, "Te": {"trailers"}, "User-Agent": nil}
	req.Trailer = http.Header{"X-T": nil}
	req.ContentLength = -1
	req.Body = io.NopCloser(&announcing{strings.NewReader("body"), func() { req.Trailer.Set("X-T", "up") }})
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil || string(b) != "hi" || resp.Header.Get("X-Hop") != "" || resp.Header.Get("X-A") != "2" || resp.Trailer.Get("X-Sum") != "3" || hints != 1 {
		t.Errorf("%q %v %v %v, %d hints", b, err, resp.Header, resp.Trailer, hints)
	}
	want := "PUT /p?a;b&%zz HTTP/1.1\nHost: A.example\ncookie: a=1; b=2; c=3\ntrailer: x-t\nx-two: 1\nx-two: 2\nTE: trailers\nX-Forwarded-For: 127.0.0.1\n\nbody\nx-t: up\r\n\r\n"
	if m := <-got; m != want {
		t.Errorf("upstream got\n%q, not\n%q", m, want)
	}
	if e := s.gate.next(t); e.outcome != raw.Complete || e.requestBody != 4 || e.requestTrailers != 1 || e.responseTrailers != 1 || e.authority != "A.example" {
		t.Errorf("%+v", e)
	}
}

// announcing calls done at the end of a body.
type announcing struct {
	io.Reader
	done func()
}

func (a *announcing) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if err == io.EOF {
		a.done()
	}
	return n, err
}

func TestBodilessAnswersTranslateToAndFromHTTP2(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/204":
			w.WriteHeader(204)
		case "/304":
			w.Header().Set("ETag", `"x"`)
			w.WriteHeader(304)
		case "/empty":
			w.WriteHeader(200)
		default:
			w.Header().Set("Content-Length", "5")
			_, _ = io.WriteString(w, "hello")
		}
	}
	one := reverse(t, web(t, handler))
	two := start(t, Config{Router: &Hosts{Default: target(t, TargetConfig{Scheme: "h2c", Addresses: []string{web2(t, handler)}})}})
	for name, c := range map[string]struct {
		client *http.Client
		base   string
	}{
		"2 to 1": {plain2(t), one.streams(t, nil)}, "2 to 2": {plain2(t), two.streams(t, nil)}, "1 to 2": {http.DefaultClient, two.addr},
	} {
		for _, ask := range []string{"GET /204", "GET /304", "GET /empty", "HEAD /", "GET /"} {
			method, path, _ := strings.Cut(ask, " ")
			req, _ := http.NewRequestWithContext(t.Context(), method, "http://"+c.base+path, nil)
			resp, err := c.client.Do(req)
			if err != nil {
				t.Errorf("%s, %s: %v", name, ask, err)
				continue
			}
			b, err := io.ReadAll(resp.Body)
			want := map[bool]string{true: "hello"}[ask == "GET /"]
			if err != nil || string(b) != want || path == "/" && resp.ContentLength != 5 {
				t.Errorf("%s, %s: %q %v, length %d", name, ask, b, err, resp.ContentLength)
			}
		}
	}
}

func TestHTTP2UpstreamThatBreaksOffIsSeenBroken(t *testing.T) {
	up := web2(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/length" {
			w.Header().Set("Content-Length", "100")
		}
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	s := start(t, Config{Router: &Hosts{Default: target(t, TargetConfig{Scheme: "h2c", Addresses: []string{up}})}})
	for _, client := range []*http.Client{http.DefaultClient, plain2(t)} {
		addr := s.addr
		if client != http.DefaultClient {
			addr = s.streams(t, nil)
		}
		for _, path := range []string{"/length", "/stream"} {
			resp, err := client.Get("http://" + addr + path)
			if err == nil {
				var b []byte
				if b, err = io.ReadAll(resp.Body); err == nil {
					t.Errorf("%s: a whole message with %q", path, b)
				}
			}
			if e := s.gate.next(t); e.outcome != raw.UpstreamBroken {
				t.Errorf("%s: %+v", path, e)
			}
		}
	}
}

func TestHTTP1UpstreamThatBreaksOffIsSeenBrokenOverHTTP2(t *testing.T) {
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		_, _ = readHeadText(r)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
	})
	s := reverse(t, up)
	resp, err := plain2(t).Get("http://" + s.streams(t, nil))
	if err == nil {
		var b []byte
		if b, err = io.ReadAll(resp.Body); err == nil {
			t.Errorf("a whole message with %q", b)
		}
	}
	if e := s.gate.next(t); e.outcome != raw.UpstreamBroken {
		t.Errorf("%+v", e)
	}
}

func TestUnreachableHTTP2UpstreamIsABadGateway(t *testing.T) {
	s := start(t, Config{Router: &Hosts{Default: target(t, TargetConfig{Scheme: "h2c", Addresses: []string{"127.0.0.1:1"}})}})
	a := talk(t, s.addr, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n"+strings.Repeat("x", 100000))
	if !strings.HasPrefix(a, "HTTP/1.1 502 ") {
		t.Errorf("answered %q", a)
	}
	if e := s.gate.next(t); e.outcome != raw.UpstreamUnreachable || e.attempts != 1 {
		t.Errorf("%+v", e)
	}
}

func TestHTTP2ClientThatLeavesEndsTheUpstreamsWork(t *testing.T) {
	arrived, ended := make(chan bool, 1), make(chan bool, 1)
	up := web(t, func(_ http.ResponseWriter, r *http.Request) {
		arrived <- true
		<-r.Context().Done()
		ended <- true
	})
	s := reverse(t, up)
	addr := s.streams(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, "GET", "http://"+addr, nil)
	go func() {
		<-arrived
		cancel()
	}()
	if _, err := plain2(t).Do(req); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("the upstream still works for nobody")
	}
	if e := s.gate.next(t); e.outcome != raw.ClientGone {
		t.Errorf("%+v", e)
	}
}

func TestTLSUpstreamIsSpokenToInWhatItAgreesTo(t *testing.T) {
	for _, two := range []bool{false, true} {
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
		srv.EnableHTTP2 = two
		srv.StartTLS()
		defer srv.Close()
		roots := x509.NewCertPool()
		roots.AddCert(srv.Certificate())
		to := target(t, TargetConfig{Scheme: "https", Addresses: []string{srv.Listener.Addr().String()}, TLS: &tls.Config{RootCAs: roots}})
		s := start(t, Config{Router: &Hosts{Default: to}})
		for range 3 {
			for _, c := range []struct {
				client     *http.Client
				addr, want string
			}{
				{http.DefaultClient, s.addr, "HTTP/1.1"},
				{plain2(t), s.streams(t, nil), map[bool]string{false: "HTTP/1.1", true: "HTTP/2.0"}[two]},
			} {
				resp, err := c.client.Get("http://" + c.addr)
				if err != nil {
					t.Fatal(err)
				}
				if b, err := io.ReadAll(resp.Body); err != nil || string(b) != c.want {
					t.Errorf("upstream with HTTP/2 %v: %q, %v, not %s", two, b, err, c.want)
				}
			}
		}
	}
}

func TestConnectOverHTTP2IsRefused(t *testing.T) {
	up, heads := always(t, ok)
	s := reverse(t, up)
	req, _ := http.NewRequestWithContext(t.Context(), "CONNECT", "http://"+s.streams(t, nil), nil)
	req.Host = "a.example:1"
	resp, err := plain2(t).Do(req)
	if err == nil && resp.StatusCode < 400 {
		t.Errorf("answered %d", resp.StatusCode)
	}
	if e := s.gate.next(t); e.outcome != raw.Refused {
		t.Errorf("%+v", e)
	}
	if len(heads) > 0 {
		t.Errorf("upstream got %q", <-heads)
	}
}

func TestForbiddenAddressIsRefusedForHTTP2Too(t *testing.T) {
	to := target(t, TargetConfig{Scheme: "h2c", Addresses: []string{"127.0.0.1:9"}, Forbidden: func(netip.AddrPort) bool { return true }})
	s := start(t, Config{Router: &Hosts{Default: to}})
	resp, err := plain2(t).Get("http://" + s.streams(t, nil))
	if err != nil || resp.StatusCode != 502 {
		t.Errorf("%v, %v", resp, err)
	}
	if e := s.gate.next(t); e.reason != ForbiddenAddress || e.outcome != raw.Refused {
		t.Errorf("%+v", e)
	}
}

func TestShutdownCutsStreamsAtItsDeadline(t *testing.T) {
	arrived, held := make(chan bool, 1), make(chan bool)
	defer close(held)
	up := web(t, func(http.ResponseWriter, *http.Request) {
		arrived <- true
		<-held
	})
	s := reverse(t, up)
	addr := s.streams(t, nil)
	ended := make(chan error, 1)
	go func() {
		_, err := plain2(t).Get("http://" + addr)
		ended <- err
	}()
	<-arrived
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); err == nil {
		t.Error("nothing was cut")
	}
	if e := s.gate.next(t); e.outcome != raw.Stopped {
		t.Errorf("%+v", e)
	}
	if err := <-ended; err == nil {
		t.Error("the client got an answer")
	}
}

func TestHTTP2AnswerThatCannotBeToldFromFramingIsTheUpstreamsFault(t *testing.T) {
	for _, name := range []string{"content_length", "Transfer_Encoding"} {
		up := web2(t, func(w http.ResponseWriter, _ *http.Request) { w.Header()[name] = []string{"5"} })
		s := start(t, Config{Router: &Hosts{Default: target(t, TargetConfig{Scheme: "h2c", Addresses: []string{up}})}})
		if a := talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(a, "HTTP/1.1 502 ") {
			t.Errorf("%s: answered %q", name, a)
		}
		if e := s.gate.next(t); e.outcome != raw.UpstreamBroken {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// The time for an answer counts from the last byte of the request: a client that
// takes its time is not the upstream's silence.
func TestSlowUploadIsNotTheHTTP2UpstreamsSilence(t *testing.T) {
	for _, silent := range []bool{false, true} {
		held := make(chan bool)
		up := web2(t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			if silent {
				<-held
			}
		})
		s := start(t, Config{Router: &Hosts{Default: target(t, TargetConfig{Scheme: "h2c", Addresses: []string{up}, Streams: http2.Limits{Answer: 100 * time.Millisecond}})}})
		conn, r := dial(t, s.addr)
		send(t, conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\nsome")
		_ = conn.SetReadDeadline(time.Now().Add(400 * time.Millisecond))
		if h, err := readHeadText(r); err == nil {
			t.Fatalf("answered %q amid the request", h)
		}
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		send(t, conn, strings.Repeat("x", 20000-4))
		want := map[bool]string{false: "HTTP/1.1 200 ", true: "HTTP/1.1 504 "}[silent]
		if h := head(t, r); !strings.HasPrefix(h, want) {
			t.Errorf("answered %q", h)
		}
		close(held)
	}
}
