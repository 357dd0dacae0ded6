package proxy

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	logspb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	metricspb "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	tracepb "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	logswire "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	metricswire "go.opentelemetry.io/proto/slim/otlp/metrics/v1"
	tracewire "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Receiver is a collector that keeps what it is given, by either protocol.
type Receiver struct {
	*httptest.Server

	mu      sync.Mutex
	raw     []byte // bodies and headers, as they came
	logs    []*logswire.LogRecord
	metrics map[string]*metricswire.Metric // the last of each name
	spans   []*tracewire.Span
	down    bool
}

// NewReceiver starts one.
func NewReceiver(t testing.TB) *Receiver {
	r := &Receiver{metrics: make(map[string]*metricswire.Metric)}
	r.Server = httptest.NewUnstartedServer(r)
	r.Config.Protocols = new(http.Protocols)
	r.Config.Protocols.SetHTTP1(true)
	r.Config.Protocols.SetUnencryptedHTTP2(true)
	r.Start()
	t.Cleanup(r.Close)
	return r
}

// Down has everything refused for a while, or no longer.
func (r *Receiver) Down(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
}

// Logs are the records received so far, Spans the spans.
func (r *Receiver) Logs() []*logswire.LogRecord {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.logs[:len(r.logs):len(r.logs)]
}

func (r *Receiver) Spans() []*tracewire.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.spans[:len(r.spans):len(r.spans)]
}

// Metric is the metric of that name as it was received last, nil where it was not.
func (r *Receiver) Metric(name string) *metricswire.Metric {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.metrics[name]
}

// Attribute is a text or a number as text; "" where there is none.
func Attribute(all []*common.KeyValue, key string) string {
	for _, kv := range all {
		if kv.Key != key {
			continue
		}
		if n, ok := kv.Value.GetValue().(*common.AnyValue_IntValue); ok {
			return fmt.Sprint(n.IntValue)
		}
		return kv.Value.GetStringValue()
	}
	return ""
}

func (r *Receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	b, err := io.ReadAll(q.Body)
	framed := strings.HasPrefix(q.Header.Get("Content-Type"), "application/grpc")
	if framed && len(b) >= 5 && int(binary.BigEndian.Uint32(b[1:])) == len(b)-5 {
		b = b[5:]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down || err != nil {
		w.WriteHeader(503)
		return
	}
	r.raw = append(append(r.raw, b...), '\n')
	r.raw = fmt.Appendf(r.raw, "%s %s %v\n", q.Method, q.URL, q.Header)
	var m proto.Message
	switch path := strings.ToLower(q.URL.Path); {
	case strings.Contains(path, "logs"):
		m = new(logspb.ExportLogsServiceRequest)
	case strings.Contains(path, "trace"):
		m = new(tracepb.ExportTraceServiceRequest)
	default:
		m = new(metricspb.ExportMetricsServiceRequest)
	}
	if proto.Unmarshal(b, m) != nil {
		w.WriteHeader(400)
		return
	}
	text, _ := protojson.Marshal(m)
	r.raw = append(append(r.raw, text...), '\n')
	r.take(m)
	if framed {
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status")
		_, _ = w.Write(make([]byte, 5))
		w.Header().Set("Grpc-Status", "0")
	}
}

func (r *Receiver) take(m proto.Message) {
	switch m := m.(type) {
	case *logspb.ExportLogsServiceRequest:
		for _, of := range m.ResourceLogs {
			for _, s := range of.ScopeLogs {
				r.logs = append(r.logs, s.LogRecords...)
			}
		}
	case *tracepb.ExportTraceServiceRequest:
		for _, of := range m.ResourceSpans {
			for _, s := range of.ScopeSpans {
				r.spans = append(r.spans, s.Spans...)
			}
		}
	case *metricspb.ExportMetricsServiceRequest:
		for _, of := range m.ResourceMetrics {
			for _, s := range of.ScopeMetrics {
				for _, metric := range s.Metrics {
					r.metrics[metric.Name] = metric
				}
			}
		}
	}
}

// all is everything that was received, to be searched.
func (r *Receiver) all() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.raw[:len(r.raw):len(r.raw)]
}
