package relay

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"weir/redact/raw"
)

func TestDrainingEndsIdleConnectionsAndFinishesTheRest(t *testing.T) {
	arrived, answer := make(chan bool), make(chan bool)
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		for {
			h, err := readHeadText(r)
			if err != nil {
				return
			}
			if strings.HasPrefix(h, "GET /slow ") {
				arrived <- true
				<-answer
			}
			_, _ = io.WriteString(c, ok)
		}
	})
	s := reverse(t, up)
	idle, idleR := dial(t, s.addr)
	send(t, idle, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	head(t, idleR)
	_, _ = idleR.Discard(2)
	s.gate.next(t)
	busy, busyR := dial(t, s.addr)
	send(t, busy, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
	<-arrived

	s.Drain()
	if _, err := idleR.ReadByte(); err != io.EOF {
		t.Errorf("idle connection: %v", err)
	}
	_ = idle.Close()
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(context.Background()) }()
	close(answer)
	if h := head(t, busyR); !strings.HasPrefix(h, "HTTP/1.1 200 ") || !strings.Contains(h, "Connection: close\r\n") {
		t.Errorf("busy connection got %q", h)
	}
	_, _ = busyR.Discard(2)
	if _, err := busyR.ReadByte(); err != io.EOF {
		t.Errorf("busy connection: %v", err)
	}
	_ = busy.Close()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("the shutdown never ended")
	}
	if e := s.gate.next(t); e.outcome != raw.Complete {
		t.Errorf("%+v", e)
	}
}

func TestShutdownCutsAtItsDeadlineAndEntersWhatItCut(t *testing.T) {
	for _, c := range []struct{ name, answer, request string }{
		{"waiting", "", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
		{"streaming", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
		{"uploading", "", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\nhalf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			arrived, held := make(chan bool, 1), make(chan bool)
			defer close(held)
			up := script(t, func(conn net.Conn, r *bufio.Reader) {
				_, _ = readHeadText(r)
				_, _ = io.WriteString(conn, c.answer)
				arrived <- true
				<-held
			})
			s := reverse(t, up)
			conn, r := dial(t, s.addr)
			send(t, conn, c.request)
			<-arrived
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if err := s.Shutdown(ctx); err == nil {
				t.Error("nothing was cut")
			}
			if e := s.gate.next(t); e.outcome != raw.Stopped { // made before Shutdown returned
				t.Errorf("%+v", e)
			}
			if b, err := io.ReadAll(r); err == nil && strings.HasSuffix(string(b), "half") && !strings.Contains(c.answer, "9") {
				t.Errorf("client got %q as a whole", b)
			}
		})
	}
}

func TestShutdownOfAnIdleRelayReturnsAtOnce(t *testing.T) {
	s := reverse(t, "127.0.0.1:1")
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// What ends with the relay's context ends because weir stops, whoever notices.
func TestShutdownCutsStreamsOfHTTP2AsStopped(t *testing.T) {
	const streams = 200
	arrived := make(chan bool, streams)
	up := web2(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- true
		<-r.Context().Done()
	}))
	s := start(t, Config{Router: &Hosts{Default: target(t, TargetConfig{Scheme: "h2c", Addresses: []string{up}})}})
	for range streams {
		conn, _ := dial(t, s.addr)
		send(t, conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		<-arrived
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Shutdown(ctx); err == nil {
		t.Error("nothing was cut")
	}
	for range streams {
		if e := s.gate.next(t); e.outcome != raw.Stopped {
			t.Fatalf("%+v", e)
		}
	}
}
