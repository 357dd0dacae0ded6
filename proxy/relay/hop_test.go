package relay

import (
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"weir/proxy/listen"
	"weir/redact/raw"
)

func TestHopByHopFieldsEndHere(t *testing.T) {
	const drop = "Proxy-Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nProxy-Authorization: Basic eA==\r\nProxy-Authentication-Info: nextnonce=x\r\nUpgrade: x\r\n"
	for _, c := range []struct{ name, lines, kept string }{
		{"the known ones", drop + "TE: gzip\r\nX-A: 1\r\n", "X-A: 1\r\n"},
		{"those that Connection names", "Connection: close, X-One ,x-two\r\nX-One: 1\r\nx-TWO: 2\r\nX-Three: 3\r\n", "X-Three: 3\r\n"},
		{"those after an empty Connection", "Connection: \r\nConnection: X-One\r\nX-One: 1\r\nX-A: 1\r\n", "X-A: 1\r\n"},
		{"those named in a list with holes", "Connection: ,, ,X-One,\r\nX-One: 1\r\nX-A: 1\r\n", "X-A: 1\r\n"},
		{"a forwarding field that is named", "Connection: X-Forwarded-For\r\nX-Forwarded-For: 203.0.113.9\r\n", ""},
		{"but not the host and the length", "Connection: Host, Content-Length\r\nContent-Length: 0\r\n", "Content-Length: 0\r\n"},
		{"but not TE trailers", "Connection: TE\r\nTE: gzip;q=0.5, Trailers\r\nX-A: 1\r\n", "X-A: 1\r\nTE: Trailers\r\nConnection: TE\r\n"},
		{"and not what looks like them", "Connections: x\r\nX-Connection: y\r\nUpgrades: z\r\nTeX: 1\r\n", "Connections: x\r\nX-Connection: y\r\nUpgrades: z\r\nTeX: 1\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			up, heads := always(t, "HTTP/1.1 200 OK\r\n"+strings.ReplaceAll(strings.ReplaceAll(c.lines, "Connection: close, ", "Connection: "), "Content-Length: 0\r\n", "")+"Content-Length: 0\r\n\r\n")
			to := target(t, TargetConfig{Addresses: []string{up}})
			s := start(t, Config{Router: &Hosts{Default: to}, Forwarded: ForwardedPass})
			conn, r := dial(t, s.addr)
			send(t, conn, "GET / HTTP/1.1\r\nHost: x\r\n"+c.lines+"\r\n")
			if h := <-heads; h != "GET / HTTP/1.1\r\nHost: x\r\n"+c.kept+"\r\n" {
				t.Errorf("upstream got %q", h)
			}
			back := head(t, r)
			for _, name := range []string{"keep-alive:", "proxy-", "upgrade:", "x-one", "x-two", "203.0", "\r\nte:"} {
				if strings.Contains(strings.ToLower(back), name) {
					t.Errorf("client got %q", back)
				}
			}
		})
	}
}

func TestForwardingFieldsTowardTheService(t *testing.T) {
	const sent = "X-Forwarded-For: 203.0.113.9\r\nX-Other: 1\r\nx-forwarded-for: 198.51.100.1\r\nForwarded: for=203.0.113.9;proto=http\r\nX-Real-IP: 203.0.113.9\r\n"
	v6 := netip.MustParseAddrPort("[2001:db8::7]:99")
	trust, err := listen.ParseTrust([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		mode       Forwarded
		info       ConnInfo
		sent, want string
	}{
		{ForwardedAppend, ConnInfo{Peer: v6}, "", "X-Forwarded-For: 2001:db8::7\r\n"},
		{ForwardedAppend, ConnInfo{}, "", "X-Forwarded-For: unknown\r\n"},
		{ForwardedAppend, ConnInfo{Peer: v6}, "X-Forwarded-For:\r\n", "X-Forwarded-For: 2001:db8::7\r\n"},
		{ForwardedAppend, ConnInfo{Peer: v6, Client: netip.MustParseAddrPort("192.0.2.1:5")}, sent,
			"X-Forwarded-For: 203.0.113.9, 198.51.100.1, 192.0.2.1\r\nX-Other: 1\r\nForwarded: for=203.0.113.9;proto=http, for=192.0.2.1\r\nX-Real-IP: 192.0.2.1\r\n"},
		{ForwardedAppend, ConnInfo{Peer: v6}, "X-Real-IP: 203.0.113.9\r\nX-A: 1\r\nx-real-ip: b\r\n", "X-Real-IP: 2001:db8::7\r\nX-A: 1\r\nX-Forwarded-For: 2001:db8::7\r\n"},
		{ForwardedAppend, ConnInfo{Peer: netip.MustParseAddrPort("10.0.0.9:5")}, "X-Real-IP: 203.0.113.9\r\n", "X-Real-IP: 203.0.113.9\r\nX-Forwarded-For: 10.0.0.9\r\n"},
		{ForwardedAppend, ConnInfo{Peer: v6}, "Forwarded: for=a\r\n", "Forwarded: for=a, for=\"[2001:db8::7]\"\r\nX-Forwarded-For: 2001:db8::7\r\n"},
		{ForwardedAppend, ConnInfo{Peer: v6}, "X-Forwarded-For:\r\nForwarded: for=a\r\nX-Forwarded-For: b\r\nForwarded: for=c\r\n",
			"X-Forwarded-For: b, 2001:db8::7\r\nForwarded: for=a, for=c, for=\"[2001:db8::7]\"\r\n"},
		{ForwardedPass, ConnInfo{Peer: v6}, sent, sent},
		{ForwardedDrop, ConnInfo{Peer: v6}, sent, "X-Other: 1\r\n"},
	} {
		up, heads := always(t, ok)
		r, err := New(Config{Gate: newGate(), Sweeper: sweeper(t), Forwarded: c.mode, Trust: trust, Router: &Hosts{Default: target(t, TargetConfig{Addresses: []string{up}})}})
		if err != nil {
			t.Fatal(err)
		}
		here, there := tcpPair(t)
		go r.ServeConn(there, &c.info)
		send(t, here, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+c.sent+"\r\n")
		_, _ = io.Copy(io.Discard, here)
		if h := <-heads; h != "GET / HTTP/1.1\r\nHost: x\r\n"+c.want+"\r\n" {
			t.Errorf("mode %d: upstream got %q", c.mode, h)
		}
	}
}

// tcpPair is a connection over loopback, both ends of it.
func tcpPair(t testing.TB) (a, b net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	a, _ = dial(t, ln.Addr().String())
	if b, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	return a, b
}

func TestClientIsBelievedOnlyFromTrustedPeers(t *testing.T) {
	up, _ := always(t, ok)
	for _, c := range []struct {
		trust   []string
		client  string
		trusted bool
	}{{nil, "127.0.0.1", false}, {[]string{"127.0.0.0/8"}, "203.0.113.9", true}, {[]string{"10.0.0.0/8"}, "127.0.0.1", false}} {
		trust, err := listen.ParseTrust(c.trust)
		if err != nil {
			t.Fatal(err)
		}
		s := start(t, Config{Trust: trust, Router: &Hosts{Default: target(t, TargetConfig{Addresses: []string{up}})}})
		for _, text := range []string{
			"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 198.51.100.1, 203.0.113.9\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nForwarded: for=198.51.100.1\r\nForwarded: for=203.0.113.9\r\n\r\n",
			"GET / HTTP/1.1\r\nX-Forwarded-For: 203.0.113.9\r\nHost: x\r\nHost: y\r\n\r\n", // refused, and known all the same
		} {
			talk(t, s.addr, text)
			e := s.gate.next(t)
			if e.client.Addr().String() != c.client || e.trusted != c.trusted {
				t.Errorf("trust %v: %+v", c.trust, e)
			}
		}
	}
}

// FuzzHopByHop holds what leaves to what came: a part of it, in its order,
// without any field of this hop.
func FuzzHopByHop(f *testing.F) {
	f.Add("Connection", "close, x-a", "X-A", "1", "X-B", "2")
	f.Add("Connection", ",\t, X-B ,", "TE", "trailers;q=1, trailers", "x-b", "")
	f.Add("connection", "upgrade", "Upgrade", "websocket, h2c", "HTTP2-Settings", "AA")
	f.Add("Connection", "host", "Host", "h", "Keep-Alive", "1")
	gone := []string{"connection", "keep-alive", "te", "upgrade", "transfer-encoding", "proxy-connection", "proxy-authenticate", "proxy-authorization", "http2-settings"}
	f.Fuzz(func(t *testing.T, n1, v1, n2, v2, n3, v3 string) {
		var m raw.Message
		m.Reset()
		for _, p := range [][2]string{{n1, v1}, {n2, v2}, {n3, v3}, {"X-Last", "kept"}} {
			m.Add([]byte(p[0]), []byte(p[1]))
		}
		o := readOptions(&m)
		if p := asciiLower(string(m.Peek(o.protocol))); slices.Contains(strings.Split(p, ","), "h2c") {
			t.Errorf("h2c among %q", p)
		}
		out, at := endToEnd(nil, &m, &o), 0
		for _, p := range out {
			for at < len(m.Header) && m.Header[at] != p {
				at++
			}
			if at++; at > len(m.Header) {
				t.Fatal("a field that did not come, or out of order")
			}
			name := asciiLower(string(m.Peek(p.Name)))
			if slices.Contains(gone, name) {
				t.Errorf("%q was let through", name)
			}
			if name == "host" || name == "content-length" {
				continue
			}
			for _, c := range m.Header {
				if !m.Is(c, "connection") {
					continue
				}
				for _, token := range strings.Split(string(m.Peek(c.Value)), ",") {
					if token = asciiLower(strings.Trim(token, " \t")); token == name && token != "" && !slices.Contains([]string{"close", "te"}, token) {
						t.Errorf("%q was nominated and let through", name)
					}
				}
			}
		}
	})
}

// asciiLower is s in lower case. Bytes that are no ASCII stay apart from each
// other, unlike with strings.ToLower.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
