package proxy

import (
	"crypto/rand"
	"encoding/hex"

	"weir/proxy/accesslog"
	"weir/proxy/otlp"
	"weir/proxy/relay"
	"weir/proxy/telemetry"
	"weir/redact/record"
)

// The bytes of lines that go to a collector in one request, and of those that
// wait to become spans.
const (
	collectorBatch = 512 << 10
	spanBuffer     = 1 << 20
)

// collector is how a collector is reached, and what all that it is told is from.
func (p *Proxy) collector(c *Collector) otlp.Config {
	if p.instance == "" {
		var b [16]byte
		_, _ = rand.Read(b[:]) // never fails
		p.instance = hex.EncodeToString(b[:])
	}
	cfg := *c.config()
	cfg.Resource = otlp.Resource{Service: p.cfg.Service, Version: p.opt.Version, Instance: p.instance}
	cfg.Log = p.log
	return cfg
}

// openCollector opens a log that goes to a collector.
func (p *Proxy) openCollector(l *Log, buffer int, check *telemetry.Check) {
	logs, err := otlp.NewLogs(p.collector(l.OTLP))
	if err != nil {
		p.refuse(l.at, err, "")
		return
	}
	s, err := accesslog.NewStream(accesslog.StreamConfig{Name: l.name(), Out: logs, Format: record.JSON, Service: p.cfg.Service,
		Buffer: buffer, Batch: collectorBatch, Log: p.log, Metrics: p.metrics.Sink(l.name()), Check: check})
	if err != nil {
		p.refuse(l.at, err, "")
		return
	}
	p.sinks = append(p.sinks, stream{s})
}

// spans is a sink that keeps no entries: of those that are traced it makes spans.
type spans struct{ stream *accesslog.Stream }

func (s spans) Format() record.Format { return record.JSON }

func (s spans) Append(e record.Sealed) {
	if e.Trace == nil {
		return
	}
	e.Line, e.Reserved = otlp.AppendLine(nil, e), 0
	s.stream.Append(e)
}

// openTelemetry begins to push metrics and spans, where that is asked for.
func (p *Proxy) openTelemetry() {
	if m := p.cfg.Telemetry.Metrics; m != nil {
		var err error
		if p.push, err = otlp.NewPush(p.collector(&m.Collector), p.metrics.ProduceAll, func() { p.metrics.Unpushed.Add(1) }); err != nil {
			p.refuse(m.at, err, "")
		}
	}
	if t := p.cfg.Telemetry.Traces; t != nil {
		to, err := otlp.NewSpans(p.collector(&t.Collector))
		if err != nil {
			p.refuse(t.at, err, "")
			return
		}
		p.spans, err = accesslog.NewStream(accesslog.StreamConfig{Name: t.URL.String(), Out: to, Format: record.JSON, Service: p.cfg.Service,
			Buffer: spanBuffer, Batch: collectorBatch, Log: p.log, Metrics: &p.metrics.Traced})
		if err != nil {
			p.refuse(t.at, err, "")
		}
	}
}

// tracing is what a listener is told of spans; nil where none are made.
func (c *Config) tracing() *relay.Tracing {
	t := c.Telemetry.Traces
	if t == nil {
		return nil
	}
	return &relay.Tracing{Sample: t.Sample, Inject: t.Inject}
}

// closeTelemetry gives collectors what waits, for some seconds at most.
func (p *Proxy) closeTelemetry() {
	if p.spans != nil {
		if err := p.spans.Close(); err != nil {
			p.log.Warn("traces_not_closed", telemetry.ConfigErr(err))
		}
	}
	if p.push != nil {
		p.push.Close()
	}
}
