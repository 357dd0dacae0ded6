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
	return m.scoped(m.read()), nil
}

// ProduceAll reads what Produce does and what Go's runtime and the system say of
// the process, which Prometheus' own collectors add to the page.
func (m *Metrics) ProduceAll() []metricdata.ScopeMetrics {
	p := m.read()
	produceProcess(p)
	return m.scoped(p)
}

func (m *Metrics) scoped(p *page) []metricdata.ScopeMetrics {
	scope := instrumentation.Scope{Name: "weir", Version: m.cfg.Version}
	return []metricdata.ScopeMetrics{{Scope: scope, Metrics: p.filled()}}
}

func (m *Metrics) read() *page {
	p := &page{started: m.started, now: time.Now()}
	m.produceListeners(p)
	m.produceCertificates(p)
	m.produceUpstreams(p)
	m.produceEndpoints(p)
	m.produceSinks(p)
	m.produceRedaction(p)
	m.produceSelf(p)
	return p
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

	matches := p.counter("weir.rule.matches", "{match}", "Findings and remainders that a rule of the policy decided, by its name.")
	m.rules.each(func(rule string, n uint64) {
		matches.add(n, attribute.NewSet(attribute.String("rule", rule)))
	})
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
	if from := m.keysFrom.Load(); from != 0 {
		p.gauge("weir.keys.age", "s", "Time since the beginning of the oldest epoch whose keys exist.").set(p.now.Unix()-from, none)
	}
	traced := p.counter("weir.traces", "{exchange}", "Exchanges traced, by what became of their spans.")
	if written, lost := m.Traced.Written.Load(), m.Traced.Lost.Load(); written+lost > 0 {
		traced.add(written, result("written"))
		traced.add(lost, result("lost"))
	}
	p.counter("weir.metrics.failures", "{push}", "Times that these metrics could not be pushed to a collector.").add(m.Unpushed.Load(), none)
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
