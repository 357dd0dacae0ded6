package otlp

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	collector "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	wire "go.opentelemetry.io/proto/slim/otlp/metrics/v1"
)

// Push gives metrics to a collector at intervals. All are cumulative, so what
// fails is in the next.
type Push struct {
	client *client
	read   func() []metricdata.ScopeMetrics
	failed func()
	ended  chan struct{}
}

// NewPush pushes what read returns once it is started; failed is called for each
// time that it could not.
func NewPush(cfg Config, read func() []metricdata.ScopeMetrics, failed func()) (*Push, error) {
	c, err := newClient(cfg)
	if err != nil {
		return nil, err
	}
	return &Push{client: c, read: read, failed: failed}, nil
}

// Start begins to push, every so often; once.
func (p *Push) Start(every time.Duration) {
	p.ended = make(chan struct{})
	go p.run(every)
}

func (p *Push) run(every time.Duration) {
	defer close(p.ended)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-p.client.ctx.Done():
			return
		case now := <-tick.C:
			if now.Before(p.client.until) {
				p.failed()
				continue
			}
			p.push(p.client.ctx)
		}
	}
}

func (p *Push) push(ctx context.Context) {
	var resp collector.ExportMetricsServiceResponse
	err := p.client.export(ctx, metrics, p.request(), &resp)
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return // Close pushes once more
	}
	p.client.told(metrics, err)
	if err != nil || resp.GetPartialSuccess().GetRejectedDataPoints() > 0 {
		p.failed()
	}
}

// Close ends, and where it was started pushes once more, for two seconds at most.
func (p *Push) Close() {
	_ = p.client.Close() // never fails
	if p.ended == nil {
		return
	}
	<-p.ended
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	defer cancel()
	p.push(ctx)
	p.client.transport.CloseIdleConnections()
}

func (p *Push) request() *collector.ExportMetricsServiceRequest {
	all := &wire.ResourceMetrics{Resource: p.client.cfg.Resource.proto()}
	for _, s := range p.read() {
		scope := &wire.ScopeMetrics{Scope: &common.InstrumentationScope{Name: s.Scope.Name, Version: s.Scope.Version}}
		for _, m := range s.Metrics {
			scope.Metrics = append(scope.Metrics, metric(m))
		}
		all.ScopeMetrics = append(all.ScopeMetrics, scope)
	}
	return &collector.ExportMetricsServiceRequest{ResourceMetrics: []*wire.ResourceMetrics{all}}
}

// metric is m as OTLP has it. Of the data model it knows what weir makes.
func metric(m metricdata.Metrics) *wire.Metric {
	out := &wire.Metric{Name: m.Name, Description: m.Description, Unit: m.Unit}
	const cumulative = wire.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE
	switch data := m.Data.(type) {
	case metricdata.Gauge[int64]:
		out.Data = &wire.Metric_Gauge{Gauge: &wire.Gauge{DataPoints: points(data.DataPoints)}}
	case metricdata.Sum[int64]:
		out.Data = &wire.Metric_Sum{Sum: &wire.Sum{DataPoints: points(data.DataPoints), AggregationTemporality: cumulative, IsMonotonic: data.IsMonotonic}}
	case metricdata.Sum[float64]:
		out.Data = &wire.Metric_Sum{Sum: &wire.Sum{DataPoints: points(data.DataPoints), AggregationTemporality: cumulative, IsMonotonic: data.IsMonotonic}}
	case metricdata.Histogram[float64]:
		h := &wire.Histogram{AggregationTemporality: cumulative}
		for _, p := range data.DataPoints {
			h.DataPoints = append(h.DataPoints, &wire.HistogramDataPoint{Attributes: labels(p.Attributes), StartTimeUnixNano: nano(p.StartTime), TimeUnixNano: nano(p.Time),
				Count: p.Count, Sum: &p.Sum, BucketCounts: p.BucketCounts, ExplicitBounds: p.Bounds})
		}
		out.Data = &wire.Metric_Histogram{Histogram: h}
	}
	return out
}

func points[N int64 | float64](in []metricdata.DataPoint[N]) []*wire.NumberDataPoint {
	out := make([]*wire.NumberDataPoint, 0, len(in))
	for _, p := range in {
		point := &wire.NumberDataPoint{Attributes: labels(p.Attributes), StartTimeUnixNano: nano(p.StartTime), TimeUnixNano: nano(p.Time)}
		switch v := any(p.Value).(type) {
		case int64:
			point.Value = &wire.NumberDataPoint_AsInt{AsInt: v}
		case float64:
			point.Value = &wire.NumberDataPoint_AsDouble{AsDouble: v}
		}
		out = append(out, point)
	}
	return out
}

func nano(t time.Time) uint64 { return uint64(max(t.UnixNano(), 0)) }
