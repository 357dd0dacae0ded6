package relay

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"weir/redact/raw"
)

// onPort hires crews at several loopback addresses and one port.
func onPort(t *testing.T, hosts ...string) (port string, crews []*crew) {
	t.Helper()
	first := hire(t, hosts[0], hosts[0]+":0", false)
	_, port, _ = net.SplitHostPort(first.addr)
	crews = append(crews, first)
	for _, h := range hosts[1:] {
		crews = append(crews, hire(t, h, net.JoinHostPort(h, port), false))
	}
	return port, crews
}

// eventually waits for what must come.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) { // there is nothing to wait for but the state
		if time.Now().After(end) {
			t.Fatal(what + " did not happen")
		}
	}
}

// TestNamesAreResolvedAgain follows a name from one address to two, to another,
// through a resolver that fails and through one that has forgotten it.
func TestNamesAreResolvedAgain(t *testing.T) {
	z := serveNames(t)
	port, crews := onPort(t, "127.0.0.2", "127.0.0.3", "127.0.0.4")
	z.set("app.example", addrs("127.0.0.2"))
	to := target(t, TargetConfig{Addresses: []string{"app.example:" + port}, Resolver: z.Resolver, Resolve: 20 * time.Millisecond, Connect: time.Second})
	s := start(t, Config{Router: &Hosts{Default: to}})
	leads := func(want ...string) func() bool {
		return func() bool {
			var got []string
			for _, st := range to.State() {
				host, _, _ := net.SplitHostPort(st.Address)
				got = append(got, host)
			}
			return strings.Join(got, " ") == strings.Join(want, " ")
		}
	}
	if got, e := s.get(t); got != "200 127.0.0.2" || e.attempts != 1 {
		t.Fatalf("%q %+v", got, e)
	}
	z.set("app.example", addrs("127.0.0.2", "127.0.0.3"))
	eventually(t, "the second address", leads("127.0.0.2", "127.0.0.3"))
	if st := to.State()[0]; st.Idle != 1 { // it keeps its connection
		t.Errorf("%+v", st)
	}
	seen := map[string]bool{}
	for range 4 {
		got, _ := s.get(t)
		seen[got] = true
	}
	if !seen["200 127.0.0.2"] || !seen["200 127.0.0.3"] {
		t.Errorf("%v", seen)
	}

	// One that is gone ends with what it carries.
	arrived, release := make(chan bool), make(chan bool)
	slow := func(w http.ResponseWriter, _ *http.Request) { arrived <- true; <-release; fmt.Fprint(w, "slow") }
	crews[0].does(slow)
	crews[1].does(slow)
	answer := make(chan string)
	go func() {
		answer <- talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	}()
	<-arrived
	z.set("app.example", addrs("127.0.0.4"))
	eventually(t, "the move", leads("127.0.0.4"))
	release <- true
	if a := <-answer; !strings.HasSuffix(a, "slow") {
		t.Errorf("cut off: %q", a)
	}
	if e := s.gate.next(t); e.outcome != raw.Complete {
		t.Errorf("%+v", e)
	}

	for _, trouble := range []func(){func() { z.fail(true) }, func() { z.fail(false); z.set("app.example") }} {
		trouble()
		before := z.times("app.example")
		eventually(t, "another look", func() bool { return z.times("app.example") > before+1 })
		if got, _ := s.get(t); got != "200 127.0.0.4" {
			t.Errorf("%q", got)
		}
	}
	if n := crews[2].served.Load(); n != 2 {
		t.Errorf("%d served", n)
	}
}

// TestNameThatLeadsNowhereYetIsWaitedFor has a name that resolves only later.
func TestNameThatLeadsNowhereYetIsWaitedFor(t *testing.T) {
	z := serveNames(t)
	port, _ := onPort(t, "127.0.0.2")
	to := target(t, TargetConfig{Addresses: []string{"app.example:" + port}, Resolver: z.Resolver, Resolve: time.Hour, Connect: time.Second})
	s := start(t, Config{Router: &Hosts{Default: to}})
	if got, e := s.get(t); !strings.HasPrefix(got, "502") || e.outcome != raw.UpstreamUnreachable {
		t.Errorf("%q %+v", got, e)
	}
	z.set("app.example", addrs("127.0.0.2")) // an hour before its time
	s.until(t, "200 127.0.0.2")
}

// TestUpstreamThatMovedIsFoundBeforeItsTime has connecting fail where a name led.
func TestUpstreamThatMovedIsFoundBeforeItsTime(t *testing.T) {
	z := serveNames(t)
	port, crews := onPort(t, "127.0.0.2", "127.0.0.3")
	z.set("app.example", addrs("127.0.0.2"))
	to := target(t, TargetConfig{Addresses: []string{"app.example:" + port}, Resolver: z.Resolver, Resolve: time.Hour, Connect: time.Second})
	s := start(t, Config{Router: &Hosts{Default: to}})
	s.until(t, "200 127.0.0.2")
	z.set("app.example", addrs("127.0.0.3"))
	crews[0].stop()
	s.until(t, "200 127.0.0.3")
}

// TestNoNameIsAFunnelForRefusedAddresses is DNS rebinding: what is judged is the
// address that is connected to, each time, whatever the name led to before.
func TestNoNameIsAFunnelForRefusedAddresses(t *testing.T) {
	z := serveNames(t)
	port, crews := onPort(t, "127.0.0.2", "127.0.0.1")
	own := Own([]netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:" + port)})
	s, _ := forward(t, AnywhereConfig{Target: TargetConfig{Forbidden: own, Resolver: z.Resolver, Connect: time.Second}}, nil)
	ask := func(host string) (string, entry) {
		t.Helper()
		a := talk(t, s.addr, "GET http://"+host+":"+port+"/ HTTP/1.1\r\nHost: "+host+":"+port+"\r\nConnection: close\r\n\r\n")
		status, _, _ := strings.Cut(strings.TrimPrefix(a, "HTTP/1.1 "), " ")
		return status, s.gate.next(t)
	}
	crews[0].does(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
	z.set("rebound.example", addrs("127.0.0.2"), addrs("127.0.0.1"))
	if status, e := ask("rebound.example"); status != "200" {
		t.Errorf("%s %+v", status, e)
	}
	for host, leads := range map[string][]netip.Addr{
		"rebound.example": nil, "own.example": addrs("127.0.0.1"), "mapped.example": addrs("::ffff:127.0.0.1"), "zero.example": addrs("0.0.0.0"),
		"zero6.example": addrs("::"), "metadata.example": addrs("169.254.169.254"), "metadata6.example": addrs("fd00:ec2::254"), "alibaba.example": addrs("100.100.100.200"),
		"azure.example": addrs("168.63.129.16"), "nat64.example": addrs("64:ff9b::a9fe:a9fe"), "linklocal.example": addrs("fe80::1"), "two.example": addrs("127.0.0.1", "169.254.169.254"),
	} {
		if leads != nil {
			z.set(host, leads)
		}
		if status, e := ask(host); status != "403" || e.outcome != raw.Refused || e.reason != ForbiddenAddress {
			t.Errorf("%s: %s %+v", host, status, e)
		}
	}
	// Of several addresses those that may be reached are.
	z.set("some.example", addrs("169.254.169.254", "127.0.0.1", "127.0.0.2"))
	if status, e := ask("some.example"); status != "200" {
		t.Errorf("%s %+v", status, e)
	}
	if n := crews[1].served.Load(); n != 0 {
		t.Errorf("weir itself was asked %d times", n)
	}
}

// TestClientThatLeavesEndsTheConnecting has an upstream whose backlog is full.
func TestClientThatLeavesEndsTheConnecting(t *testing.T) {
	to := target(t, TargetConfig{Addresses: []string{full(t)}, Connect: time.Hour})
	s := start(t, Config{Router: &Hosts{Default: to}})
	c, _ := dial(t, s.addr)
	send(t, c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	eventually(t, "connecting", func() bool { return to.State()[0].Open == 1 })
	_ = c.Close()
	if e := s.gate.next(t); e.outcome != raw.ClientGone {
		t.Errorf("%+v", e)
	}

	client := plain2(t)
	client.Timeout = 300 * time.Millisecond
	if _, err := client.Get("http://" + s.streams(t, nil)); err == nil {
		t.Error("answered")
	}
	if e := s.gate.next(t); e.outcome != raw.ClientGone {
		t.Errorf("%+v", e)
	}
	if st := to.State()[0]; st.Failures != 0 || st.Open != 0 {
		t.Errorf("%+v", st)
	}
}
