package http1

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"weir/redact/raw"
)

// exchange does one exchange on c with the upstream's socket up.
func exchange(t testing.TB, up net.Conn, c *ClientConn) {
	t.Helper()
	send(t, c, "GET", "")
	want(t, up, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
	write(t, up, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	var m raw.Message
	if err := c.ReadHead(&m); err != nil {
		t.Fatal(err)
	}
	if body, err := readAll(c.ReadBody); body != "ok" || err != nil {
		t.Fatalf("%q, %v", body, err)
	}
}

// eventually waits until ok.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what + " did not happen")
		}
	}
}

func TestConnectionIsReusedLastUsedFirst(t *testing.T) {
	up, c := dialled(t, nil)
	if c.Reused() {
		t.Error("a fresh connection says it was used")
	}
	exchange(t, up, c)
	p := c.pool
	c.Release()
	again, err := p.Get(context.Background())
	if err != nil || again != c || !again.Reused() {
		t.Fatalf("not reused, %v", err)
	}
	exchange(t, up, again)
	again.Release()
	if p.Idle() != 1 {
		t.Errorf("%d idle", p.Idle())
	}
	p.Close()
	wantEnd(t, up)
	if c := p.Kept(); c != nil {
		t.Error("a closed pool keeps connections")
	}
}

func TestConnectionIsNotReusedAfterAnUnfinishedExchange(t *testing.T) {
	for name, end := range map[string]func(net.Conn, *ClientConn){
		"nothing read": func(_ net.Conn, c *ClientConn) { send(t, c, "GET", "") },
		"body unread": func(up net.Conn, c *ClientConn) {
			send(t, c, "GET", "")
			write(t, up, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			var m raw.Message
			_ = c.ReadHead(&m)
		},
		"request unfinished": func(up net.Conn, c *ClientConn) {
			h := request("POST")
			h.Framing = raw.Chunked
			_ = c.WriteHead(h)
			_ = c.Flush()
			write(t, up, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			var m raw.Message
			_ = c.ReadHead(&m)
			_, _ = readAll(c.ReadBody)
		},
		"aborted": func(up net.Conn, c *ClientConn) { exchange(t, up, c); c.Abort() },
		"asked to close": func(up net.Conn, c *ClientConn) {
			h := request("GET")
			h.Close = true
			_ = c.WriteHead(h)
			_ = c.FinishRequest(nil)
			write(t, up, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			var m raw.Message
			_ = c.ReadHead(&m)
		},
	} {
		t.Run(name, func(t *testing.T) {
			up, c := dialled(t, nil)
			end(up, c)
			c.Release()
			if c.pool.Idle() != 0 {
				t.Error("kept")
			}
			_, _ = io.Copy(io.Discard, up) // returns: it was closed
		})
	}
}

// TestIdleConnectionThatTheUpstreamTouchedIsNotGiven has the pool look before it
// gives, and the sweeper when nobody asks.
func TestIdleConnectionThatTheUpstreamTouchedIsNotGiven(t *testing.T) {
	for name, touch := range map[string]func(net.Conn){
		"closed":      func(up net.Conn) { _ = up.Close() },
		"half closed": func(up net.Conn) { _ = up.(closeWriter).CloseWrite() },
		"reset":       func(up net.Conn) { _ = up.(*net.TCPConn).SetLinger(0); _ = up.Close() },
		"wrote":       func(up net.Conn) { _, _ = io.WriteString(up, "HTTP/1.1 408 Request Timeout\r\n\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			up, c := dialled(t, nil)
			exchange(t, up, c)
			c.Release()
			touch(up)
			eventually(t, "the sweeper's look", func() bool { return c.pool.Idle() == 0 })

			up, c = dialled(t, nil)
			exchange(t, up, c)
			c.Release()
			touch(up)
			var p prober
			eventually(t, "its arrival", func() bool { return p.probe(c.sock) != quiet })
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if got, err := c.pool.Get(ctx); err == nil && got == c {
				t.Error("given")
			}
		})
	}
}

func TestIdleConnectionIsClosedAfterItsTime(t *testing.T) {
	up, c := dialled(t, nil)
	c.pool.cfg.IdleTimeout = 100 * time.Millisecond
	exchange(t, up, c)
	c.Release()
	wantEnd(t, up)
	eventually(t, "the pool's forgetting", func() bool { return c.pool.Idle() == 0 })
}

// TestReusedConnectionThatDiesBeforeItsFirstByteIsStale is what a retry rests on.
func TestReusedConnectionThatDiesBeforeItsFirstByteIsStale(t *testing.T) {
	for name, die := range map[string]func(net.Conn){
		"closed": func(up net.Conn) { _ = up.(closeWriter).CloseWrite() },
		"reset":  func(up net.Conn) { _ = up.(*net.TCPConn).SetLinger(0); _ = up.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			up, c := dialled(t, nil)
			exchange(t, up, c)
			c.Release()
			c, err := c.pool.Get(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			send(t, c, "GET", "")
			want(t, up, "GET / HTTP/1.1\r\n")
			die(up)
			var m raw.Message
			if err := c.ReadHead(&m); err != ErrStale || c.answered.Load() {
				t.Errorf("reused: %v", err)
			}
		})
	}
	t.Run("with its first byte", func(t *testing.T) {
		up, c := dialled(t, nil)
		exchange(t, up, c)
		c.Release()
		c, err := c.pool.Get(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		send(t, c, "GET", "")
		write(t, up, "H")
		halfClose(t, up)
		var m raw.Message
		if err := c.ReadHead(&m); err != io.ErrUnexpectedEOF || !c.answered.Load() {
			t.Errorf("%v", err)
		}
	})
	t.Run("fresh", func(t *testing.T) {
		up, c := dialled(t, nil)
		send(t, c, "GET", "")
		halfClose(t, up)
		var m raw.Message
		if err := c.ReadHead(&m); err != io.ErrUnexpectedEOF {
			t.Errorf("%v", err)
		}
	})
}
