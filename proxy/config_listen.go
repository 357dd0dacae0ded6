package proxy

import (
	"crypto/tls"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"weir/policy/source"
)

var (
	laterListener = []string{"transparent", "except"}
	// What people look for in a listener that stands elsewhere.
	notOfListener = map[string]string{
		"forwarded": "forwarded: append beside `listen`", "trust": "trust: [10.0.0.0/8] beside `listen`",
		"limits": "limits: {…} beside `listen`", "format": "format: json in an entry of `log`",
		"cert": "tls: {cert: www.pem, key: www.key}", "key": "tls: {cert: www.pem, key: www.key}", "min": `tls: {min: "1.3", …}`,
		"clients": "tls: {clients: {ca: clients.pem}, …}",
	}
)

func readListener(n source.Node, dir string) Listener {
	m := n.Map(source.Keys{Known: []string{"reverse", "forward", "to", "tls", "allow"}, Later: laterListener, Elsewhere: notOfListener})
	l := Listener{Reverse: m.Get("reverse").Address(), Forward: m.Get("forward").Address(), at: n.Pos()}
	switch {
	case m.Get("reverse").Exists() && m.Get("forward").Exists():
		n.Refuse("a listener is either reverse or forward", "two entries of listen, one for each")
	case m.Get("forward").Exists():
		if to := m.Get("to"); to.Exists() {
			to.Refuse("a forward listener has no `to`: the request says where it goes", "nothing")
		}
		if t := m.Get("tls"); t.Exists() {
			readObserve(t)
		}
		l.Allow = m.Get("allow").Prefixes()
		if len(l.Allow) == 0 && !loopback(l.Forward) {
			n.Refuse("a forward listener beyond loopback is open to everybody who can reach it", "allow: [10.0.0.0/8]")
		}
	case m.Get("reverse").Exists():
		l.To = readUpstreams(m.Require("to", "to: http://127.0.0.1:3000"))
		l.TLS = readTLS(m.Get("tls"), dir)
		if a := m.Get("allow"); a.Exists() {
			a.Refuse("a reverse listener serves everybody: `allow` is for forward listeners", "nothing")
		}
	case m.Node().Exists() && !m.Get("transparent").Exists():
		n.Refuse("a listener needs `reverse` or `forward`", `- reverse: ":8080"`)
	}
	return l
}

// loopback reports whether only this machine can reach an address to listen on.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return true // refused elsewhere
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// everywhere reports whether a host to listen on is every address.
func everywhere(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.IsUnspecified()
}

// readObserve takes a forward listener's tls: only what every tunnel gets.
func readObserve(n source.Node) {
	if n.Enum("observe", "open") == "open" {
		n.Refuse("`tls: open` is not supported by this version of weir", "tls: observe")
	}
}

func readUpstreams(n source.Node) []Upstream {
	if n.Is("text") || n.Is("a list") {
		return []Upstream{readUpstream("", n)}
	}
	var all []Upstream
	entries := n.Entries()
	if n.Exists() && entries.Len() == 0 {
		n.Refuse("no upstream", "to: http://127.0.0.1:3000")
	}
	for k, v := range entries.All() {
		host := strings.ToLower(k.Text)
		if host == "*" {
			host = ""
		} else if strings.ContainsAny(host, ":/ *") {
			v.Refuse("the host of an upstream has no scheme, port or pattern", "to: {www.example.dk: http://127.0.0.1:3000}")
		}
		all = append(all, readUpstream(host, v))
	}
	return all
}

// readUpstream is one URL, or a list of equals.
func readUpstream(host string, n source.Node) Upstream {
	u := Upstream{Host: host}
	if !n.Is("a list") {
		u.URLs = []*url.URL{readURL(n)}
		return u
	}
	nodes := n.List()
	if len(nodes) == 0 {
		n.Refuse("no upstream", "to: http://127.0.0.1:3000")
	}
	seen := map[string]bool{}
	for _, v := range nodes {
		to := readURL(v)
		if to == nil {
			continue
		}
		if len(u.URLs) > 0 && u.URLs[0].Scheme != to.Scheme {
			v.Refuse("the upstreams of one list are equals, and speak the same", u.URLs[0].Scheme+"://"+to.Host)
		}
		if at := address(to); seen[at] {
			v.Refuse("this upstream stands here for the second time", "another host or port")
		} else {
			seen[at] = true
		}
		u.URLs = append(u.URLs, to)
	}
	return u
}

func readURL(n source.Node) *url.URL {
	u := n.URL("http", "https", "h2c")
	if u != nil && (u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.User != nil) {
		n.Refuse("an upstream is a scheme, a host and a port: paths are passed on as they come", "http://127.0.0.1:3000")
	}
	return u
}

func readTLS(n source.Node, dir string) *TLS {
	if !n.Exists() {
		return nil
	}
	m := n.Map(source.Keys{Known: []string{"cert", "key", "min", "clients"}})
	t := &TLS{
		Cert: within(dir, m.Require("cert", "cert: www.pem").Path()),
		Key:  within(dir, m.Require("key", "key: www.key").Path()),
		Min:  tls.VersionTLS12, at: n.Pos(),
	}
	if v := m.Get("min"); v.Exists() && v.Enum("1.2", "1.3") == "1.3" {
		t.Min = tls.VersionTLS13
	}
	if v := m.Get("clients"); v.Exists() {
		c := v.Map(source.Keys{Known: []string{"ca", "require"}})
		t.Clients = &Clients{CA: within(dir, c.Require("ca", "ca: clients.pem").Path()), Require: true, at: v.Pos()}
		if r := c.Get("require"); r.Exists() {
			t.Clients.Require = r.Bool()
		}
	}
	return t
}
