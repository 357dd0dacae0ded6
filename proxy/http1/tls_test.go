package http1

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"weir/redact/raw"
)

// TestTLSOnBothSides carries exchanges between TLS ends, which are read and
// probed another way than bare sockets.
func TestTLSOnBothSides(t *testing.T) {
	origin := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		_, _ = w.Write(b)
	}))
	defer origin.Close()
	sw := newSweeper(t)
	lim := Default()
	client := origin.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	client.ServerName = "example.com"
	p, err := NewPool(PoolConfig{Limits: &lim, Sweeper: sw, Dial: func(ctx context.Context) (net.Conn, error) {
		d := tls.Dialer{Config: client}
		return d.DialContext(ctx, "tcp", origin.Listener.Addr().String())
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	a, b := loopback(t)
	done := make(chan error)
	go func() {
		s := NewServerConn(tls.Server(b, origin.TLS), &lim, sw)
		var x raw.Exchange
		var err error
		for err == nil {
			err = carry(s, p, &x, make([]byte, 5000))
		}
		_ = s.Close()
		done <- err
	}()
	front := tls.Client(a, client)
	transport := &http.Transport{DialTLSContext: func(context.Context, string, string) (net.Conn, error) { return front, nil }}
	for i, size := range []int{0, 1, 100_000, 3} {
		body := make([]byte, size)
		pr, pw := io.Pipe()
		go func() { _, _ = pw.Write(body); _ = pw.Close() }()
		req, _ := http.NewRequest("POST", "https://example.com/", pr)
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(i, err)
		}
		got, err := io.ReadAll(resp.Body)
		if len(got) != size || err != nil {
			t.Errorf("%d bytes of %d, %v", len(got), size, err)
		}
		_ = resp.Body.Close()
	}
	_ = front.Close()
	if err := <-done; err != io.EOF {
		t.Errorf("ended with %v", err)
	}
	if n := p.Idle(); n != 1 {
		t.Errorf("%d connections are idle after four exchanges", n)
	}
}

// TestRefusedOverTLSIsAnswered has the answer arrive with the close behind it.
func TestRefusedOverTLSIsAnswered(t *testing.T) {
	origin := httptest.NewUnstartedServer(nil)
	origin.StartTLS()
	defer origin.Close()
	a, b := loopback(t)
	lim := Default()
	sw := newSweeper(t)
	go func() {
		s := NewServerConn(tls.Server(b, origin.TLS), &lim, sw)
		var m raw.Message
		if s.ReadRequest(&m) != nil {
			_ = s.Respond(400, "no")
		}
		_ = s.Close()
	}()
	cfg := origin.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	cfg.ServerName = "example.com"
	c := tls.Client(a, cfg)
	_ = c.SetDeadline(time.Now().Add(patience))
	write(t, c, "GET * HTTP/1.1\r\nHost: a\r\n\r\nand more that nobody reads")
	want(t, c, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
	wantEnd(t, c)
}

// TestClientThatLeavesIsNoticedBehindTLS finds the socket under a wrapper.
func TestClientThatLeavesIsNoticedBehindTLS(t *testing.T) {
	client, server := loopback(t)
	lim := Default()
	s := NewServerConn(tls.Server(wrapper{server}, nil), &lim, newSweeper(t))
	t.Cleanup(s.Abort)
	var up abortion
	s.Watch(&up)
	_ = client.(*net.TCPConn).SetLinger(0)
	_ = client.Close()
	eventually(t, "noticing", s.Gone)
}

// wrapper is a connection that hides its socket but for NetConn.
type wrapper struct{ net.Conn }

func (w wrapper) NetConn() net.Conn { return w.Conn }

// replaying is a wrapper that gives some bytes first, and says so.
type replaying struct {
	wrapper
	early []byte
}

func (r *replaying) Buffered() int { return len(r.early) }

func (r *replaying) Read(p []byte) (int, error) {
	if len(r.early) == 0 {
		return r.Conn.Read(p)
	}
	n := copy(p, r.early)
	r.early = r.early[n:]
	return n, nil
}

func TestBytesReadBeforeUsAreNotLost(t *testing.T) {
	client, server := loopback(t)
	lim := Default()
	s := NewServerConn(&replaying{wrapper{server}, []byte("GET /1 HT")}, &lim, newSweeper(t))
	t.Cleanup(s.Abort)
	write(t, client, "TP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
	var m raw.Message
	for _, path := range []string{"/1", "/2"} {
		if err := s.ReadRequest(&m); err != nil || string(m.Peek(m.Path)) != path {
			t.Fatalf("%s: %v", path, err)
		}
		if err := s.Respond(200, ""); err != nil {
			t.Fatal(err)
		}
	}
	if !s.bare {
		t.Error("the socket is not read itself")
	}
}
