package relay

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"weir/redact/raw"
)

// settled waits until count is back at what it was.
func settled(t *testing.T, what string, was int, count func() int) {
	t.Helper()
	end := time.Now().Add(patience)
	for count() > was {
		if time.Now().After(end) {
			b := make([]byte, 1<<20)
			t.Fatalf("%d %s, there were %d\n%s", count(), what, was, b[:runtime.Stack(b, true)])
		}
		time.Sleep(10 * time.Millisecond) // there is nothing to wait for but the count
	}
}

func descriptors() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}

func TestEndedTunnelsAndExchangesLeaveNothingBehind(t *testing.T) {
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		h, _ := readHeadText(r)
		if bytes.Contains([]byte(h), []byte("Upgrade")) {
			_, _ = io.WriteString(c, "HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
			_, _ = io.Copy(c, r)
			return
		}
		_, _ = io.WriteString(c, ok)
	})
	s := reverse(t, up)
	round := func() {
		for i := range 20 {
			c, err := net.Dial("tcp", s.addr)
			if err != nil {
				t.Fatal(err)
			}
			switch i % 4 {
			case 0: // half-closed by the client
				fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello")
				_ = c.(*net.TCPConn).CloseWrite()
				_, _ = io.Copy(io.Discard, c)
			case 1: // left
				fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello")
			case 2:
				fmt.Fprint(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\nhalf")
			default:
				fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
				_, _ = io.Copy(io.Discard, c)
			}
			_ = c.Close()
		}
		for range 20 {
			s.gate.next(t)
		}
	}
	round()
	settled(t, "live connections", 0, func() int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.live) })
	goroutines, files := runtime.NumGoroutine(), descriptors()
	for range 5 {
		round()
	}
	settled(t, "live connections", 0, func() int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.live) })
	settled(t, "goroutines", goroutines+2, runtime.NumGoroutine)
	settled(t, "descriptors", files+4, descriptors)
}

// TestNothingOfAnExchangeIsUsedAfterItsObserver relies on the gate of these
// tests, which overwrites both arenas: what is on its way to either side by then
// must not change, and the next exchange must not see it.
func TestNothingOfAnExchangeIsUsedAfterItsObserver(t *testing.T) {
	bodies := make(chan string, 8)
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		for {
			m, err := readMessage(r, false, false)
			if err != nil {
				return
			}
			bodies <- m
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-Long: "+string(bytes.Repeat([]byte("y"), 9000))+"\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-T: z\r\n\r\n")
		}
	})
	s := reverse(t, up)
	c, r := dial(t, s.addr)
	const q = "POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-Q: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-T: up\r\n\r\n"
	send(t, c, q+q+q) // the second and third are read after the first was overwritten
	for range 3 {
		m, err := readMessage(r, false, false)
		if err != nil || bytes.Contains([]byte(m), []byte("#")) || !bytes.HasSuffix([]byte(m), []byte("body\nX-T: z\r\n\r\n")) {
			t.Fatalf("client got %q, %v", m, err)
		}
		if m := <-bodies; m != "POST /a?b=c HTTP/1.1\nHost: x\nX-Q: 1\nX-Forwarded-For: 127.0.0.1\n\nhi\nX-T: up\r\n\r\n" {
			t.Errorf("upstream got %q", m)
		}
		if e := s.gate.next(t); e.outcome != raw.Complete || e.target != "/a?b=c" {
			t.Errorf("%+v", e)
		}
	}
}
