package proxy

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/proxy/http1"
	"weir/proxy/listen"
	"weir/proxy/relay"
	"weir/proxy/telemetry"
	"weir/redact/raw"
)

// tunnelSeen is what a test keeps of an exchange.
type tunnelSeen struct {
	outcome         raw.Outcome
	visibility      raw.Visibility
	reason, target  string
	serverName      string
	up, down        int64
	status, attempt int
	duration, first time.Duration
}

// tunnelGate lets everything pass and keeps what it saw.
type tunnelGate struct{ seen chan tunnelSeen }

func (g tunnelGate) Begin(*raw.Exchange) (raw.Verdict, raw.Observer) { return raw.Verdict{}, g }

func (g tunnelGate) Observe(x *raw.Exchange) {
	m := &x.Request
	g.seen <- tunnelSeen{x.Outcome, x.Visibility, x.Reason, string(m.Peek(m.Authority)), string(m.Peek(x.ServerName)),
		x.BytesUp, x.BytesDown, x.Response.Status, x.Attempts, x.Duration, x.FirstByte}
}

func (g tunnelGate) Route(*raw.Exchange) (*relay.Target, error) { return nil, relay.ErrNoRoute }

// forward is a forward listener that serves CONNECT.
type forward struct {
	tunnelGate
	addr  string
	log   *lockedBuffer
	dials chan string
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newForward listens. Where cfg has no Dial, every address may be reached that
// cfg does not forbid; dials are told in any case.
func newForward(t *testing.T, cfg connectConfig) *forward {
	t.Helper()
	f := &forward{tunnelGate{make(chan tunnelSeen, 64)}, "", new(lockedBuffer), make(chan string, 64)}
	safe, err := telemetry.NewLog(telemetry.LogConfig{Out: f.log, Level: telemetry.LevelDebug})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Log = safe
	if cfg.Connect == 0 {
		cfg.Connect = 5 * time.Second
	}
	if cfg.Idle == 0 {
		cfg.Idle = time.Minute
	}
	if cfg.Forbidden == nil {
		cfg.Forbidden = func(netip.AddrPort) bool { return false }
	}
	c, err := newConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	dial := c.cfg.Dial
	c.cfg.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		f.dials <- address
		return dial(ctx, network, address)
	}
	sweeper := http1.NewSweeper()
	t.Cleanup(sweeper.Close)
	r, err := relay.New(relay.Config{Gate: f.tunnelGate, Router: f.tunnelGate, Direction: raw.Outbound, Connect: c, Sweeper: sweeper, Log: safe})
	if err != nil {
		t.Fatal(err)
	}
	l, err := listen.Listen(listen.Config{Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = l.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = r.Shutdown(ctx)
	})
	f.addr = l.Addr().String()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go r.ServeConn(c, &relay.ConnInfo{Peer: c.Peer()})
		}
	}()
	return f
}

func (f *forward) next(t *testing.T) tunnelSeen {
	t.Helper()
	select {
	case s := <-f.seen:
		return s
	case <-time.After(15 * time.Second):
		t.Fatal("no entry")
		return tunnelSeen{}
	}
}

// connect sends a CONNECT with what follows it in the same write and reads the
// head of the answer.
func (f *forward) connect(t *testing.T, head, early string) (*net.TCPConn, *http.Response) {
	t.Helper()
	c, err := net.Dial("tcp", f.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(15 * time.Second))
	if _, err := io.WriteString(c, head+"\r\n\r\n"+early); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReaderSize(oneByte{c}, 16), &http.Request{Method: "CONNECT"})
	if err != nil {
		t.Fatal(err)
	}
	return c.(*net.TCPConn), resp
}

// oneByte keeps a bufio.Reader from reading more than the head.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:1]) }

// echo answers every connection with what it sends.
func echo(t *testing.T) string {
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
				_, _ = io.Copy(c, c)
				_ = c.Close()
			}()
		}
	}()
	return l.Addr().String()
}

func ask(target string) string { return "CONNECT " + target + " HTTP/1.1\r\nHost: " + target }

func TestBytesSentTogetherWithConnectArrive(t *testing.T) {
	f, target := newForward(t, connectConfig{}), echo(t)
	c, resp := f.connect(t, ask(target), "sent early, ")
	if resp.StatusCode != 200 || len(resp.TransferEncoding) > 0 || resp.Header.Get("Content-Length") != "" {
		t.Fatalf("%+v", resp)
	}
	_, _ = io.WriteString(c, "sent late")
	_ = c.CloseWrite()
	if b, err := io.ReadAll(c); err != nil || string(b) != "sent early, sent late" {
		t.Errorf("%q %v", b, err)
	}
	e := f.next(t)
	if e.outcome != raw.Complete || e.visibility != raw.SeenTunnel || e.target != target || e.up != 21 || e.down != 21 ||
		e.status != 200 || e.attempt != 1 || e.serverName != "" || e.duration <= 0 || e.first <= 0 {
		t.Errorf("%+v", e)
	}
}

func TestConnectDialsWhatItNamesAndNothingElse(t *testing.T) {
	f, a, b := newForward(t, connectConfig{}), echo(t), echo(t)
	c, resp := f.connect(t, "CONNECT "+a+" HTTP/1.1\r\nHost: "+b, "")
	if resp.StatusCode != 400 {
		t.Error(resp.Status)
	}
	_ = c.Close()
	if e := f.next(t); e.outcome != raw.Refused || e.reason != "host_mismatch" {
		t.Errorf("%+v", e)
	}
	// Inside the tunnel a request may name whom it likes.
	c, _ = f.connect(t, ask(a), "GET http://"+b+"/ HTTP/1.1\r\nHost: "+b+"\r\n\r\n")
	_ = c.CloseWrite()
	_, _ = io.ReadAll(c)
	if e := f.next(t); e.target != a {
		t.Errorf("%+v", e)
	}
	close(f.dials)
	for d := range f.dials {
		if d != a {
			t.Error("dialed somebody else")
		}
	}
}

func TestAHeadTooLargeAndASilentTunnelEnd(t *testing.T) {
	f, target := newForward(t, connectConfig{Idle: 50 * time.Millisecond}), echo(t)
	_, resp := f.connect(t, ask(target)+"\r\nX-Fill: "+strings.Repeat("x", 70<<10), "")
	if resp.StatusCode != 431 {
		t.Error(resp.Status)
	}
	if e := f.next(t); e.outcome != raw.Refused || e.attempt != 0 {
		t.Errorf("%+v", e)
	}
	c, _ := f.connect(t, ask(target), "") // no handshake ever comes
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the tunnel carries")
	}
	if e := f.next(t); e.outcome != raw.ClientTimeout {
		t.Errorf("%+v", e)
	}
}

func TestATargetThatCannotBeReachedIsAShortAnswer(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target := gone.Addr().String()
	_ = gone.Close()
	secret := errors.New("dial tcp canary.example:443: lookup canary")
	for name, c := range map[string]struct {
		cfg     connectConfig
		status  int
		outcome raw.Outcome
		reason  string
	}{
		"refused": {connectConfig{}, 502, raw.UpstreamUnreachable, ""},
		"other": {connectConfig{Dial: func(context.Context, string, string) (net.Conn, error) { return nil, secret }},
			502, raw.UpstreamUnreachable, ""},
		"timeout": {connectConfig{Connect: 20 * time.Millisecond, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}, 504, raw.UpstreamTimeout, ""},
		"forbidden": {connectConfig{Forbidden: func(a netip.AddrPort) bool { return a.Addr().IsLoopback() }}, 403, raw.Refused, relay.ForbiddenAddress},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForward(t, c.cfg)
			client, resp := f.connect(t, ask(target), "")
			body, err := io.ReadAll(io.LimitReader(client, contentLength(t, resp)))
			if resp.StatusCode != c.status || err != nil || len(body) == 0 {
				t.Errorf("%v %q %v", resp.Status, body, err)
			}
			if strings.Contains(string(body), "dial") || strings.Contains(string(body), "canary") || strings.Contains(string(body), "127.0.0.1") {
				t.Errorf("the answer tells why: %q", body)
			}
			if e := f.next(t); e.outcome != c.outcome || e.reason != c.reason || e.status != c.status || e.attempt != 1 {
				t.Errorf("%+v", e)
			}
			if s := f.log.String(); strings.Contains(s, "canary") || strings.Contains(s, "127.0.0.1") {
				t.Errorf("logged %q", s)
			}
		})
	}
}

func contentLength(t *testing.T, r *http.Response) int64 {
	t.Helper()
	n, err := strconv.ParseInt(r.Header.Get("Content-Length"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestADialEndsWhenTheClientLeaves(t *testing.T) {
	dialing := make(chan struct{})
	f := newForward(t, connectConfig{Connect: time.Minute, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		close(dialing)
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	c, err := net.Dial("tcp", f.addr)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, ask("canary.example:443")+"\r\n\r\n")
	<-dialing
	_ = c.Close()
	if e := f.next(t); e.outcome != raw.ClientGone {
		t.Errorf("%+v", e)
	}
}

func TestTheEngineTellsNobodyAnything(t *testing.T) {
	std := new(lockedBuffer)
	old := log.Writer()
	log.SetOutput(std)
	defer log.SetOutput(old)
	f, target := newForward(t, connectConfig{}), echo(t)
	c, _ := f.connect(t, ask(target), "x")
	_ = c.CloseWrite()
	_, _ = io.ReadAll(c)
	f.next(t)
	if s := f.log.String() + std.String(); s != "" {
		t.Errorf("logged %q", s)
	}
	engine, err := newConnector(connectConfig{Connect: 1, Idle: 1, Log: nil, Forbidden: relay.Reserved})
	if err != nil {
		t.Fatal(err)
	}
	if engine.engine.Tr.Proxy != nil || engine.engine.Verbose || engine.engine.CertStore != nil {
		t.Error("the engine has means of its own")
	}
	if _, err := engine.engine.Tr.DialContext(context.Background(), "tcp", target); err != errNotByEngine {
		t.Error(err)
	}
}

func TestAServerNameIsRecordedBesideTheTarget(t *testing.T) {
	origin := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer origin.Close()
	f, target := newForward(t, connectConfig{}), origin.Listener.Addr().String()
	c, _ := f.connect(t, ask(target), "")
	roots := origin.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	secure := tls.Client(c, &tls.Config{RootCAs: roots, ServerName: "example.com"})
	if _, err := io.WriteString(secure, "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(secure); err != nil || !strings.HasSuffix(string(b), "hello") {
		t.Errorf("%q %v", b, err)
	}
	_ = secure.Close()
	if e := f.next(t); e.serverName != "example.com" || e.target != target || e.outcome != raw.Complete {
		t.Errorf("%+v", e)
	}
}

func TestHalfClosedTunnelsLeaveNothingBehind(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, never closes them
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	f := newForward(t, connectConfig{Idle: 100 * time.Millisecond})
	before := runtime.NumGoroutine()
	const tunnels = 20
	for range tunnels {
		c, _ := f.connect(t, ask(silent.Addr().String()), "x")
		_ = c.CloseWrite()
	}
	for range tunnels {
		if e := f.next(t); e.up != 1 {
			t.Errorf("%+v", e)
		}
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}
