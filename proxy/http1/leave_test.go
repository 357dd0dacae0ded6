package http1

import (
	"net"
	"sync/atomic"
	"testing"
	"time"

	"weir/redact/raw"
)

// abortion counts calls of Abort.
type abortion struct{ n atomic.Int32 }

func (a *abortion) Abort() { a.n.Add(1) }

func TestClientThatLeavesEndsItsUpstream(t *testing.T) {
	for name, c := range map[string]struct {
		behind string // unread bytes in front of the end
		leave  func(net.Conn)
	}{
		"reset":                    {"", func(nc net.Conn) { _ = nc.(*net.TCPConn).SetLinger(0); _ = nc.Close() }},
		"closed":                   {"", func(nc net.Conn) { _ = nc.Close() }},
		"closed behind a pipeline": {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", func(nc net.Conn) { _ = nc.Close() }},
		"half closed":              {"", func(nc net.Conn) { _ = nc.(closeWriter).CloseWrite() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, s := served(t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", nil)
			var m raw.Message
			if err := s.ReadRequest(&m); err != nil {
				t.Fatal(err)
			}
			write(t, client, c.behind)
			var up abortion
			s.Watch(&up)
			c.leave(client)
			eventually(t, "noticing", s.Gone)
			eventually(t, "the abort", func() bool { return up.n.Load() == 1 })
			s.Unwatch()
		})
	}
}

func TestClientThatHalfClosesIsServedWithinASecond(t *testing.T) {
	client, s := served(t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", nil)
	var m raw.Message
	if err := s.ReadRequest(&m); err != nil {
		t.Fatal(err)
	}
	var up abortion
	s.Watch(&up)
	halfClose(t, client)
	from := s.sw.clock.Load()
	eventually(t, "the upstream's taking its time", func() bool { return s.sw.clock.Load() > from+int64(500*time.Millisecond) })
	s.Unwatch()
	if s.Gone() || up.n.Load() != 0 {
		t.Fatal("given up")
	}
	if err := s.Respond(200, "ok"); err != nil {
		t.Fatal(err)
	}
	want(t, client, "HTTP/1.1 200 ")
}

func TestNothingIsAbortedAfterUnwatch(t *testing.T) {
	client, s := served(t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", nil)
	var m raw.Message
	if err := s.ReadRequest(&m); err != nil {
		t.Fatal(err)
	}
	var first, second abortion
	s.Watch(&first)
	s.Unwatch()
	s.Watch(&second)
	_ = client.(*net.TCPConn).SetLinger(0)
	_ = client.Close()
	eventually(t, "the abort", func() bool { return second.n.Load() == 1 })
	if first.n.Load() != 0 {
		t.Error("what was no longer watched was aborted")
	}
}

func TestConnectionThatWaitsHoldsNoBuffer(t *testing.T) {
	client, s := served(t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", nil)
	ended, waits := make(chan error), make(chan bool, 4)
	s.in.stop = func() bool { // asked right before it waits
		waits <- s.in.buf != nil || s.out.buf != nil
		return false
	}
	go func() {
		var m raw.Message
		_ = s.ReadRequest(&m)
		_ = s.Respond(200, "")
		ended <- s.Wait()
		ended <- s.ReadRequest(&m)
	}()
	if <-waits {
		t.Error("holds a buffer")
	}
	write(t, client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
