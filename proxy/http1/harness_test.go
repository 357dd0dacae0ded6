package http1

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"weir/redact/raw"
)

// patience is how long a test waits for what should come by itself.
const patience = 20 * time.Second

// served is a client's socket and our side of it, to which sent was written.
func served(t testing.TB, sent string, change func(*Limits)) (net.Conn, *ServerConn) {
	client, server := loopback(t)
	lim := Default()
	lim.Linger = time.Second
	if change != nil {
		change(&lim)
	}
	s := NewServerConn(server, &lim, newSweeper(t))
	t.Cleanup(s.Abort)
	_ = client.SetDeadline(time.Now().Add(patience))
	write(t, client, sent)
	return client, s
}

func write(t testing.TB, w io.Writer, s string) {
	t.Helper()
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
}

// fetched is our side of a connection to an upstream that has been sent a
// request and has answered with response, and then ended its direction.
func fetched(t testing.TB, method, response string) *ClientConn {
	up, c := dialled(t, nil)
	send(t, c, method, "")
	write(t, up, response)
	_ = up.(*net.TCPConn).CloseWrite()
	return c
}

// dialled is an upstream's socket and our connection to it.
func dialled(t testing.TB, change func(*Limits)) (net.Conn, *ClientConn) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	lim := Default()
	if change != nil {
		change(&lim)
	}
	p, err := NewPool(PoolConfig{Limits: &lim, Sweeper: newSweeper(t), Dial: func(context.Context) (net.Conn, error) {
		return net.Dial("tcp", ln.Addr().String())
	}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Get(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	up, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = up.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() { c.Abort(); p.Close(); _ = up.Close() })
	return up, c
}

// message makes a message of "Name: value" lines.
func message(lines ...string) *raw.Message {
	m := &raw.Message{}
	m.Reset()
	for _, l := range lines {
		name, v, _ := strings.Cut(l, ": ")
		m.Add([]byte(name), []byte(v))
	}
	return m
}

func request(method string, lines ...string) *raw.Head {
	m := message(append([]string{"Host: a.example"}, lines...)...)
	return &raw.Head{From: m, Method: m.AppendString(method), Target: m.AppendString("/"), Header: m.Header}
}

func response(status int, lines ...string) *raw.Head {
	m := message(lines...)
	return &raw.Head{From: m, Status: status, Reason: m.AppendString("Fine"), Header: m.Header}
}

// send sends a request without a body.
func send(t testing.TB, c *ClientConn, method, upgrade string) {
	t.Helper()
	h := request(method)
	if upgrade != "" {
		h.Upgrade = h.From.AppendString(upgrade)
	}
	if err := c.WriteHead(h); err != nil {
		t.Fatal(err)
	}
	if err := c.FinishRequest(nil); err != nil {
		t.Fatal(err)
	}
}

// readAll reads a body to its end.
func readAll(read func([]byte) (int, error)) (string, error) {
	var b strings.Builder
	buf := make([]byte, 7)
	for {
		n, err := read(buf)
		b.Write(buf[:n])
		if err != nil {
			if err == io.EOF {
				err = nil
			}
			return b.String(), err
		}
	}
}

// reasonOf is the reason that err refuses for.
func reasonOf(err error) string {
	var r *RefusedError
	var f *FramingError
	switch {
	case errors.As(err, &r):
		return r.Reason
	case errors.As(err, &f):
		return f.Reason
	case err == nil:
		return ""
	}
	return err.Error()
}

// want fails unless got is what the peer wrote next.
func want(t testing.TB, from io.Reader, text string) {
	t.Helper()
	b := make([]byte, len(text))
	if n, err := io.ReadFull(from, b); err != nil || string(b) != text {
		t.Fatalf("got %q, %v; want %q", b[:n], err, text)
	}
}

// wantEnd fails unless the peer ends the connection cleanly and says nothing more.
func wantEnd(t testing.TB, from io.Reader) {
	t.Helper()
	if b, err := io.ReadAll(from); err != nil || len(b) > 0 {
		t.Fatalf("got %q, %v; want the end", b, err)
	}
}
