package listen

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func listener(t testing.TB, cfg Config) *Listener {
	t.Helper()
	if cfg.Address == "" {
		cfg.Address = "127.0.0.1:0"
	}
	l, err := Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// dialed returns both ends of a connection through l.
func dialed(t testing.TB, l *Listener) (client *net.TCPConn, server *Conn) {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return c.(*net.TCPConn), s
}

func send(t testing.TB, c net.Conn, b string) {
	t.Helper()
	if _, err := io.WriteString(c, b); err != nil {
		t.Fatal(err)
	}
}

func TestSniffingTellsKindsApartAndLosesNothing(t *testing.T) {
	l := listener(t, Config{Trust: mustTrust(t, "127.0.0.0/8")})
	v1 := "PROXY TCP4 203.0.113.9 192.0.2.1 4444 80\r\n"
	v2 := string(header2(0x21, 0x21, inet6(), nil))
	for name, c := range map[string]struct {
		header, body string
		kind         Kind
		client       string
	}{
		"http1":           {"", "GET / HTTP/1.1\r\n", HTTP1, ""},
		"http1 with P":    {"", "POST / HTTP/1.1\r\n", HTTP1, ""},
		"nearly http2":    {"", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", HTTP1, ""},
		"http2":           {"", string(preface) + "frames", HTTP2, ""},
		"tls":             {"", "\x16\x03\x01\x00\x05hello", TLS, ""},
		"v1 before http1": {v1, "GET /", HTTP1, "203.0.113.9:4444"},
		"v2 before http1": {v2, "GET /", HTTP1, "[2001:db8::9]:4444"},
		"v1 before http2": {v1, string(preface), HTTP2, "203.0.113.9:4444"},
		"v2 before tls":   {v2, "\x16\x03\x01", TLS, "[2001:db8::9]:4444"},
	} {
		for _, piecemeal := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				client, server := dialed(t, l)
				go func() {
					step := len(c.header) + len(c.body)
					if piecemeal {
						step = 1
					}
					for b := c.header + c.body; len(b) > 0; b = b[step:] {
						_, _ = io.WriteString(client, b[:step])
					}
					_ = client.CloseWrite()
				}()
				kind, err := server.Sniff(10 * time.Second)
				if err != nil || kind != c.kind {
					t.Fatalf("%v %v", kind, err)
				}
				want := server.Peer()
				if c.client != "" {
					want = netip.MustParseAddrPort(c.client)
				}
				if server.Client() != want {
					t.Errorf("client %v", server.Client())
				}
				if got, err := io.ReadAll(server); err != nil || string(got) != c.body {
					t.Errorf("read %q %v", got, err)
				}
			})
		}
	}
}

func TestAProxyHeaderOfAnUntrustedPeerIsNotRead(t *testing.T) {
	l := listener(t, Config{Trust: mustTrust(t, "10.0.0.0/8")})
	client, server := dialed(t, l)
	header := "PROXY TCP4 203.0.113.9 192.0.2.1 4444 80\r\n"
	send(t, client, header)
	_ = client.CloseWrite()
	if kind, err := server.Sniff(10 * time.Second); err != nil || kind != HTTP1 || server.Client() != server.Peer() {
		t.Error(kind, err, server.Client())
	}
	if got, _ := io.ReadAll(server); string(got) != header {
		t.Errorf("read %q", got)
	}
}

func TestAMalformedProxyHeaderIsAnError(t *testing.T) {
	l := listener(t, Config{Trust: mustTrust(t, "127.0.0.1")})
	client, server := dialed(t, l)
	send(t, client, "PROXY TCP4 nonsense\r\n")
	if _, err := server.Sniff(10 * time.Second); err != ErrProxyHeader {
		t.Error(err)
	}
}

func TestASilentPeerIsGivenUpAndOneThatLeavesIsNoError(t *testing.T) {
	l := listener(t, Config{Trust: mustTrust(t, "127.0.0.1")})
	client, server := dialed(t, l)
	send(t, client, "PROXY TC")
	if _, err := server.Sniff(20 * time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	client, server = dialed(t, l)
	_ = client.Close()
	if _, err := server.Sniff(10 * time.Second); err != io.EOF {
		t.Error(err)
	}
}

func TestASlowPeerDoesNotHoldUpOthers(t *testing.T) {
	l := listener(t, Config{Trust: mustTrust(t, "127.0.0.1")})
	slow, _ := dialed(t, l)
	send(t, slow, "PROXY ")
	_, quick := dialed(t, l) // is accepted
	if quick.Peer() == (netip.AddrPort{}) {
		t.Error("no peer")
	}
}

func TestPeekingIsBounded(t *testing.T) {
	l := listener(t, Config{})
	client, server := dialed(t, l)
	go func() { _, _ = client.Write(bytes.Repeat([]byte("x"), 2*MaxPeek)) }()
	if b, err := server.Peek(MaxPeek); err != nil || len(b) != MaxPeek {
		t.Fatal(len(b), err)
	}
	if b, err := server.Peek(MaxPeek + 1); err != ErrPeek || len(b) != MaxPeek {
		t.Error(len(b), err)
	}
	if n, err := io.ReadFull(server, make([]byte, 2*MaxPeek)); err != nil {
		t.Error(n, err)
	}
	// Peeking again after a part was read.
	send(t, client, "abcdef")
	if _, err := server.Peek(6); err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadFull(server, make([]byte, 2))
	send(t, client, "ghi")
	if b, err := server.Peek(7); err != nil || string(b) != "cdefghi" {
		t.Errorf("%q %v", b, err)
	}
}

// accepting hands on what l accepts until it is closed.
func accepting(t *testing.T, l *Listener) <-chan *Conn {
	t.Helper()
	accepted := make(chan *Conn, 16)
	go func() {
		defer close(accepted)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	return accepted
}

// reaches reports whether a connection is taken; one that is not was reset.
func reaches(t *testing.T, l *Listener, accepted <-chan *Conn, refused <-chan bool) (server *Conn, ofClient bool) {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err == nil {
		t.Cleanup(func() { _ = c.Close() })
	} else if !errors.Is(err, syscall.ECONNRESET) { // before the dialer had looked
		t.Fatal(err)
	}
	select {
	case server = <-accepted:
		return server, false
	case ofClient = <-refused:
		if err == nil {
			_, err = c.Read(make([]byte, 1))
		}
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("refused by %v", err)
		}
		return nil, ofClient
	}
}

func TestConnectionsBeyondTheLimitAreRefusedUntilThereIsRoom(t *testing.T) {
	for _, c := range []struct {
		name     string
		cfg      Config
		ofClient bool
	}{
		{"of all", Config{MaxConns: 2}, false},
		{"of a client", Config{MaxConns: 10, MaxClientConns: 2}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused := make(chan bool, 16)
			c.cfg.Refused = func(ofClient bool) { refused <- ofClient }
			l := listener(t, c.cfg)
			accepted := accepting(t, l)
			first, _ := reaches(t, l, accepted, refused)
			second, _ := reaches(t, l, accepted, refused)
			if first == nil || second == nil {
				t.Fatal("refused within the limit")
			}
			for range 3 {
				if third, ofClient := reaches(t, l, accepted, refused); third != nil || ofClient != c.ofClient {
					t.Errorf("beyond the limit: %v, because of the client: %v", third, ofClient)
				}
			}
			_ = first.Close()
			_ = first.Close() // counts once
			if third, _ := reaches(t, l, accepted, refused); third == nil {
				t.Error("there is room")
			}
			if fourth, _ := reaches(t, l, accepted, refused); fourth != nil || l.Open() != 2 {
				t.Error(fourth, l.Open())
			}
		})
	}
}

// A trusted peer stands for many clients.
func TestTrustedPeersMayHaveAnyNumberOfConnections(t *testing.T) {
	trust, err := ParseTrust([]string{"127.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	refused := make(chan bool, 16)
	l := listener(t, Config{MaxClientConns: 1, Trust: trust, Refused: func(ofClient bool) { refused <- ofClient }})
	accepted := accepting(t, l)
	for range 5 {
		if c, _ := reaches(t, l, accepted, refused); c == nil {
			t.Error("refused")
		}
	}
}

func TestAClientIsAnAddressOrANetworkOfIPv6(t *testing.T) {
	for address, client := range map[string]string{
		"192.0.2.1": "192.0.2.1", "192.0.2.2": "192.0.2.2", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::", "2001:db8:1:2::1": "2001:db8:1:2::", "fe80::1%eth0": "fe80::",
	} {
		if got := clientOf(netip.MustParseAddr(address)).String(); got != client {
			t.Errorf("%s: %s", address, got)
		}
	}
}

func TestAcceptEndsWithTheListener(t *testing.T) {
	l := listener(t, Config{})
	done := make(chan error)
	go func() { _, err := l.Accept(); done <- err }()
	_ = l.Close()
	if err := <-done; err != net.ErrClosed {
		t.Error(err)
	}
}

// failing is a listener whose Accept fails some times.
type failing struct {
	net.Listener
	left int
}

func (f *failing) Accept() (net.Conn, error) {
	if f.left--; f.left >= 0 {
		return nil, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return f.Listener.Accept()
}

func TestAcceptingGoesOnWhenDescriptorsHaveRunOut(t *testing.T) {
	told := make(chan error, 10)
	l := listener(t, Config{Failing: func(err error) { told <- err }})
	l.inner = &failing{l.inner, 2}
	dialed(t, l)
	if len(told) != 2 {
		t.Fatal(len(told))
	}
	if err := <-told; !errors.Is(err, syscall.EMFILE) || strings.Contains(err.Error(), "127.0.0.1") {
		t.Error(err)
	}
}

func TestErrorsOfListeningSayWhatToDo(t *testing.T) {
	l := listener(t, Config{})
	taken := l.Addr().String()
	for address, want := range map[string]string{
		taken:          "cannot listen on " + taken + ": address already in use",
		"192.0.2.1:0":  "cannot listen on 192.0.2.1:0: this machine has no such address",
		"8080":         "write one like",
		"localhost:x":  "no port",
		":70000":       "no port",
		"127.0.0.1:-1": "no port",
	} {
		if _, err := Listen(Config{Address: address}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := explain(os.NewSyscallError("bind", syscall.EACCES)); !strings.Contains(err.Error(), "below 1024") {
		t.Error(err)
	}
}

func TestAConnectionPrintsNeitherAddressNorBytes(t *testing.T) {
	client, server := dialed(t, listener(t, Config{}))
	send(t, client, "canary")
	if _, err := server.Peek(6); err != nil {
		t.Fatal(err)
	}
	s := fmt.Sprintf("%v %+v %#v %s %q %x %v", server, server, server, server, server, server, []any{server})
	if strings.Contains(s, "127.0.0.1") || strings.Contains(s, "canary") || strings.Contains(s, fmt.Sprintf("%x", "canary")) {
		t.Error(s)
	}
}
