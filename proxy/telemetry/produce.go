package telemetry

import (
	"context"
	"runtime"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// Produce reads every metric once, in OpenTelemetry's data model. It makes
// Metrics a producer for any OpenTelemetry reader; Prometheus' is one.
func (m *Metrics) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	p := &page{started: m.started, now: time.Now()}
	m.produceListeners(p)
	m.produceUpstreams(p)
	m.produceSinks(p)
	m.produceRedaction(p)
	m.produceSelf(p)
	scope := instrumentation.Scope{Name: "weir", Version: m.cfg.Version}
	return []metricdata.ScopeMetrics{{Scope: scope, Metrics: p.metrics}}, nil
}

func (m *Metrics) produceListeners(p *page) {
	exchanges := p.counter("weir.exchanges", "{exchange}", "Exchanges that ended, by how.")
	refused := p.counter("weir.refused", "{exchange}", "Exchanges refused, by reason.")
	io := p.counter("weir.io", "By", "Bytes of bodies and tunnels, received from clients and transmitted to them.")
	connections := p.counter("weir.connections", "{connection}", "Client connections accepted.")
	active := p.gauge("weir.connections.active", "{connection}", "Client connections open now.")
	requests := p.gauge("http.server.active_requests", "{request}", "Exchanges under way now.")
	tunnels := p.counter("weir.tunnels", "{tunnel}", "Tunnels and upgrades established.")
	open := p.gauge("weir.tunnels.active", "{tunnel}", "Tunnels and upgrades open now.")
	var durations []metricdata.HistogramDataPoint[float64]
	for _, l := range m.ordered.listeners {
		if l == m.listeners[other] && l.connections.Load() == 0 && l.quiet() {
			continue
		}
		base := []attribute.KeyValue{attribute.String("listener", l.labels.Name), attribute.String("direction", l.labels.Direction)}
		with := func(more ...attribute.KeyValue) attribute.Set {
			return attribute.NewSet(append(base[:len(base):len(base)], more...)...)
		}
		for class, byOutcome := range l.exchanges {
			status := attribute.String("status_class", statusClasses[class])
			for i := range byOutcome {
				if n := byOutcome[i].Load(); n > 0 {
					outcome := other
					if i < len(m.cfg.Outcomes) {
						outcome = m.cfg.Outcomes[i]
					}
					exchanges.add(n, with(status, attribute.String("outcome", outcome)))
				}
			}
			if point := l.durations[class].point(); point.Count > 0 {
				point.Attributes, point.StartTime, point.Time = with(status), p.started, p.now
				durations = append(durations, point)
			}
		}
		for i := range l.refused {
			if n := l.refused[i].Load(); n > 0 {
				refused.add(n, with(attribute.String("reason", l.reasons.list[i])))
			}
		}
		io.add(l.received.Load(), with(attribute.String("network.io.direction", "receive")))
		io.add(l.sent.Load(), with(attribute.String("network.io.direction", "transmit")))
		connections.add(l.connections.Load(), with())
		active.set(l.activeConnections.Load(), with())
		requests.set(l.activeExchanges.Load(), with())
		tunnels.add(l.tunnels.Load(), with())
		open.set(l.activeTunnels.Load(), with())
	}
	p.histogram("http.server.request.duration", "s", "Time from an exchange's first byte to its end.", durations)
}

// quiet reports whether nothing was ever counted.
func (l *Listener) quiet() bool {
	for class := range l.durations {
		if l.durations[class].point().Count > 0 {
			return false
		}
	}
	return l.activeExchanges.Load() == 0
}

// point reads the histogram. Counts may move while it is read: the total is
// made of what was read, so that the point agrees with itself.
func (h *histogram) point() metricdata.HistogramDataPoint[float64] {
	point := metricdata.HistogramDataPoint[float64]{Bounds: bounds, BucketCounts: make([]uint64, buckets),
		Sum: time.Duration(h.sum.Load()).Seconds()}
	for i := range h.counts {
		point.BucketCounts[i] = h.counts[i].Load()
		point.Count += point.BucketCounts[i]
	}
	return point
}

func (m *Metrics) produceUpstreams(p *page) {
	attempts := p.counter("weir.upstream.attempts", "{attempt}", "Requests begun on upstream connections, or not for want of one.")
	for _, u := range m.ordered.upstreams {
		for _, r := range []struct {
			result string
			n      uint64
		}{{"fresh", u.Fresh.Load()}, {"reused", u.Reused.Load()}, {"failed", u.Failed.Load()}} {
			if u.name != other || r.n > 0 {
				attempts.add(r.n, attribute.NewSet(attribute.String("upstream", u.name), attribute.String("result", r.result)))
			}
		}
	}
}

func (m *Metrics) produceSinks(p *page) {
	entries := p.counter("weir.log.entries", "{entry}", "Entries of the access log, written and lost.")
	gaps := p.counter("weir.log.gaps", "{entry}", "Gap entries, each telling of entries lost.")
	bytes := p.counter("weir.log.io", "By", "Bytes of entries written, before compression.")
	failures := p.counter("weir.log.failures", "{failure}", "Failed writes and other failed work on the log's storage.")
	repairs := p.counter("weir.log.repairs", "{segment}", "Segments whose torn tail was cut off at start.")
	pending := p.gauge("weir.log.pending", "By", "Bytes of entries that wait to be written.")
	segments := p.gauge("weir.log.segments", "{segment}", "Segments that exist now.")
	sealed := p.counter("weir.log.segments.sealed", "{segment}", "Segments sealed.")
	expired := p.counter("weir.log.segments.expired", "{segment}", "Segments deleted at the end of their retention.")
	for _, s := range m.ordered.sinks {
		if s.name == other && s.Written.Load()+s.Lost.Load() == 0 {
			continue
		}
		sink := attribute.String("sink", s.name)
		set := attribute.NewSet(sink)
		entries.add(s.Written.Load(), attribute.NewSet(sink, attribute.String("result", "written")))
		entries.add(s.Lost.Load(), attribute.NewSet(sink, attribute.String("result", "lost")))
		gaps.add(s.Gaps.Load(), set)
		bytes.add(s.Bytes.Load(), set)
		failures.add(s.Failures.Load(), set)
		repairs.add(s.Repairs.Load(), set)
		pending.set(s.Pending.Load(), set)
		segments.set(s.Segments.Load(), set)
		sealed.add(s.Sealed.Load(), set)
		expired.add(s.Expired.Load(), set)
	}
}

func (m *Metrics) produceRedaction(p *page) {
	none := *attribute.EmptySet()
	p.counter("weir.redaction.entries", "{entry}", "Entries sealed and given to the sinks.").add(m.entries.Load(), none)
	p.counter("weir.redaction.guarded", "{field}", "Fields that the leak guard dropped from a finished entry.").add(m.guarded.Load(), none)
	faults := p.counter("weir.redaction.faults", "{fault}", "Failures of weir's own that cost an entry its details.")
	for i, stage := range m.stages.list {
		if n := m.faults[i].Load(); n > 0 || stage != other {
			faults.add(n, attribute.NewSet(attribute.String("stage", stage)))
		}
	}
	findings := p.counter("weir.findings", "{finding}", "Findings, by category.")
	for i, key := range m.categories.list {
		if n := m.findings[i].Load(); n > 0 {
			findings.add(n, attribute.NewSet(attribute.String("category", key)))
		}
	}
}

func (m *Metrics) produceSelf(p *page) {
	none := *attribute.EmptySet()
	result := func(s string) attribute.Set { return attribute.NewSet(attribute.String("result", s)) }
	reloads := p.counter("weir.policy.reloads", "{reload}", "Reloads of the policy.")
	reloads.add(m.Reloads.Load(), result("ok"))
	reloads.add(m.Rejected.Load(), result("failed"))
	if s := m.policy.Load(); s != nil {
		p.gauge("weir.policy.info", "", "The policy in use.").set(1, attribute.NewSet(attribute.String("fingerprint", *s)))
	}
	p.gauge("weir.keys.epochs", "{epoch}", "Epochs whose pseudonym keys exist.").set(m.Epochs.Load(), none)
	p.gauge("weir.build.info", "", "The binary.").set(1,
		attribute.NewSet(attribute.String("version", m.cfg.Version), attribute.String("go", runtime.Version())))
	if m.cfg.Health != nil {
		var ready int64
		if m.cfg.Health.Ready() {
			ready = 1
		}
		p.gauge("weir.ready", "", "1 when weir takes traffic, as /readyz.").set(ready, none)
	}
	if l := m.cfg.Log; l != nil {
		events := p.counter("weir.events", "{event}", "Events of weir's own log, those suppressed included.")
		for level := range l.events {
			events.add(l.events[level].Load(), attribute.NewSet(attribute.String("level", Level(level).String())))
		}
		p.counter("weir.panics", "{panic}", "Panics recovered.").add(l.panics.Load(), none)
		third := p.counter("weir.third_party", "{message}", "Messages of third-party code, by what they spoke of.")
		l.foreign.each(func(component, topic string, n uint64) {
			third.add(n, attribute.NewSet(attribute.String("component", component), attribute.String("topic", topic)))
		})
	}
}
