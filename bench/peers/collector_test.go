//go:build peers

package peers

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	logspb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	metricspb "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	tracepb "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	logswire "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	metricswire "go.opentelemetry.io/proto/slim/otlp/metrics/v1"
	tracewire "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// The OpenTelemetry Collector, made by its own builder. Later versions need a
// module that Go's module proxy does not give.
const (
	collectorBuilder = "go.opentelemetry.io/collector/cmd/builder@v0.162.0"
	collectorParts   = `
dist: {name: otelcol, output_path: ./out}
receivers: [{gomod: go.opentelemetry.io/collector/receiver/otlpreceiver v0.162.0}]
exporters: [{gomod: go.opentelemetry.io/collector/exporter/otlphttpexporter v0.162.0}]
providers: [{gomod: go.opentelemetry.io/collector/confmap/provider/fileprovider v1.68.0}]
conf_resolver: {default_uri_scheme: file}
`
)

// builtCollector is the path of the binary.
func builtCollector(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "builder.yaml"), []byte(collectorParts), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", collectorBuilder, "--config", "builder.yaml")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(dir, "out", "otelcol")
}

// collector is one that gives all that it receives to sink.
type collector struct {
	t          *testing.T
	binary     string
	config     string // path
	grpc, http string // host:port
	cmd        *exec.Cmd
	sink       *collected
}

func newCollector(t *testing.T, binary string) *collector {
	t.Helper()
	c := &collector{t: t, binary: binary, config: filepath.Join(t.TempDir(), "config.yaml"), grpc: "127.0.0.1:" + free(t), http: "127.0.0.1:" + free(t), sink: newCollected(t)}
	config := fmt.Sprintf(`
receivers: {otlp: {protocols: {grpc: {endpoint: %q}, http: {endpoint: %q}}}}
exporters: {otlphttp: {endpoint: %q, compression: none, sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    logs: {receivers: [otlp], exporters: [otlphttp]}
    metrics: {receivers: [otlp], exporters: [otlphttp]}
    traces: {receivers: [otlp], exporters: [otlphttp]}
`, c.grpc, c.http, c.sink.URL)
	if err := os.WriteFile(c.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// start runs it, stop ends it.
func (c *collector) start() {
	c.t.Helper()
	c.cmd = exec.Command(c.binary, "--config", "file:"+c.config)
	said, err := os.Create(c.config + ".log")
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = said.Close() })
	c.cmd.Stdout, c.cmd.Stderr = said, said
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = c.cmd.Process.Kill(); _ = c.cmd.Wait() })
	c.t.Cleanup(func() {
		if b, err := os.ReadFile(said.Name()); c.t.Failed() && err == nil {
			c.t.Logf("the collector said\n%s", b)
		}
	})
	eventually(c.t, "the collector listens", func() bool { return reachable(c.grpc) && reachable(c.http) })
}

func reachable(address string) bool {
	c, err := net.Dial("tcp", address)
	if err == nil {
		_ = c.Close()
	}
	return err == nil
}

func (c *collector) stop() {
	c.t.Helper()
	_ = c.cmd.Process.Signal(os.Interrupt)
	_ = c.cmd.Wait()
}

// collected is all that came through the collector.
type collected struct {
	*httptest.Server
	mu      sync.Mutex
	raw     bytes.Buffer
	logs    []*logswire.LogRecord
	spans   []*tracewire.Span
	metrics map[string]*metricswire.Metric
	service map[string]bool // names of services
}

func newCollected(t *testing.T) *collected {
	c := &collected{metrics: map[string]*metricswire.Metric{}, service: map[string]bool{}}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *collected) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(400)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw.Write(b)
	switch r.URL.Path {
	case "/v1/logs":
		var m logspb.ExportLogsServiceRequest
		_ = proto.Unmarshal(b, &m)
		for _, of := range m.ResourceLogs {
			c.service[text(of.Resource.GetAttributes(), "service.name")] = true
			for _, s := range of.ScopeLogs {
				c.logs = append(c.logs, s.LogRecords...)
			}
		}
	case "/v1/traces":
		var m tracepb.ExportTraceServiceRequest
		_ = proto.Unmarshal(b, &m)
		for _, of := range m.ResourceSpans {
			c.service[text(of.Resource.GetAttributes(), "service.name")] = true
			for _, s := range of.ScopeSpans {
				c.spans = append(c.spans, s.Spans...)
			}
		}
	case "/v1/metrics":
		var m metricspb.ExportMetricsServiceRequest
		_ = proto.Unmarshal(b, &m)
		for _, of := range m.ResourceMetrics {
			c.service[text(of.Resource.GetAttributes(), "service.name")] = true
			for _, s := range of.ScopeMetrics {
				for _, metric := range s.Metrics {
					c.metrics[metric.Name] = metric
				}
			}
		}
	}
}

// records are those of entries by log.record.uid, and the gaps; doubled counts
// records whose uid was there already.
func (c *collected) records() (entries map[string]*logswire.LogRecord, missing int64, doubled int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entries = map[string]*logswire.LogRecord{}
	for _, r := range c.logs {
		if r.EventName == "weir.gap" {
			missing += value(r.Attributes, "gap.entries").GetIntValue()
			continue
		}
		uid := text(r.Attributes, "log.record.uid")
		if entries[uid] != nil {
			doubled++
		}
		entries[uid] = r
	}
	return entries, missing, doubled
}

func value(all []*common.KeyValue, key string) *common.AnyValue {
	for _, kv := range all {
		if kv.Key == key {
			return kv.Value
		}
	}
	return nil
}

func text(all []*common.KeyValue, key string) string { return value(all, key).GetStringValue() }

// observed is a weir that tells a collector everything, by one protocol.
func observed(t *testing.T, c *collector, protocol, upstream string) *instance {
	t.Helper()
	to := "http://" + c.grpc
	if protocol == "http" {
		to = "http://" + c.http
	}
	return start(t, fmt.Sprintf(`service: www
policy: policy.yaml
listen: [{reverse: "127.0.0.1:0", to: %q}]
trust: [127.0.0.0/8]
log: [{otlp: %[2]q, protocol: %[3]s, buffer: 64KiB}]
telemetry:
  metrics: {otlp: %[2]q, protocol: %[3]s, every: 1s}
  traces: {otlp: %[2]q, protocol: %[3]s, sample: 1}
keys: keys
admin: 127.0.0.1:0
`, upstream, to, protocol), open+"routes: [{at: \"/device/{id}\"}]\n")
}

func (in *instance) ask(t *testing.T, path string) {
	t.Helper()
	q, err := http.NewRequest("GET", "http://"+in.addrs[0]+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Cookie", "sid=canary-anna.jensen")
	q.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	if _ = resp.Body.Close(); resp.StatusCode != 200 {
		t.Fatalf("status %d", resp.StatusCode)
	}
}

func TestTheCollector(t *testing.T) {
	binary := builtCollector(t)
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer up.Close()
	for _, protocol := range []string{"grpc", "http"} {
		t.Run("receives logs, metrics and traces over "+protocol, func(t *testing.T) {
			c := newCollector(t, binary)
			c.start()
			in := observed(t, c, protocol, up.URL)
			in.ask(t, "/device/canary-7f3c?email=canary%40anna.example&page=2")
			for _, name := range []string{"http.server.request.duration", "http.client.request.duration", "http.server.active_requests", "weir.log.entries", "go.goroutine.count"} {
				eventually(t, name, func() bool { return c.sink.metric(name) != nil })
			}
			eventually(t, "entry and spans", func() bool {
				entries, _, _ := c.sink.records()
				return len(entries) == 1 && len(c.sink.all()) == 2
			})
			in.stop()
			received(t, c.sink)
			c.stop()
		})
	}
	t.Run("costs traffic nothing while it is away", func(t *testing.T) { away(t, newCollector(t, binary), up.URL) })
}

func (c *collected) metric(name string) *metricswire.Metric {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.metrics[name]
}

func (c *collected) all() []*tracewire.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spans
}

// received looks at names, types and values of one exchange.
func received(t *testing.T, c *collected) {
	t.Helper()
	entries, _, _ := c.records()
	for _, r := range entries {
		a := r.Attributes
		if text(a, "http.request.method") != "GET" || text(a, "url.path") != "/device/{id}" || value(a, "http.response.status_code").GetIntValue() != 200 ||
			value(a, "duration").GetDoubleValue() <= 0 || r.SeverityText != "INFO" || hex.EncodeToString(r.TraceId) != "0af7651916cd43dd8448eb211c80319c" {
			t.Errorf("record %v", r)
		}
	}
	server, client := c.all()[0], c.all()[1]
	if server.Name != "GET /device/{id}" || server.Kind != tracewire.Span_SPAN_KIND_SERVER || text(server.Attributes, "http.route") != "/device/{id}" ||
		hex.EncodeToString(server.ParentSpanId) != "b7ad6b7169203331" || client.Kind != tracewire.Span_SPAN_KIND_CLIENT || !bytes.Equal(client.ParentSpanId, server.SpanId) {
		t.Errorf("spans %v, %v", server, client)
	}
	h := c.metric("http.server.request.duration")
	if p := h.GetHistogram().GetDataPoints(); h.Unit != "s" || len(p) != 1 || text(p[0].Attributes, "http.request.method") != "GET" ||
		value(p[0].Attributes, "http.response.status_code").GetIntValue() != 200 {
		t.Errorf("metric %v", h)
	}
	if len(c.service) != 1 || !c.service["www"] {
		t.Errorf("services %v", c.service)
	}
	if bytes.Contains(c.raw.Bytes(), []byte("canary")) || bytes.Contains(c.raw.Bytes(), []byte("anna")) {
		t.Error("the collector was given what passed by")
	}
}

// away stops a collector until entries are lost, and starts it again.
func away(t *testing.T, c *collector, upstream string) {
	c.start()
	in := observed(t, c, "grpc", upstream)
	in.ask(t, "/")
	eventually(t, "the first entry", func() bool { entries, _, _ := c.sink.records(); return len(entries) == 1 })
	c.stop()
	asked := 1
	var slowest time.Duration
	lost := func() float64 { return in.metric(`weir_log_entries_total{result="lost"`) }
	for lost() == 0 { // the buffer is small
		for range 50 {
			began := time.Now()
			in.ask(t, "/device/1")
			asked++
			slowest = max(slowest, time.Since(began))
		}
	}
	c.start()
	eventually(t, "a gap", func() bool { _, missing, _ := c.sink.records(); return missing > 0 })
	in.ask(t, "/") // and on it goes
	asked++
	in.stop()
	entries, missing, doubled := c.sink.records()
	if len(entries)+int(missing) != asked || doubled > 0 {
		t.Errorf("%d exchanges, %d entries, %d told by gaps, %d twice", asked, len(entries), missing, doubled)
	}
	t.Logf("%d exchanges, the slowest %v; %d entries, %d told by gaps, %d twice", asked, slowest.Round(time.Microsecond), len(entries), missing, doubled)
}
