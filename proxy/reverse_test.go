package proxy_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestEachHostHasItsUpstream(t *testing.T) {
	shop, api := says(t, "the shop"), says(t, "the interface")
	in := start(t, fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: {www.x.example: %q, API.x.example: %q}}]\n", shop.URL, api.URL))
	for _, c := range []struct{ host, status, body, server string }{
		{"www.x.example", "200", "the shop", "www.x.example"},
		{"WWW.x.example.:8080", "200", "the shop", "www.x.example"},
		{"api.x.example", "200", "the interface", "api.x.example"},
		{"other.example", "421", "", "*"},
		{"x.example", "421", "", "*"},
	} {
		answer := in.get(0, c.host)
		if !strings.HasPrefix(answer, "HTTP/1.1 "+c.status+" ") || !strings.Contains(answer, c.body) {
			t.Errorf("%s: %q", c.host, answer)
		}
		e := in.next()
		if e.text("server.address") != c.server || fmt.Sprint(e.number("http.response.status_code")) != c.status || e.text("flow.direction") != "inbound" {
			t.Errorf("%s: %v", c.host, e)
		}
		if c.status == "421" && e.text("error.type") != "no_route" {
			t.Errorf("%s: %v", c.host, e)
		}
	}
	in.none()
}

func TestAnyOtherHostGoesToTheStar(t *testing.T) {
	shop, rest := says(t, "the shop"), says(t, "the rest")
	in := start(t, fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: {www.x.example: %q, \"*\": %q}}]\n", shop.URL, rest.URL))
	if a := in.get(0, "other.example"); !strings.Contains(a, "the rest") {
		t.Errorf("%q", a)
	}
	if a := in.get(0, "www.x.example"); !strings.Contains(a, "the shop") {
		t.Errorf("%q", a)
	}
}

func TestListenersOfOneProcessAreApart(t *testing.T) {
	one, two := says(t, "one"), says(t, "two")
	in := start(t, fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}, {reverse: \"127.0.0.1:0\", to: %q}, {forward: \"127.0.0.1:0\"}]\n", one.URL, two.URL))
	for i, want := range []string{"one", "two"} {
		if a := in.get(i, "x"); !strings.HasSuffix(a, want) {
			t.Errorf("%d: %q", i, a)
		}
		if e := in.next(); e.text("flow.direction") != "inbound" {
			t.Errorf("%v", e)
		}
	}
	// What names no target is not for a proxy.
	if a := in.get(2, "x"); !strings.HasPrefix(a, "HTTP/1.1 400 ") {
		t.Errorf("%q", a)
	}
	if e := in.next(); e.text("flow.direction") != "outbound" || e.text("error.type") != "not_for_proxy" {
		t.Errorf("%v", e)
	}
	if _, m := in.admin("/metrics"); strings.Count(m, "\nweir_") < 10 {
		t.Errorf("metrics are not whole:\n%s", m)
	}
}

// A listener whose upstream is itself would carry a request around for ever.
func TestListenerThatIsItsOwnUpstreamIsNoLoop(t *testing.T) {
	port := free(t)
	in := start(t, fmt.Sprintf("listen: [{reverse: \"127.0.0.1:%[1]s\", to: \"http://127.0.0.1:%[1]s\"}]\n", port))
	if a := in.get(0, "x"); !strings.HasPrefix(a, "HTTP/1.1 502 ") {
		t.Errorf("%q", a)
	}
	if e := in.next(); e.text("error.type") != "forbidden_address" {
		t.Errorf("%v", e)
	}
	in.none()
}

func TestForwardedModes(t *testing.T) {
	up := echoes(t, "X-Forwarded-For")
	for _, c := range []struct{ mode, sent, want string }{
		{"", "198.51.100.7", "[198.51.100.7, 127.0.0.1]"},
		{"forwarded: append\n", "", "[127.0.0.1]"},
		{"forwarded: pass\n", "198.51.100.7", "[198.51.100.7]"},
		{"forwarded: pass\n", "", "[]"},
		{"forwarded: drop\n", "198.51.100.7", "[]"},
	} {
		in := start(t, c.mode+fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL))
		var lines []string
		if c.sent != "" {
			lines = append(lines, "X-Forwarded-For: "+c.sent)
		}
		if a := in.get(0, "x", lines...); !strings.HasSuffix(a, c.want) {
			t.Errorf("%q with %q: %q", c.mode, c.sent, a)
		}
		in.Hurry()
		in.end()
	}
}

func TestClientIsWhoTrustedPeersSay(t *testing.T) {
	up := echoes(t, "X-Forwarded-For")
	to := fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL)
	const v1 = "PROXY TCP4 203.0.113.7 192.0.2.1 51234 80\r\n"
	const v2 = "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\xcb\x00\x71\x08\xc0\x00\x02\x01\xc8\x22\x00\x50"
	ask := func(lines string) string {
		return "GET / HTTP/1.1\r\nHost: x\r\n" + lines + "Connection: close\r\n\r\n"
	}
	for _, c := range []struct{ name, trust, text, status, client, peer string }{
		{"peer", "", ask(""), "200", "127.0.0.1", ""},
		{"nobody is trusted", "", ask("X-Forwarded-For: 203.0.113.9\r\n"), "200", "127.0.0.1", ""},
		{"another is trusted", "trust: [10.0.0.0/8]\n", ask("X-Forwarded-For: 203.0.113.9\r\n"), "200", "127.0.0.1", ""},
		{"X-Forwarded-For", "trust: [127.0.0.0/8]\n", ask("X-Forwarded-For: 6.6.6.6, 203.0.113.9\r\n"), "200", "203.0.113.9", "127.0.0.1"},
		{"a chain of hops", "trust: [127.0.0.0/8, 10.0.0.0/8]\n", ask("X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.2.3\r\n"), "200", "203.0.113.9", "127.0.0.1"},
		{"a hop that is none", "trust: [127.0.0.0/8]\n", ask("X-Forwarded-For: 203.0.113.9, anna\r\n"), "200", "127.0.0.1", ""},
		{"Forwarded", "trust: [127.0.0.0/8]\n", ask("Forwarded: for=\"[2001:db8::9]:4711\"\r\n"), "200", "2001:db8::9", "127.0.0.1"},
		{"PROXY, version 1", "trust: [127.0.0.0/8]\n", v1 + ask(""), "200", "203.0.113.7", "127.0.0.1"},
		{"PROXY, version 2", "trust: [127.0.0.0/8]\n", v2 + ask(""), "200", "203.0.113.8", "127.0.0.1"},
		{"PROXY and X-Forwarded-For of one who is not trusted", "trust: [127.0.0.0/8]\n", v1 + ask("X-Forwarded-For: 6.6.6.6\r\n"), "200", "203.0.113.7", "127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := start(t, c.trust+to)
			if a := in.talk(0, c.text); !strings.HasPrefix(a, "HTTP/1.1 "+c.status+" ") {
				t.Errorf("%q", a)
			}
			if e := in.next(); e.text("client.address") != c.client || e.text("network.peer.address") != c.peer {
				t.Errorf("client %q, peer %q: %v", e.text("client.address"), e.text("network.peer.address"), e)
			}
		})
	}
}

func TestProxyHeaderOfAStrangerIsNoRequest(t *testing.T) {
	up := says(t, "hello")
	in := start(t, fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL))
	a := in.talk(0, "PROXY TCP4 203.0.113.7 192.0.2.1 51234 80\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if !strings.HasPrefix(a, "HTTP/1.1 400 ") || strings.Contains(a, "hello") {
		t.Errorf("%q", a)
	}
	if e := in.next(); e.text("client.address") != "127.0.0.1" || e.text("error.type") == "" {
		t.Errorf("%v", e)
	}
	// One that is broken ends the connection.
	in = start(t, fmt.Sprintf("trust: [127.0.0.0/8]\nlisten: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL))
	if a := in.talk(0, "PROXY TCP4 anna\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"); a != "" {
		t.Errorf("%q", a)
	}
	eventually(t, "told", func() bool { return strings.Contains(in.said.String(), "proxy_header_refused") })
	in.none()
}
