package http2

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

// carry is the smallest relay there can be: it takes each exchange from a
// ServerStream to a ClientStream and back.
type carry struct {
	t      testing.TB
	up     *Client
	seen   chan string // outcome of each exchange
	panics string
}

func (c *carry) serve(s *ServerStream) {
	if c.panics != "" {
		panic(c.panics)
	}
	c.seen <- c.exchange(s)
}

func (c *carry) exchange(s *ServerStream) string {
	var req, resp raw.Message
	req.Reset()
	if err := s.Request(&req); err != nil {
		refused := err.(*RefusedError)
		h := raw.Head{From: &resp, Status: refused.Status, Framing: raw.Length}
		if s.WriteHead(&h) == nil {
			_ = s.Finish(nil)
		}
		return refused.Reason
	}
	up := c.up.Open(context.Background())
	defer up.Release()
	s.Watch(up)
	h := raw.Head{From: &req, Method: req.Method, Target: req.Target, Authority: req.Authority, Header: req.Header, Framing: req.Framing, Length: req.ContentLength}
	if err := up.WriteHead(&h); err != nil {
		s.Abort()
		return err.Error()
	}
	head := string(req.Peek(req.Method)) == http.MethodHead // before trailers can come
	uploaded := make(chan struct{})
	go func() {
		defer close(uploaded)
		if pump(s.ReadBody, up.WriteBody) == nil {
			_ = up.FinishRequest(&raw.Head{From: &req, Header: req.Trailer})
		} else {
			up.Abort()
		}
	}()
	outcome := c.answer(s, up, &resp, head)
	if outcome != "complete" {
		s.Abort()
		up.Abort()
	}
	s.StopRead()
	<-uploaded
	return outcome
}

func (c *carry) answer(s *ServerStream, up *ClientStream, m *raw.Message, head bool) string {
	for {
		m.Reset()
		if err := up.ReadHead(m); err != nil {
			return err.Error()
		}
		h := raw.Head{From: m, Status: m.Status, Header: m.Header, Framing: m.Framing, Length: m.ContentLength, HeadOnly: head || m.Status == 304}
		if err := s.WriteHead(&h); err != nil {
			return "write: " + err.Error()
		}
		if m.Status >= 200 {
			break
		}
	}
	if err := s.Flush(); err != nil {
		return "flush: " + err.Error()
	}
	if err := pump(up.ReadBody, func(p []byte) error {
		if err := s.WriteBody(p); err != nil {
			return err
		}
		return s.Flush()
	}); err != nil {
		return err.Error()
	}
	if err := s.Finish(&raw.Head{From: m, Header: m.Trailer}); err != nil {
		return "finish: " + err.Error()
	}
	return "complete"
}

func pump(read func([]byte) (int, error), write func([]byte) error) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := read(buf)
		if n > 0 {
			if werr := write(buf[:n]); werr != nil {
				return werr
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// world is a client of net/http, a Server, a Client and an upstream of net/http.
type world struct {
	client *http.Client
	url    string
	addr   string
	seen   chan string
	carry  *carry
	server *Server
	errors *safeBuffer
}

func newWorld(t testing.TB, secure bool, lim Limits, upstream http.Handler) *world {
	t.Helper()
	w := &world{seen: make(chan string, 100), errors: new(safeBuffer)}
	origin := httptest.NewUnstartedServer(upstream)
	protos := new(http.Protocols)
	protos.SetHTTP2(true)
	protos.SetUnencryptedHTTP2(true)
	origin.Config.Protocols = protos
	origin.Config.ErrorLog = nil
	cfg := ClientConfig{Limits: lim, Dial: func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", origin.Listener.Addr().String())
	}}
	if secure {
		origin.EnableHTTP2 = true
		origin.StartTLS()
		cfg.TLS = origin.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
		cfg.TLS.ServerName = "example.com"
	} else {
		origin.Start()
	}
	t.Cleanup(func() { origin.CloseClientConnections(); origin.Close() })
	up, err := NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(up.Close)
	w.carry = &carry{t: t, up: up, seen: w.seen}
	w.server, err = NewServer(Config{Limits: lim, Serve: w.carry.serve, ErrorLog: w.errors, Refused: func(r string) { w.seen <- "net/http: " + r }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.server.Close() })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	var serverTLS *tls.Config
	tr := &http.Transport{Protocols: protos, DisableCompression: true}
	w.addr = ln.Addr().String()
	w.url = "http://" + w.addr
	if secure {
		serverTLS = &tls.Config{Certificates: origin.TLS.Certificates, NextProtos: []string{ALPN}}
		tr.TLSClientConfig = cfg.TLS.Clone()
		w.url = "https://" + w.addr
	}
	go accept(ln, w.server, serverTLS)
	t.Cleanup(tr.CloseIdleConnections)
	w.client = &http.Client{Transport: tr, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return w
}

func accept(ln net.Listener, s *Server, secure *tls.Config) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		if secure == nil {
			go func() { _ = s.ServePlain(c) }()
			continue
		}
		tc := tls.Server(c, secure)
		if tc.HandshakeContext(context.Background()) != nil {
			_ = c.Close()
			continue
		}
		go func() { _ = s.ServeTLS(tc) }()
	}
}

func (w *world) outcome(t testing.TB) string {
	t.Helper()
	select {
	case o := <-w.seen:
		return o
	case <-time.After(15 * time.Second):
		t.Fatal("no exchange ended")
		return ""
	}
}
