//go:build peers

package peers

import (
	"crypto/rand"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Handshakes that stop halfway end when limits.handshake says so, and bytes that
// are no TLS at once. Neither is an exchange.
func TestTLSStallsAndGarbageHurtNobody(t *testing.T) {
	hello := "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" // of a ClientHello of 512 bytes, the first ones
	for _, c := range []struct {
		name string
		send func() string
	}{
		{"nothing", func() string { return "" }},
		{"a ClientHello's beginning", func() string { return hello }},
		{"garbage", func() string { b := make([]byte, 4<<10); _, _ = rand.Read(b); return string(b) }},
		{"a record of garbage", func() string { return hello + strings.Repeat("\xff", 600) }},
		{"plain HTTP", func() string { return "GET / HTTP/1.1\r\nHost: www.x.example\r\n\r\n" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			const n = 800
			s := besiege(t, "limits: {handshake: 2s, read_head: 2s}")
			conns := s.conns(tlsListener, n)
			each(conns, func(_ int, conn net.Conn) {
				_, _ = io.WriteString(conn, c.send())
				_, _ = io.Copy(io.Discard, conn) // until weir closes
			})
			closeAll(conns)
			s.lift(bound{memory: n * 64 << 10, descriptors: n + 20})
			for _, e := range s.in.entries() {
				if e.text("url.path") != "/probe" {
					t.Errorf("%v", e)
				}
			}
		})
	}
}

// flood opens connections from another address than the probe's, and counts
// those that were refused and those that were not.
func (s *siege) flood(listener, n int) (taken []net.Conn, refused int) {
	s.t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	var open []net.Conn
	for range n {
		c, err := d.Dial("tcp", s.in.addrs[listener])
		switch {
		case errors.Is(err, syscall.ECONNRESET):
			refused++
		case err != nil:
			s.t.Fatal(err)
		default:
			open = append(open, c)
		}
	}
	for _, c := range open {
		_, _ = io.WriteString(c, "GET /small HTTP/1.1\r\nHost: www.x.example\r\n\r\n")
		_ = c.SetDeadline(time.Now().Add(patience))
		if _, err := c.Read(make([]byte, 1)); err != nil {
			refused++
			_ = c.Close()
			continue
		}
		_, _ = c.Read(make([]byte, 4<<10))
		taken = append(taken, c)
	}
	s.t.Cleanup(func() { closeAll(taken) })
	return taken, refused
}

// Connections beyond limits.connections are refused at once. Those that are
// there are served on, and new ones again as soon as there is room.
func TestConnectionsBeyondTheLimitAreRefusedAtOnce(t *testing.T) {
	const limit, flood = 300, 3000
	s := besiege(t, "limits: {connections: 300}")
	kept := s.conns(plainListener, limit-50)
	for _, c := range kept {
		ask(t, c)
	}
	s.pauseProbe() // its new connections would be refused too
	taken, refused := s.flood(plainListener, flood)
	t.Logf("of %d connections beside %d kept ones and a limit of %d: %d taken, %d refused", flood, len(kept), limit, len(taken), refused)
	if len(taken) > 50 || refused < flood-50 {
		t.Errorf("%d taken", len(taken))
	}
	for _, c := range kept {
		ask(t, c)
	}
	closeAll(taken)
	closeAll(kept)
	eventually(t, "room", func() bool { return s.in.metric("weir_connections_active") < 10 })
	s.resumeProbe()
	t.Logf("entries: %v", s.ended("/small", 2*len(kept)+len(taken)))
	s.lift(bound{memory: 32 << 20, descriptors: limit + 60})
}

// With limits.client_connections one client's flood is no other client's matter.
func TestOneClientsFloodIsNoOtherClientsMatter(t *testing.T) {
	const limit, flood = 100, 4000
	s := besiege(t, "limits: {client_connections: 100}")
	for _, listener := range []int{plainListener, tlsListener, forwardListener} {
		taken, refused := s.flood(listener, flood)
		t.Logf("listener %d: of %d connections of one client and a limit of %d: %d taken, %d refused", listener, flood, limit, len(taken), refused)
		if listener == plainListener && len(taken) != limit || refused < flood-limit {
			t.Errorf("%d taken", len(taken))
		}
		closeAll(taken)
	}
	// What speaks no TLS is let go of, and makes room for some that wait to be accepted.
	if n := s.in.metric("weir_connections_refused_total"); n < 3*(flood-limit)-limit {
		t.Errorf("%v counted", n)
	}
	s.lift(bound{memory: 32 << 20, descriptors: 3*limit + 60})
}

// ask makes one request on a connection that is kept.
func ask(t *testing.T, c net.Conn) {
	t.Helper()
	_ = c.SetDeadline(time.Now().Add(patience))
	_, _ = io.WriteString(c, "GET /small HTTP/1.1\r\nHost: www.x.example\r\n\r\n")
	var got []byte
	b := make([]byte, 4<<10)
	for !strings.HasSuffix(string(got), "\r\n\r\nwell") {
		n, err := c.Read(b)
		if got = append(got, b[:n]...); err != nil {
			t.Fatalf("%v after %q", err, got)
		}
	}
}
