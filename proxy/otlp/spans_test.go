package otlp

import (
	"testing"
	"time"

	metricspb "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	tracepb "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	metricswire "go.opentelemetry.io/proto/slim/otlp/metrics/v1"
	wire "go.opentelemetry.io/proto/slim/otlp/trace/v1"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"weir/redact/record"
)

const tracedLine = `{"time":"2026-11-22T10:00:00Z","service":"www","client.address":"203.0.113.0","http.request.method":"POST","url.scheme":"https",` +
	`"server.address":"www.x.example","server.port":8443,"url.path":"/u/h1.x","http.request.header.cookie":["a=1"],"http.response.status_code":503,"duration":2.5,` +
	`"http.response.time_to_first_byte":2,"attempts":2,"trace_id":"0102030405060708090a0b0c0d0e0f10","span_id":"0102030405060708"}` + "\n"

func traced(upstream string, client record.SpanID) record.Sealed {
	return record.Sealed{Line: []byte(tracedLine), Trace: &record.Trace{Parent: record.SpanID{9}, Client: client, Asked: 500 * time.Millisecond,
		Upstream: upstream, Route: `/u/{who}`}}
}

func TestSpansAreMadeOfEntries(t *testing.T) {
	both(t, func(t *testing.T, r *receiver) {
		s, err := NewSpans(r.config())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		lines := AppendLine(nil, traced("https://app:9443", record.SpanID{8}))
		lines = append(lines, gapLine...)
		lines = AppendLine(lines, traced("", record.SpanID{7}))
		lines = AppendLine(lines, traced("", record.SpanID{}))
		if n, err := s.Write(lines); n != len(lines) || err != nil {
			t.Fatal(n, err)
		}
		all := requests[*tracepb.ExportTraceServiceRequest](r)[0].ResourceSpans[0].ScopeSpans[0].Spans
		if len(all) != 5 {
			t.Fatalf("%d spans", len(all))
		}
		server, client := all[0], all[1]
		if server.Kind != wire.Span_SPAN_KIND_SERVER || server.Name != "POST /u/{who}" || server.ParentSpanId[0] != 9 || server.SpanId[7] != 8 || len(server.TraceId) != 16 ||
			server.EndTimeUnixNano-server.StartTimeUnixNano != 25e8 || server.Status.GetCode() != wire.Status_STATUS_CODE_ERROR {
			t.Errorf("server %v", server)
		}
		a := server.Attributes
		if find(a, "http.route").GetStringValue() != "/u/{who}" || find(a, "url.path").GetStringValue() != "/u/h1.x" || find(a, "error.type").GetStringValue() != "503" ||
			find(a, "server.port").GetIntValue() != 8443 || find(a, "http.request.header.cookie") != nil || find(a, "client.address").GetStringValue() != "203.0.113.0" {
			t.Errorf("attributes %v", a)
		}
		if client.Kind != wire.Span_SPAN_KIND_CLIENT || client.Name != "POST" || client.SpanId[0] != 8 || string(client.ParentSpanId) != string(server.SpanId) ||
			client.StartTimeUnixNano-server.StartTimeUnixNano != 5e8 || client.EndTimeUnixNano != server.EndTimeUnixNano {
			t.Errorf("client %v", client)
		}
		a = client.Attributes
		if find(a, "server.address").GetStringValue() != "app" || find(a, "server.port").GetIntValue() != 9443 || find(a, "http.request.resend_count").GetIntValue() != 1 ||
			find(a, "http.response.time_to_first_byte").GetDoubleValue() != 1.5 || find(a, "url.path") != nil {
			t.Errorf("attributes %v", a)
		}
		if v := find(all[3].Attributes, "server.address"); v.GetStringValue() != "www.x.example" {
			t.Errorf("what the client chose is %v", v)
		}
	})
}

func TestMetricsArePushedAtIntervalsAndOnceMoreInTheEnd(t *testing.T) {
	both(t, func(t *testing.T, r *receiver) {
		set := attribute.NewSet(attribute.String("listener", ":80"), attribute.Int("http.response.status_code", 200), attribute.Bool("otel.metric.overflow", true))
		now := time.Now()
		failed := 0
		p, err := NewPush(r.config(), func() []metricdata.ScopeMetrics {
			return []metricdata.ScopeMetrics{{Scope: instrumentation.Scope{Name: "weir"}, Metrics: []metricdata.Metrics{
				{Name: "c", Unit: "1", Data: metricdata.Sum[int64]{IsMonotonic: true, DataPoints: []metricdata.DataPoint[int64]{{Attributes: set, StartTime: now, Time: now, Value: 3}}}},
				{Name: "s", Data: metricdata.Sum[float64]{IsMonotonic: true, DataPoints: []metricdata.DataPoint[float64]{{Attributes: set, Value: 1.5}}}},
				{Name: "g", Data: metricdata.Gauge[int64]{DataPoints: []metricdata.DataPoint[int64]{{Attributes: set, Value: -3}}}},
				{Name: "h", Data: metricdata.Histogram[float64]{DataPoints: []metricdata.HistogramDataPoint[float64]{{Attributes: set, Count: 2, Sum: 4, Bounds: []float64{1}, BucketCounts: []uint64{1, 1}}}}},
			}}}
		}, func() { failed++ })
		if err != nil {
			t.Fatal(err)
		}
		p.Start(time.Millisecond)
		for began := time.Now(); len(requests[*metricspb.ExportMetricsServiceRequest](r)) == 0; time.Sleep(time.Millisecond) {
			if time.Since(began) > patience {
				t.Fatal("nothing is pushed")
			}
		}
		before := len(requests[*metricspb.ExportMetricsServiceRequest](r))
		p.Close()
		all := requests[*metricspb.ExportMetricsServiceRequest](r)
		if len(all) <= before || failed > 0 {
			t.Errorf("%d pushes before the end, %d after, %d failed", before, len(all), failed)
		}
		m := all[0].ResourceMetrics[0].ScopeMetrics[0].Metrics
		point := m[0].GetSum().GetDataPoints()[0]
		if !m[0].GetSum().GetIsMonotonic() || m[0].GetSum().GetAggregationTemporality() != metricswire.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE ||
			point.GetAsInt() != 3 || point.GetTimeUnixNano() != uint64(now.UnixNano()) || m[0].Unit != "1" {
			t.Errorf("sum %v", m[0])
		}
		if a := point.Attributes; find(a, "listener").GetStringValue() != ":80" || find(a, "http.response.status_code").GetIntValue() != 200 || !find(a, "otel.metric.overflow").GetBoolValue() {
			t.Errorf("labels %v", a)
		}
		if h := m[3].GetHistogram().GetDataPoints()[0]; m[1].GetSum().GetDataPoints()[0].GetAsDouble() != 1.5 || m[2].GetGauge().GetDataPoints()[0].GetAsInt() != -3 ||
			h.GetCount() != 2 || h.GetSum() != 4 || len(h.GetBucketCounts()) != 2 || h.GetExplicitBounds()[0] != 1 {
			t.Errorf("%v", m[1:])
		}
	})
}
