package proxy

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"weir/policy/source"
	"weir/proxy/otlp"
)

// Collector is where OTLP is spoken to, and how.
type Collector struct {
	// URL has the scheme http or https, a host, and for HTTP perhaps a path.
	URL *url.URL
	// Protocol is HTTP where the URL has a path or the port 4318, else gRPC, if
	// the file does not say.
	Protocol otlp.Protocol
	// CA is the path of the certificates that the collector's is verified by, ""
	// for the system's; Headers that of a file of lines to be sent along.
	CA, Headers string

	at source.Pos
}

// Telemetry is what is told of weir beside /metrics; nil is nothing.
type Telemetry struct {
	Metrics *MetricsPush
	Traces  *Traces
}

// MetricsPush gives the metrics of /metrics, and those of the process, to a collector.
type MetricsPush struct {
	Collector
	Every time.Duration // 60 s
}

// Traces has spans made of exchanges.
type Traces struct {
	Collector
	// Sample is the share of exchanges whose trace begins at weir, 0 to 1.
	Sample float64
	// Inject tells upstreams weir's own span.
	Inject bool
}

// Admin is where health, metrics and the rest are asked for.
type Admin struct {
	// Listen is an address, "" for none; Socket the path of a socket that weir's own
	// user alone can use, "" for none.
	Listen, Socket string
	// Token is the path of the token by which more is answered than health and
	// metrics, "" for none.
	Token string
	// Hosts are those that requests may name beside addresses and localhost.
	Hosts []string

	at, listenAt source.Pos
}

func readTelemetry(n source.Node, dir string) (t Telemetry) {
	m := n.Map(source.Keys{Known: []string{"metrics", "traces"}})
	if v := m.Get("metrics"); v.Exists() {
		mm := v.Map(source.Keys{Known: slices.Concat(collectorKeys, []string{"every"})})
		t.Metrics = &MetricsPush{Collector: readCollector(v, mm, dir), Every: time.Minute}
		if e := mm.Get("every"); e.Exists() {
			if t.Metrics.Every = e.Duration(); t.Metrics.Every > 0 && t.Metrics.Every < time.Second {
				e.Refuse("metrics are pushed once a second at most", "60s")
			}
		}
	}
	if v := m.Get("traces"); v.Exists() {
		mm := v.Map(source.Keys{Known: slices.Concat(collectorKeys, []string{"sample", "inject"})})
		t.Traces = &Traces{Collector: readCollector(v, mm, dir), Inject: mm.Get("inject").Bool()}
		t.Traces.Sample = mm.Require("sample", "sample: 0.01").Share()
	}
	return t
}

// notOfCollector are keys of other logs.
var notOfCollector = []string{"file", "stdout", "format", "max_size", "max_age", "sync"}

// collectorKeys are those of every mapping that names a collector.
var collectorKeys = []string{"otlp", "protocol", "ca", "headers"}

// readCollector reads the keys of a collector from the mapping m at n.
func readCollector(n source.Node, m source.Mapping, dir string) Collector {
	const instead = "otlp: https://collector:4317"
	to := m.Require("otlp", instead)
	c := Collector{URL: to.URL("http", "https"), CA: within(dir, m.Get("ca").Path()), Headers: within(dir, m.Get("headers").Path()), at: n.Pos()}
	if c.URL == nil {
		return c
	}
	if c.URL.Port() == "4318" || strings.Trim(c.URL.Path, "/") != "" {
		c.Protocol = otlp.HTTP
	}
	if p := m.Get("protocol"); p.Exists() {
		c.Protocol = map[string]otlp.Protocol{"http": otlp.HTTP}[p.Enum("grpc", "http")]
	}
	if err := c.config().Validate(); err != nil {
		to.Refuse(err.Error(), instead)
	}
	return c
}

// readLogCollector reads a log that goes to a collector: entries become log
// records there, so that there is no format.
func readLogCollector(l *Log, n source.Node, m source.Mapping, dir string) {
	to := readCollector(n, m, dir)
	l.OTLP, l.Buffer = &to, readBuffer(m.Get("buffer"))
	for k, v := range m.All() {
		if slices.Contains(notOfCollector, k.Text) {
			v.Refuse("`"+k.Text+"` is not for a collector", "nothing, or a log of its own")
		}
	}
}

func (c *Collector) config() *otlp.Config {
	return &otlp.Config{Endpoint: c.URL, Protocol: c.Protocol, CA: c.CA, Headers: c.Headers}
}

// collectors are all that weir.yaml names.
func (c *Config) collectors() (all []*Collector) {
	for i := range c.Log {
		if l := &c.Log[i]; l.OTLP != nil {
			all = append(all, l.OTLP)
		}
	}
	if m := c.Telemetry.Metrics; m != nil {
		all = append(all, &m.Collector)
	}
	if t := c.Telemetry.Traces; t != nil {
		all = append(all, &t.Collector)
	}
	return all
}

// checkCollectors notes which files of collectors can't be used.
func (c *Config) checkCollectors() {
	for _, to := range c.collectors() {
		if to.URL == nil {
			continue // told already
		}
		if err := to.config().Readable(); err != nil {
			c.file.Refuse(to.at, err.Error(), "")
		}
	}
}

func readAdmin(n source.Node, dir string) Admin {
	if !n.Is("a mapping") {
		return Admin{Listen: n.Address(), at: n.Pos(), listenAt: n.Pos()}
	}
	m := n.Map(source.Keys{Known: []string{"listen", "token", "socket", "hosts"}})
	a := Admin{Listen: m.Get("listen").Address(), Token: within(dir, m.Get("token").Path()), Socket: within(dir, m.Get("socket").Path()),
		at: n.Pos(), listenAt: m.Get("listen").Pos()}
	for _, h := range m.Get("hosts").List() {
		a.Hosts = append(a.Hosts, strings.ToLower(h.Host()))
	}
	switch {
	case a.Listen == "" && a.Socket == "":
		n.Refuse("nobody can ask: admin needs `listen` or `socket`", "listen: 127.0.0.1:9901")
	case a.Listen == "" && a.Token != "":
		m.Get("token").Refuse("the socket needs no token: who may open it is asked nothing more", "listen: 127.0.0.1:9901")
	case a.Listen == "" && len(a.Hosts) > 0:
		m.Get("hosts").Refuse("`hosts` is for `listen`", "listen: 127.0.0.1:9901")
	}
	return a
}
