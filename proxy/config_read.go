package proxy

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"weir/policy/source"
	"weir/redact/record"
)

// Sections that the design has and this version does not: refused by name.
var (
	laterKeys     = []string{"ledger", "strict"}
	laterListener = []string{"transparent", "except"}
	laterLog      = []string{"otlp", "country", "sync"}
)

// ReadConfig reads weir.yaml. The error is a source.Errors that tells all that
// is wrong with it, or that of the file system.
func ReadConfig(path string) (*Config, error) {
	f, err := source.Read(path)
	if err != nil {
		return nil, err
	}
	c := readConfig(f, filepath.Dir(path))
	return c, f.Err()
}

func readConfig(f *source.File, dir string) *Config {
	m := f.Root().Map(source.Keys{
		Known: []string{"service", "policy", "listen", "trust", "forwarded", "log", "keys", "admin", "limits"},
		Later: laterKeys,
	})
	c := &Config{file: f, Limits: DefaultLimits()}
	service := m.Require("service", "service: www")
	c.Service, c.at.service = service.Word().Value, service.Pos()
	policy := m.Require("policy", "policy: policy.yaml")
	c.Policy, c.at.policy = within(dir, policy.Path()), policy.Pos()
	for _, n := range m.Require("listen", `listen: [{reverse: ":8080", to: "http://127.0.0.1:3000"}]`).List() {
		c.Listen = append(c.Listen, readListener(n, dir))
	}
	c.Trust = m.Get("trust").Prefixes()
	c.Forwarded = "append"
	if n := m.Get("forwarded"); n.Exists() {
		c.Forwarded = n.Enum("append", "pass", "drop")
	}
	for _, n := range m.Require("log", "log: [{file: log/}]").List() {
		c.Log = append(c.Log, readLog(n, dir))
	}
	keys := m.Require("keys", "keys: keys/")
	c.Keys, c.at.keys = readKeys(keys, dir), keys.Pos()
	admin := m.Get("admin")
	c.Admin, c.at.admin = admin.Address(), admin.Pos()
	readLimits(m.Get("limits"), &c.Limits)
	c.cross()
	return c
}

func within(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func readListener(n source.Node, dir string) Listener {
	m := n.Map(source.Keys{Known: []string{"reverse", "forward", "to", "tls", "allow"}, Later: laterListener})
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
	if n.Is("text") {
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

func readUpstream(host string, n source.Node) Upstream {
	u := n.URL("http", "https", "h2c")
	if u != nil && (u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.User != nil) {
		n.Refuse("an upstream is a scheme, a host and a port: paths are passed on as they come", "http://127.0.0.1:3000")
	}
	return Upstream{Host: host, URL: u}
}

func readTLS(n source.Node, dir string) *TLS {
	if !n.Exists() {
		return nil
	}
	m := n.Map(source.Keys{Known: []string{"cert", "key", "min"}})
	t := &TLS{
		Cert: within(dir, m.Require("cert", "cert: www.pem").Path()),
		Key:  within(dir, m.Require("key", "key: www.key").Path()),
		Min:  tls.VersionTLS12, at: n.Pos(),
	}
	if v := m.Get("min"); v.Exists() && v.Enum("1.2", "1.3") == "1.3" {
		t.Min = tls.VersionTLS13
	}
	return t
}

func readLog(n source.Node, dir string) Log {
	l := Log{MaxBytes: 64 << 20, MaxAge: time.Hour, at: n.Pos()}
	if n.Is("text") {
		l.Stdout = n.Enum("stdout") == "stdout"
		return l
	}
	m := n.Map(source.Keys{Known: []string{"file", "stdout", "format", "max_size", "max_age"}, Later: laterLog})
	file, stdout := m.Get("file"), m.Get("stdout")
	l.File, l.Stdout = within(dir, file.Path()), stdout.Bool()
	if n.Is("a mapping") && file.Exists() == l.Stdout && !m.Get("otlp").Exists() {
		n.Refuse("a log is either a folder or standard output", "- file: log/")
	}
	if f := m.Get("format"); f.Exists() {
		l.Format, _ = record.ParseFormat(f.Enum("json", "common", "combined"))
	}
	for _, key := range []string{"max_size", "max_age"} {
		if v := m.Get(key); v.Exists() && l.Stdout {
			v.Refuse("standard output has no segments: `"+key+"` is for a folder", "- file: log/")
		}
	}
	if v := m.Get("max_size"); v.Exists() {
		if l.MaxBytes = v.Size(); l.MaxBytes > 0 && (l.MaxBytes < 64<<10 || l.MaxBytes > 1<<30) {
			v.Refuse("a segment ends between 64KiB and 1GiB", "64MiB")
		}
	}
	if v := m.Get("max_age"); v.Exists() {
		if l.MaxAge = v.Duration(); l.MaxAge > 0 && l.MaxAge < time.Second {
			v.Refuse("a segment lasts a second at least", "1h")
		}
	}
	return l
}

func readKeys(n source.Node, dir string) Keys {
	if !n.Is("a mapping") {
		return Keys{Dir: within(dir, n.Path())}
	}
	m := n.Map(source.Keys{Known: []string{"dir", "external"}})
	return Keys{Dir: within(dir, m.Require("dir", "dir: keys/").Path()), External: m.Get("external").Bool()}
}

func readLimits(n source.Node, l *Limits) {
	counts := []struct {
		key   string
		value *int
		most  int
	}{
		{"header_count", &l.HeaderCount, 10000}, {"connections", &l.Connections, 1 << 20}, {"streams", &l.Streams, 10000},
	}
	sizes := []struct {
		key   string
		value *int
		least int
	}{
		{"header_bytes", &l.HeaderBytes, 256}, {"url_bytes", &l.URLBytes, 16}, {"trailer_bytes", &l.TrailerBytes, 1},
	}
	times := []struct {
		key   string
		value *time.Duration
	}{
		{"read_head", &l.ReadHead}, {"idle", &l.Idle}, {"handshake", &l.Handshake}, {"connect", &l.Connect},
		{"answer", &l.Answer}, {"stall", &l.Stall}, {"drain", &l.Drain},
	}
	var known []string
	for _, c := range counts {
		known = append(known, c.key)
	}
	for _, s := range sizes {
		known = append(known, s.key)
	}
	for _, t := range times {
		known = append(known, t.key)
	}
	m := n.Map(source.Keys{Known: known})
	for _, c := range counts {
		if v := m.Get(c.key); v.Exists() {
			*c.value = v.Int(1, c.most)
		}
	}
	for _, s := range sizes {
		if v := m.Get(s.key); v.Exists() {
			*s.value = readBytes(v, s.least)
		}
	}
	for _, t := range times {
		if v := m.Get(t.key); v.Exists() {
			*t.value = v.Duration()
		}
	}
}

// readBytes is a size that a part of a head may have: up to 1 MiB.
func readBytes(v source.Node, least int) int {
	n := v.Size()
	switch {
	case n > 1<<20:
		v.Refuse("more than 1MiB of a head would be held for every connection", "64KiB")
	case n > 0 && n < int64(least): // 0 is refused already
		v.Refuse(fmt.Sprintf("less than %d bytes hold no request", least), "64KiB")
	}
	return int(n)
}

// cross refuses what only shows between values.
func (c *Config) cross() {
	var seen [][2]string
	listens := func(address string, at source.Pos) {
		host, port, err := net.SplitHostPort(address)
		if err != nil || port == "0" {
			return
		}
		for _, s := range seen {
			if s[1] == port && (s[0] == host || everywhere(s[0]) || everywhere(host)) {
				c.file.Refuse(at, "two listeners have the same address", "another port")
			}
		}
		seen = append(seen, [2]string{host, port})
	}
	for i := range c.Listen {
		listens(c.Listen[i].Address(), c.Listen[i].at)
	}
	listens(c.Admin, c.at.admin)
	stdout := 0
	folders := map[string]bool{}
	for _, l := range c.Log {
		if l.Stdout {
			stdout++
		}
		if stdout > 1 || l.File != "" && folders[l.File] {
			c.file.Refuse(l.at, "two logs are written to the same place", "another folder")
		}
		folders[l.File] = true
	}
}
