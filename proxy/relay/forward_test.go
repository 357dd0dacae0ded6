package relay

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"weir/proxy/listen"
	"weir/redact/raw"
)

// forward runs a forward listener.
func forward(t testing.TB, cfg AnywhereConfig, connect ConnectHandler) (*station, *Anywhere) {
	t.Helper()
	if cfg.Target.Sweeper == nil {
		cfg.Target.Sweeper = sweeper(t)
	}
	a, err := NewAnywhere(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return start(t, Config{Direction: raw.Outbound, Router: a, Forwarded: ForwardedPass, Connect: connect}), a
}

func TestAbsoluteTargetIsAskedForInOriginForm(t *testing.T) {
	up, heads := always(t, ok)
	s, _ := forward(t, AnywhereConfig{}, nil)
	for _, c := range []struct{ request, line string }{
		{"GET http://" + up + "/a?b HTTP/1.1\r\nHost: " + up + "\r\n", "GET /a?b HTTP/1.1\r\nHost: " + up + "\r\n"},
		{"GET HTTP://" + up + " HTTP/1.1\r\nHost: " + up + "\r\n", "GET / HTTP/1.1\r\nHost: " + up + "\r\n"},
		{"GET http://" + up + "?q HTTP/1.1\r\nHost: " + up + "\r\n", "GET /?q HTTP/1.1\r\nHost: " + up + "\r\n"},
		{"OPTIONS http://" + up + " HTTP/1.1\r\nHost: " + up + "\r\n", "OPTIONS * HTTP/1.1\r\nHost: " + up + "\r\n"},
		{"GET http://" + up + "/ HTTP/1.0\r\nConnection: keep-alive\r\n", "GET / HTTP/1.1\r\nHost: " + up + "\r\n"},
		{"GET http://u:p@" + up + "/ HTTP/1.1\r\nHost: " + up + "\r\nProxy-Authorization: Basic eA==\r\nProxy-Connection: close\r\n", "GET / HTTP/1.1\r\nHost: " + up + "\r\n"},
	} {
		a := talk(t, s.addr, c.request+"Connection: close\r\n\r\n")
		if !strings.HasPrefix(a, "HTTP/1.1 200 ") {
			t.Errorf("%q: answered %q", c.request, a)
			continue
		}
		if h := <-heads; h != c.line+"\r\n" {
			t.Errorf("%q: upstream got %q", c.request, h)
		}
		if e := s.gate.next(t); e.direction != raw.Outbound || e.authority != up || e.scheme != raw.HTTP {
			t.Errorf("%+v", e)
		}
	}
}

func TestAbsoluteHTTPSTargetIsVerified(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	ask := "GET " + srv.URL + "/ HTTP/1.1\r\nHost: " + srv.Listener.Addr().String() + "\r\nConnection: close\r\n\r\n"
	for _, c := range []struct {
		name    string
		tls     *tls.Config
		status  string
		outcome raw.Outcome
	}{
		{"known authority", &tls.Config{RootCAs: roots}, "200", raw.Complete},
		{"unknown authority", nil, "502", raw.UpstreamUnreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := forward(t, AnywhereConfig{Target: TargetConfig{TLS: c.tls}}, nil)
			a := talk(t, s.addr, ask)
			if !strings.HasPrefix(a, "HTTP/1.1 "+c.status+" ") || strings.Contains(a, "x509") {
				t.Errorf("answered %q", a)
			}
			if e := s.gate.next(t); e.outcome != c.outcome || e.scheme != raw.HTTPS {
				t.Errorf("%+v", e)
			}
		})
	}
	if _, err := NewTarget(TargetConfig{Scheme: "https", Addresses: []string{"a:1"}, Sweeper: sweeper(t), TLS: &tls.Config{InsecureSkipVerify: true}}); err == nil {
		t.Error("an unverified upstream was accepted")
	}
}

func TestOriginFormOnAForwardListenerIsRefused(t *testing.T) {
	s, _ := forward(t, AnywhereConfig{}, nil)
	for _, line := range []string{"GET / ", "OPTIONS * "} {
		if a := talk(t, s.addr, line+"HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(a, "HTTP/1.1 400 ") {
			t.Errorf("answered %q", a)
		}
		if e := s.gate.next(t); e.outcome != raw.Refused || e.reason != NotForProxy {
			t.Errorf("%+v", e)
		}
	}
}

func TestForbiddenAddressesAreRefusedAfterNameResolution(t *testing.T) {
	admin, heads := always(t, ok)
	_, port, _ := net.SplitHostPort(admin)
	own := Own([]netip.AddrPort{netip.MustParseAddrPort("0.0.0.0:" + port)})
	s, _ := forward(t, AnywhereConfig{Target: TargetConfig{Forbidden: own}}, nil)
	for _, host := range []string{"127.0.0.1:" + port, "localhost:" + port, "127.9.9.9:" + port, "[::ffff:127.0.0.1]:" + port, "0.0.0.0:" + port,
		"169.254.169.254", "100.100.100.200", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a9fe:a9fe]", "[fd20:ce::254]", "[fd00:42::42]", "[fe80::1]", "[fd00:ec2::254]:80", "0.0.0.0", "[::]"} {
		a := talk(t, s.addr, "GET http://"+host+"/ HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
		e := s.gate.next(t)
		if !strings.HasPrefix(a, "HTTP/1.1 403 ") || e.outcome != raw.Refused || e.reason != ForbiddenAddress {
			t.Errorf("%s: %q %+v", host, a, e)
		}
	}
	if len(heads) > 0 {
		t.Errorf("the admin port got %q", <-heads)
	}
}

func TestReverseListenerBeforeItselfDoesNotLoop(t *testing.T) {
	hosts := &Hosts{}
	s := start(t, Config{Router: hosts})
	self := netip.MustParseAddrPort(s.addr)
	hosts.Default = target(t, TargetConfig{Addresses: []string{"localhost:" + fmt.Sprint(self.Port())}, Forbidden: Own([]netip.AddrPort{self})})
	if a := talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(a, "HTTP/1.1 502 ") {
		t.Errorf("answered %q", a)
	}
	if e := s.gate.next(t); e.reason != ForbiddenAddress {
		t.Errorf("%+v", e)
	}
	s.gate.none(t)
}

func TestTableOfTargetsIsBounded(t *testing.T) {
	up, _ := always(t, ok)
	_, port, _ := net.SplitHostPort(up)
	s, a := forward(t, AnywhereConfig{Size: 3}, nil)
	c, r := dial(t, s.addr)
	for range 3 {
		for _, host := range []string{"127.0.0.1:" + port, "localhost:" + port, "LOCALHOST:" + port} {
			send(t, c, "GET http://"+host+"/ HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
			head(t, r)
			_, _ = r.Discard(2)
			if e := s.gate.next(t); e.outcome != raw.Complete {
				t.Fatalf("%s: %+v", host, e)
			}
		}
	}
	if len(a.table) != 2 {
		t.Errorf("%d targets for two hosts", len(a.table))
	}
	for i := range 20 {
		x := raw.Exchange{}
		x.Request.Scheme = raw.HTTP
		x.Request.Authority = x.Request.AppendString(fmt.Sprintf("h%d.example", i))
		if _, err := a.Route(&x); err != nil {
			t.Fatal(err)
		}
	}
	if len(a.table) > 3 {
		t.Errorf("%d targets are kept", len(a.table))
	}
}

func TestEvictedTargetStillServesWhoHoldsIt(t *testing.T) {
	up, _ := always(t, ok)
	to := target(t, TargetConfig{Addresses: []string{up}})
	to.Close()
	s := start(t, Config{Router: &Hosts{Default: to}})
	for range 2 {
		if a := talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(a, "HTTP/1.1 200 ") {
			t.Errorf("answered %q", a)
		}
	}
}

// tunnels serves CONNECT by dialling what was asked for.
type tunnels struct{}

func (tunnels) Connect(x *raw.Exchange, c Client) int {
	up, err := net.Dial("tcp", string(x.Request.Peek(x.Request.Authority)))
	if err != nil {
		return 502
	}
	client, err := c.Takeover()
	if err != nil {
		return 500
	}
	_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
	x.BytesUp, x.BytesDown, _ = listen.Splice(client, up, 0)
	return 0
}

func TestConnectIsHandedOnWithItsEarlyBytes(t *testing.T) {
	up := script(t, func(c net.Conn, r *bufio.Reader) { _, _ = io.Copy(c, r) })
	s, _ := forward(t, AnywhereConfig{}, tunnels{})
	c, r := dial(t, s.addr)
	send(t, c, "CONNECT "+up+" HTTP/1.1\r\nHost: "+up+"\r\n\r\nearly ")
	head(t, r)
	send(t, c, "late")
	_ = c.(*net.TCPConn).CloseWrite()
	if b, err := io.ReadAll(r); err != nil || string(b) != "early late" {
		t.Errorf("%q, %v", b, err)
	}
	if e := s.gate.next(t); e.up != 10 || e.down != 10 || e.outcome != raw.Complete || e.method != "CONNECT" || e.authority != up {
		t.Errorf("%+v", e)
	}
	if a := talk(t, s.addr, "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n"); !strings.HasPrefix(a, "HTTP/1.1 502 ") {
		t.Errorf("answered %q", a)
	}
	if e := s.gate.next(t); e.outcome != raw.UpstreamUnreachable {
		t.Errorf("%+v", e)
	}
}

func TestConnectIsRefusedWhereItIsNotServed(t *testing.T) {
	up, heads := always(t, ok)
	s, _ := forward(t, AnywhereConfig{}, nil)
	for _, addr := range []string{s.addr, reverse(t, up).addr} {
		if a := talk(t, addr, "CONNECT "+up+" HTTP/1.1\r\nHost: "+up+"\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(a, "HTTP/1.1 405 ") || !strings.Contains(a, "Allow: ") {
			t.Errorf("answered %q", a)
		}
	}
	if e := s.gate.next(t); e.outcome != raw.Refused || e.reason != ConnectRefused {
		t.Errorf("%+v", e)
	}
	if len(heads) > 0 {
		t.Errorf("upstream got %q", <-heads)
	}
}
