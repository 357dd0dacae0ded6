package proxy

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"time"

	"weir/policy/party"
	"weir/policy/source"
	"weir/proxy/accesslog"
	"weir/redact/record"
)

// Sections that the design has and this version does not: refused by name.
var laterKeys = []string{"ledger"}

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
		Known: []string{"service", "policy", "descriptors", "listen", "trust", "forwarded", "log", "keys", "admin", "telemetry", "limits", "strict"},
		Later: laterKeys,
	})
	c := &Config{file: f, Limits: DefaultLimits()}
	service := m.Require("service", "service: www")
	c.Service, c.at.service = service.Word().Value, service.Pos()
	policy := m.Require("policy", "policy: policy.yaml")
	c.Policy, c.at.policy = within(dir, policy.Path()), policy.Pos()
	if n := m.Get("descriptors"); n.Exists() {
		c.Descriptors, c.at.descriptors = within(dir, n.Path()), n.Pos()
	}
	for _, n := range some(m, "listen", `listen: [{reverse: ":8080", to: "http://127.0.0.1:3000"}]`) {
		c.Listen = append(c.Listen, readListener(n, dir))
	}
	c.Trust = m.Get("trust").Prefixes()
	c.Forwarded = "append"
	if n := m.Get("forwarded"); n.Exists() {
		c.Forwarded = n.Enum("append", "pass", "drop")
	}
	for _, n := range some(m, "log", "log: [{file: log/}]") {
		c.Log = append(c.Log, readLog(n, dir))
	}
	keys := m.Require("keys", "keys: keys/")
	c.Keys, c.at.keys = readKeys(keys, dir), keys.Pos()
	if admin := m.Get("admin"); admin.Exists() {
		c.Admin = readAdmin(admin, dir)
	}
	if t := m.Get("telemetry"); t.Exists() {
		c.Telemetry = readTelemetry(t, dir)
	}
	c.Strict = m.Get("strict").Bool()
	readLimits(m.Get("limits"), &c.Limits)
	c.cross()
	return c
}

// some is a list that has to be there and hold something.
func some(m source.Mapping, key, instead string) []source.Node {
	n := m.Require(key, instead)
	all := n.List()
	if n.Is("a list") && len(all) == 0 {
		n.Refuse("`"+key+"` is empty", instead)
	}
	return all
}

// readCountry reads where a log is kept.
func readCountry(n source.Node) string {
	code := n.Word().Value
	if code == "" || slices.Contains(party.Countries(), code) {
		return code
	}
	n.Refuse("this is no country of ISO 3166-1", "two capital letters, such as DK")
	return ""
}

func within(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func readLog(n source.Node, dir string) Log {
	l := Log{MaxBytes: 64 << 20, MaxAge: time.Hour, at: n.Pos()}
	if n.Is("text") {
		l.Stdout = n.Enum("stdout") == "stdout"
		return l
	}
	m := n.Map(source.Keys{Known: append([]string{"file", "stdout", "format", "max_size", "max_age", "sync", "buffer", "country"}, collectorKeys...)})
	l.Country = readCountry(m.Get("country"))
	file, stdout := m.Get("file"), m.Get("stdout")
	if m.Get("otlp").Exists() {
		readLogCollector(&l, n, m, dir)
		return l
	}
	for _, key := range collectorKeys {
		if v := m.Get(key); v.Exists() {
			v.Refuse("`"+key+"` is for a collector", "- otlp: https://collector:4317")
		}
	}
	l.File, l.Stdout = within(dir, file.Path()), stdout.Bool()
	if n.Is("a mapping") && file.Exists() == l.Stdout {
		n.Refuse("a log is either a folder, standard output or a collector", "- file: log/")
	}
	if f := m.Get("format"); f.Exists() {
		l.Format, _ = record.ParseFormat(f.Enum("json", "common", "combined"))
	}
	for _, key := range []string{"max_size", "max_age", "sync"} {
		if v := m.Get(key); v.Exists() && l.Stdout {
			v.Refuse("standard output has no segments: `"+key+"` is for a folder", "- file: log/")
		}
	}
	if v := m.Get("max_size"); v.Exists() {
		if l.MaxBytes = v.Size(); l.MaxBytes > 0 && (l.MaxBytes < 64<<10 || l.MaxBytes > 1<<30) {
			v.Refuse("a segment ends between 64KiB and 1GiB", "64MiB")
		}
	}
	l.Buffer = readBuffer(m.Get("buffer"))
	if v := m.Get("sync"); v.Exists() && v.Enum("interval", "always") == "always" {
		l.Sync = accesslog.SyncAlways
	}
	if v := m.Get("max_age"); v.Exists() {
		if l.MaxAge = v.Duration(); l.MaxAge > 0 && l.MaxAge < time.Second {
			v.Refuse("a segment lasts a second at least", "1h")
		}
	}
	return l
}

func readBuffer(v source.Node) (size int64) {
	if v.Exists() {
		if size = v.Size(); size > 0 && (size < 64<<10 || size > 1<<30) {
			v.Refuse("a buffer holds between 64KiB and 1GiB", "4MiB")
		}
	}
	return size
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
		{"client_connections", &l.ClientConnections, 1 << 20}, {"upstream_connections", &l.UpstreamConnections, 1 << 20}, {"eject_after", &l.EjectAfter, 1 << 20},
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
		{"upstream_idle", &l.UpstreamIdle}, {"resolve", &l.Resolve}, {"eject_for", &l.EjectFor},
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
	listens(c.Admin.Listen, c.Admin.listenAt)
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
