package telemetry

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// page collects one reading of all metrics.
type page struct {
	started, now time.Time
	metrics      []metricdata.Metrics
}

// series are the points of one instrument.
type series struct {
	page *page
	at   int
}

func (p *page) counter(name, unit, about string) series {
	return p.instrument(name, unit, about, metricdata.Sum[int64]{Temporality: metricdata.CumulativeTemporality, IsMonotonic: true})
}

func (p *page) gauge(name, unit, about string) series {
	return p.instrument(name, unit, about, metricdata.Gauge[int64]{})
}

// sum goes up and down, and can be added up over its labels.
func (p *page) sum(name, unit, about string) series {
	return p.instrument(name, unit, about, metricdata.Sum[int64]{Temporality: metricdata.CumulativeTemporality})
}

// seconds is a counter of time.
func (p *page) seconds(name, about string, s float64, labels attribute.Set) {
	p.instrument(name, "s", about, metricdata.Sum[float64]{Temporality: metricdata.CumulativeTemporality, IsMonotonic: true,
		DataPoints: []metricdata.DataPoint[float64]{{Attributes: labels, StartTime: p.started, Time: p.now, Value: s}}})
}

// at sets the times of a point.
func (p *page) at(point metricdata.HistogramDataPoint[float64]) metricdata.HistogramDataPoint[float64] {
	point.StartTime, point.Time = p.started, p.now
	return point
}

// filled leaves out instruments without a point.
func (p *page) filled() []metricdata.Metrics {
	return slices.DeleteFunc(p.metrics, func(m metricdata.Metrics) bool {
		switch data := m.Data.(type) {
		case metricdata.Sum[int64]:
			return len(data.DataPoints) == 0
		case metricdata.Gauge[int64]:
			return len(data.DataPoints) == 0
		case metricdata.Histogram[float64]:
			return len(data.DataPoints) == 0
		}
		return false
	})
}

func (p *page) histogram(name, unit, about string, points []metricdata.HistogramDataPoint[float64]) {
	p.instrument(name, unit, about, metricdata.Histogram[float64]{Temporality: metricdata.CumulativeTemporality, DataPoints: points})
}

func (p *page) instrument(name, unit, about string, data metricdata.Aggregation) series {
	p.metrics = append(p.metrics, metricdata.Metrics{Name: name, Description: about, Unit: unit, Data: data})
	return series{p, len(p.metrics) - 1}
}

func (s series) add(n uint64, labels attribute.Set) { s.point(int64(n), labels) }
func (s series) set(n int64, labels attribute.Set)  { s.point(n, labels) }

func (s series) point(n int64, labels attribute.Set) {
	point := metricdata.DataPoint[int64]{Attributes: labels, StartTime: s.page.started, Time: s.page.now, Value: n}
	m := &s.page.metrics[s.at]
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		data.DataPoints = append(data.DataPoints, point)
		m.Data = data
	case metricdata.Gauge[int64]:
		data.DataPoints = append(data.DataPoints, point)
		m.Data = data
	}
}
