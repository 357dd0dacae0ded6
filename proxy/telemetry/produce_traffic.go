package telemetry

import (
	"cmp"
	"net/url"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

func (m *Metrics) produceListeners(p *page) {
	exchanges := p.counter("weir.exchanges", "{exchange}", "Exchanges that ended, by how.")
	refused := p.counter("weir.refused", "{exchange}", "Exchanges refused, by reason.")
	io := p.counter("weir.io", "By", "Bytes of bodies and tunnels, received from clients and transmitted to them.")
	connections := p.counter("weir.connections", "{connection}", "Client connections accepted.")
	beyond := p.counter("weir.connections.refused", "{connection}", "Client connections closed because there were too many, or of one client.")
	active := p.gauge("weir.connections.active", "{connection}", "Client connections open now.")
	requests := p.sum("http.server.active_requests", "{request}", "Exchanges under way now.")
	tunnels := p.counter("weir.tunnels", "{tunnel}", "Tunnels and upgrades established.")
	open := p.gauge("weir.tunnels.active", "{tunnel}", "Tunnels and upgrades open now.")
	var durations []metricdata.HistogramDataPoint[float64]
	for _, l := range m.ordered.listeners {
		if l == m.listeners[other] && l.quiet() {
			continue
		}
		base := labels{attribute.String("listener", l.labels.Name), attribute.String("direction", l.labels.Direction)}
		scheme := attribute.String("url.scheme", cmp.Or(l.labels.Scheme, "http"))
		ended := make(map[[2]string]uint64)
		l.durations.each(func(k key, h *histogram) {
			point := h.point()
			point.Attributes = base.and(scheme).and(m.labels(k)...).set()
			durations = append(durations, p.at(point))
			ended[[2]string{statusClasses[k.status()/100], m.outcome(k)}] += point.Count
		})
		if point := l.durations.overflow.point(); point.Count > 0 {
			point.Attributes = base.and(overflow).set()
			durations = append(durations, p.at(point))
			ended[[2]string{statusClasses[0], other}] += point.Count
		}
		for how, n := range ended {
			exchanges.add(n, base.and(attribute.String("status_class", how[0]), attribute.String("outcome", how[1])).set())
		}
		for i := range l.refused {
			if n := l.refused[i].Load(); n > 0 {
				refused.add(n, base.and(attribute.String("reason", l.reasons.list[i])).set())
			}
		}
		io.add(l.received.Load(), base.and(attribute.String("network.io.direction", "receive")).set())
		io.add(l.sent.Load(), base.and(attribute.String("network.io.direction", "transmit")).set())
		connections.add(l.connections.Load(), base.set())
		beyond.add(l.refusedConnections.Load(), base.set())
		active.set(l.activeConnections.Load(), base.set())
		for m := range l.activeExchanges {
			if n := l.activeExchanges[m].Load(); n != 0 || Method(m) == get {
				requests.set(n, base.and(scheme, attribute.String("http.request.method", methods[m])).set())
			}
		}
		tunnels.add(l.tunnels.Load(), base.set())
		open.set(l.activeTunnels.Load(), base.set())
	}
	p.histogram("http.server.request.duration", "s", "Time from an exchange's first byte to its end.", durations)
}

// labels are attributes that several series share.
type labels []attribute.KeyValue

func (l labels) and(more ...attribute.KeyValue) labels { return append(l[:len(l):len(l)], more...) }
func (l labels) set() attribute.Set                    { return attribute.NewSet(l...) }

// overflow marks what had too many labels, as OpenTelemetry's SDK marks it.
var overflow = attribute.Bool("otel.metric.overflow", true)

// labels names a key as the semantic conventions do: error.type is the outcome,
// or the status where that is an error.
func (m *Metrics) labels(k key) labels {
	l := labels{attribute.String("http.request.method", k.method().String())}
	if k.status() > 0 {
		l = append(l, attribute.Int("http.response.status_code", k.status()))
	}
	if at := int(k.protocol()); at < len(m.cfg.Protocols) && m.cfg.Protocols[at] != "" {
		l = append(l, attribute.String("network.protocol.version", m.cfg.Protocols[at]))
	}
	switch {
	case k.outcome() > 0:
		l = append(l, attribute.String("error.type", m.outcome(k)))
	case k.status() >= 500:
		l = append(l, attribute.String("error.type", strconv.Itoa(k.status())))
	}
	return l
}

func (m *Metrics) outcome(k key) string {
	if k.outcome() < len(m.cfg.Outcomes) {
		return m.cfg.Outcomes[k.outcome()]
	}
	return other
}

// quiet reports whether nothing was ever counted.
func (l *Listener) quiet() bool {
	return l.connections.Load() == 0 && l.durations.used.Load() == 0
}

func (m *Metrics) produceCertificates(p *page) {
	remaining := p.gauge("weir.certificate.remaining", "s", "Time until the end of the certificate that a listener shows; negative when it has ended.")
	reloads := p.counter("weir.certificate.reloads", "{reload}", "Reloads of what a listener ends TLS with.")
	handshakes := p.counter("weir.tls.handshakes.failed", "{handshake}", "TLS handshakes of clients that failed, by the client's certificate or otherwise.")
	for _, l := range m.ordered.listeners {
		ends := l.ends.Load()
		if ends == 0 {
			continue
		}
		listener := attribute.String("listener", l.labels.Name)
		remaining.set(ends-p.now.Unix(), attribute.NewSet(listener))
		reloads.add(l.CertificatesTaken.Load(), attribute.NewSet(listener, attribute.String("result", "ok")))
		reloads.add(l.CertificatesRefused.Load(), attribute.NewSet(listener, attribute.String("result", "failed")))
		refused := l.ClientsRefused.Load()
		handshakes.add(refused, attribute.NewSet(listener, attribute.String("reason", "client_certificate")))
		handshakes.add(max(l.HandshakesFailed.Load(), refused)-refused, attribute.NewSet(listener, attribute.String("reason", other)))
	}
}

func (m *Metrics) produceUpstreams(p *page) {
	attempts := p.counter("weir.upstream.attempts", "{attempt}", "Requests begun on upstream connections, or not for want of one.")
	var durations, firstBytes []metricdata.HistogramDataPoint[float64]
	for _, u := range m.ordered.upstreams {
		base := u.labels()
		for _, r := range []struct {
			result string
			n      uint64
		}{{"fresh", u.Fresh.Load()}, {"reused", u.Reused.Load()}, {"failed", u.Failed.Load()}} {
			if u.name != other || r.n > 0 {
				attempts.add(r.n, base[:1].and(attribute.String("result", r.result)).set())
			}
		}
		u.durations.each(func(k key, h *histogram) {
			point := h.point()
			point.Attributes = base.and(m.labels(k)...).set()
			durations = append(durations, p.at(point))
		})
		for _, rest := range []struct {
			h    *histogram
			to   *[]metricdata.HistogramDataPoint[float64]
			with attribute.Set
		}{{&u.durations.overflow, &durations, base.and(overflow).set()}, {&u.firstByte, &firstBytes, base[:1].set()}} {
			if point := rest.h.point(); point.Count > 0 {
				point.Attributes = rest.with
				*rest.to = append(*rest.to, p.at(point))
			}
		}
	}
	p.histogram("http.client.request.duration", "s", "Time from a request's being ready for its upstream to the exchange's end.", durations)
	p.histogram("weir.upstream.first_byte", "s", "Time from a request's being ready for its upstream to the head of the response.", firstBytes)
}

// labels are the upstream as configured, and its address and port.
func (u *Upstream) labels() labels {
	l := labels{attribute.String("upstream", u.name)}
	to, err := url.Parse(u.name)
	if err != nil || to.Host == "" {
		return l
	}
	port := map[string]int{"https": 443}[to.Scheme]
	if n, err := strconv.Atoi(to.Port()); err == nil {
		port = n
	}
	return append(l, attribute.String("server.address", to.Hostname()), attribute.Int("server.port", cmp.Or(port, 80)))
}

// produceEndpoints adds the endpoints of each upstream up: addresses that a name
// resolves to are no labels.
func (m *Metrics) produceEndpoints(p *page) {
	read := m.watched.Load()
	if read == nil {
		return
	}
	sums := make(map[*Upstream]*struct{ open, idle, waiting, endpoints, ejected, ejections int64 })
	(*read)(func(e Endpoint) {
		u := m.Upstream(e.Upstream)
		s := sums[u]
		if s == nil {
			s = new(struct{ open, idle, waiting, endpoints, ejected, ejections int64 })
			sums[u] = s
		}
		s.open, s.idle, s.waiting = s.open+int64(e.Open), s.idle+int64(e.Idle), s.waiting+int64(e.Waiting)
		s.endpoints, s.ejections = s.endpoints+1, s.ejections+int64(e.Ejections)
		if e.Ejected {
			s.ejected++
		}
	})
	connections := p.sum("http.client.open_connections", "{connection}", "Connections to upstreams that are open now.")
	waiting := p.sum("weir.upstream.waiting", "{exchange}", "Exchanges that wait for a connection to an upstream.")
	endpoints := p.sum("weir.upstream.endpoints", "{endpoint}", "Addresses of upstreams, and how many of them are passed over for their failures.")
	ejections := p.counter("weir.upstream.ejections", "{ejection}", "Times that an address of an upstream was passed over for its failures.")
	for _, u := range m.ordered.upstreams {
		s := sums[u]
		if s == nil {
			continue
		}
		base := u.labels()
		connections.set(s.idle, base.and(attribute.String("http.connection.state", "idle")).set())
		connections.set(s.open-s.idle, base.and(attribute.String("http.connection.state", "active")).set())
		waiting.set(s.waiting, base[:1].set())
		endpoints.set(s.endpoints-s.ejected, base[:1].and(attribute.String("state", "in_use")).set())
		endpoints.set(s.ejected, base[:1].and(attribute.String("state", "ejected")).set())
		ejections.add(uint64(max(s.ejections, 0)), base[:1].set())
	}
}
