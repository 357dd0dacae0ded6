package telemetry

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"

	"weir/redact/category"
)

// MetricsConfig fixes every label before the first exchange.
type MetricsConfig struct {
	Service string // weir.yaml's service
	Version string // weir's own

	Listeners []ListenerLabels // in the order of weir.yaml
	Upstreams []string         // configured names
	Sinks     []string         // configured names
	Outcomes  []string         // how an exchange can end, the first without error; Exchange.Outcome counts in it
	Protocols []string         // versions of HTTP; Exchange.Protocol counts in it
	Reasons   []string         // why one can be refused
	Stages    []string         // of redaction, where a fault can happen

	// Categories are those of the binary and the policy. Findings of one that a
	// reload adds are counted as "other".
	Categories []category.Key

	Log    *Log    // its own counts are shown too, where set
	Health *Health // its state is shown too, where set
}

// ListenerLabels name a configured listener.
type ListenerLabels struct {
	Name      string // as configured, ":8080"
	Direction string // inbound or outbound
	Scheme    string // http or https
}

// Validate reports what NewMetrics would refuse.
func (c MetricsConfig) Validate() error {
	if n := len(c.Outcomes); n > 255 {
		return fmt.Errorf("%d outcomes, at most 255 can be counted", n)
	}
	if n := len(c.Protocols); n > 15 {
		return fmt.Errorf("%d protocols, at most 15 can be counted", n)
	}
	for _, l := range c.Listeners {
		if l.Direction != "inbound" && l.Direction != "outbound" {
			return fmt.Errorf("direction of listener %q must be inbound or outbound", l.Name)
		}
	}
	return nil
}

// Metrics counts what weir does. Counting costs no allocation and no lock;
// reading happens when /metrics is asked for. The counters are weir's own and
// handed to the OpenTelemetry SDK as its data model, since its synchronous
// instruments cost a lock and a lookup each.
type Metrics struct {
	cfg     MetricsConfig
	started time.Time
	handler http.Handler

	listeners map[string]*Listener
	upstreams map[string]*Upstream
	sinks     map[string]*Sink
	ordered   struct {
		listeners []*Listener
		upstreams []*Upstream
		sinks     []*Sink
	}

	entries    Counter
	guarded    Counter
	stages     *words
	faults     []Counter // by stage
	categories *words
	findings   []Counter // by category

	rules rules

	Reloads  Counter // policies taken into use after the first
	Rejected Counter // policies refused on reload, the last good one kept
	Epochs   Gauge   // pseudonym keys alive
	Traced   Sink    // exchanges whose spans a collector was given
	Unpushed Counter // times that metrics could not be pushed
	keysFrom atomic.Int64
	watched  atomic.Pointer[func(func(Endpoint))]
	policy   atomic.Pointer[string]
}

// NewMetrics makes the counters and the page that shows them.
func NewMetrics(cfg MetricsConfig) (*Metrics, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	m := &Metrics{cfg: cfg, started: time.Now(),
		listeners: make(map[string]*Listener), upstreams: make(map[string]*Upstream), sinks: make(map[string]*Sink)}
	reasons := newWords(cfg.Reasons)
	for _, labels := range append(cfg.Listeners[:len(cfg.Listeners):len(cfg.Listeners)], ListenerLabels{other, "inbound", "http"}) {
		if m.listeners[labels.Name] == nil {
			l := newListener(labels, reasons)
			l.durations.outcomes, l.durations.protocols = uint8(len(cfg.Outcomes)), uint8(len(cfg.Protocols))
			m.listeners[labels.Name] = l
			m.ordered.listeners = append(m.ordered.listeners, l)
		}
	}
	for _, name := range newWords(cfg.Upstreams).list {
		u := &Upstream{name: name}
		u.durations.outcomes = uint8(len(cfg.Outcomes))
		m.upstreams[name] = u
		m.ordered.upstreams = append(m.ordered.upstreams, u)
	}
	for _, name := range newWords(cfg.Sinks).list {
		s := &Sink{name: name}
		m.sinks[name] = s
		m.ordered.sinks = append(m.ordered.sinks, s)
	}
	m.stages = newWords(cfg.Stages)
	m.faults = make([]Counter, len(m.stages.list))
	m.categories = newWords(nil)
	for _, k := range cfg.Categories {
		m.categories.add(string(k))
	}
	m.findings = make([]Counter, len(m.categories.list))
	if err := m.export(); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Metrics) export() error {
	reg := prometheus.NewRegistry()
	exporter, err := otelprom.New(otelprom.WithRegisterer(reg), otelprom.WithProducer(m), otelprom.WithoutScopeInfo())
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	about := []attribute.KeyValue{attribute.String("service.version", m.cfg.Version)}
	if m.cfg.Service != "" {
		about = append(about, attribute.String("service.name", m.cfg.Service))
	}
	// The provider is only there to bind the resource to the reader.
	sdk.NewMeterProvider(sdk.WithReader(exporter), sdk.WithResource(resource.NewSchemaless(about...)))
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := reg.Register(c); err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
	}
	opts := promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}
	if m.cfg.Log != nil {
		opts.ErrorLog = m.cfg.Log.Foreign("prometheus")
	}
	m.handler = promhttp.HandlerFor(reg, opts)
	return nil
}

// Handler answers with all metrics in Prometheus' text format.
func (m *Metrics) Handler() http.Handler { return m.handler }

// Listener returns the counters of a configured listener, those of "other"
// for one that was not configured. Look it up once, not for each exchange.
func (m *Metrics) Listener(name string) *Listener {
	if l := m.listeners[name]; l != nil {
		return l
	}
	return m.listeners[other]
}

// Upstream returns the counters of a configured upstream, else of "other".
func (m *Metrics) Upstream(name string) *Upstream {
	if u := m.upstreams[name]; u != nil {
		return u
	}
	return m.upstreams[other]
}

// Sink returns the counters of a configured sink, else of "other".
func (m *Metrics) Sink(name string) *Sink {
	if s := m.sinks[name]; s != nil {
		return s
	}
	return m.sinks[other]
}

// Entry counts an entry that was sealed and given to the sinks.
func (m *Metrics) Entry() { m.entries.Add(1) }

// Fault counts a failure of redaction's own, which cost an entry its details.
func (m *Metrics) Fault(stage string) { m.faults[m.stages.at(stage)].Add(1) }

// Guarded counts fields that the leak guard dropped: defects of ours.
func (m *Metrics) Guarded(fields int) { m.guarded.Add(uint64(fields)) }

// Found counts findings of a category.
func (m *Metrics) Found(key category.Key, findings int) {
	m.findings[m.categories.at(string(key))].Add(uint64(findings))
}

// Matched counts findings and remainders that a rule decided. It is counted as
// "other" for a name that no policy gave.
func (m *Metrics) Matched(rule string, n int) { m.rules.matched(rule, n) }

// Rules names the rules of the policy in use. Counts go on under equal names.
func (m *Metrics) Rules(names []string) { m.rules.name(names) }

// Endpoint is what one address of an upstream is like at the moment.
type Endpoint struct {
	Upstream            string // as configured
	Open, Idle, Waiting int
	Ejected             bool
	Ejections           int
}

// Watch has read asked for all endpoints whenever the metrics are read.
func (m *Metrics) Watch(read func(visit func(Endpoint))) { m.watched.Store(&read) }

// KeysFrom tells the beginning of the oldest epoch that has a pseudonym key.
func (m *Metrics) KeysFrom(t time.Time) {
	if !t.IsZero() {
		m.keysFrom.Store(t.Unix())
	}
}

// Policy shows the fingerprint of the policy in use, cut to 12 hex digits.
func (m *Metrics) Policy(fingerprint string) {
	const short = len("sha256:") + 12
	if len(fingerprint) > short {
		fingerprint = fingerprint[:short]
	}
	m.policy.Store(&fingerprint)
}
