package http1

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"weir/redact/raw"
)

// carry is the smallest relay there is: it takes one request from s to an upstream of p and
// its response back. It says whether it went well.
func carry(s *ServerConn, p *Pool, x *raw.Exchange, buf []byte) error {
	if err := s.ReadRequest(&x.Request); err != nil {
		return err
	}
	up, err := p.Get(context.Background())
	if err != nil {
		return err
	}
	defer up.Release()
	out := headOf(&x.Request)
	if err := up.WriteHead(&out); err != nil {
		return err
	}
	if err := pass(up.WriteBody, s.ReadBody, buf); err != nil {
		return err
	}
	if err := up.FinishRequest(trailerOf(&x.Request)); err != nil {
		return err
	}
	for {
		if err := up.ReadHead(&x.Response); err != nil {
			return err
		}
		out = headOf(&x.Response)
		if err := s.WriteHead(&out); err != nil {
			return err
		}
		if x.Response.Status >= 200 {
			break
		}
	}
	if err := pass(s.WriteBody, up.ReadBody, buf); err != nil {
		return err
	}
	return s.Finish(trailerOf(&x.Response))
}

func pass(to func([]byte) error, from func([]byte) (int, error), buf []byte) error {
	for {
		n, err := from(buf)
		if n > 0 {
			if err := to(buf[:n]); err != nil {
				return err
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

// headOf is m as it goes on, without what belongs to one hop.
func headOf(m *raw.Message) raw.Head {
	h := raw.Head{From: m, Method: m.Method, Target: m.Target, Status: m.Status, Reason: m.Reason,
		Framing: m.Framing, Length: m.ContentLength, Header: m.Header[:0:0]}
	clean := true
	for _, p := range m.Header {
		clean = clean && !m.Is(p, "connection") && !m.Is(p, "transfer-encoding") && !m.Is(p, "upgrade")
	}
	if clean {
		h.Header = m.Header
		return h
	}
	for _, p := range m.Header {
		if !m.Is(p, "connection") && !m.Is(p, "transfer-encoding") && !m.Is(p, "upgrade") {
			h.Header = append(h.Header, p)
		}
	}
	return h
}

func trailerOf(m *raw.Message) *raw.Head {
	if len(m.Trailer) == 0 {
		return nil
	}
	return &raw.Head{From: m, Header: m.Trailer}
}

func newSweeper(t testing.TB) *Sweeper {
	sw := NewSweeper()
	t.Cleanup(sw.Close)
	return sw
}

func poolTo(t testing.TB, addr string, sw *Sweeper) *Pool {
	lim := Default()
	p, err := NewPool(PoolConfig{Limits: &lim, Sweeper: sw, Dial: func(context.Context) (net.Conn, error) {
		return net.Dial("tcp", addr)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// TestNetHTTPTalksThroughUs has net/http on both ends.
func TestNetHTTPTalksThroughUs(t *testing.T) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-End")
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
		w.Header().Set("X-End", "done")
	}))
	defer origin.Close()
	sw := newSweeper(t)
	pool := poolTo(t, origin.Listener.Addr().String(), sw)
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer front.Close()
	go func() {
		for {
			nc, err := front.Accept()
			if err != nil {
				return
			}
			go func() {
				lim := Default()
				s := NewServerConn(nc, &lim, sw)
				defer s.Close()
				var x raw.Exchange
				for carry(s, pool, &x, make([]byte, 1000)) == nil && s.KeepAlive() {
				}
			}()
		}
	}()
	for _, size := range []int{0, 1, 5000, 100_000} {
		body := make([]byte, size)
		for i := range body {
			body[i] = byte(i)
		}
		for range 3 {
			pr, pw := io.Pipe()
			go func() { _, _ = pw.Write(body); _ = pw.Close() }()
			resp, err := http.Post("http://"+front.Addr().String()+"/a?b", "text/plain", pr)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			if err != nil || string(got) != string(body) {
				t.Fatalf("%d bytes, %v; want %d", len(got), err, size)
			}
			if resp.Trailer.Get("X-End") != "done" {
				t.Errorf("trailer %v", resp.Trailer)
			}
			_ = resp.Body.Close()
		}
	}
}
