package telemetry

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"weir/redact/category"
)

func testMetrics(t testing.TB, cfg MetricsConfig) *Metrics {
	t.Helper()
	m, err := NewMetrics(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var typical = MetricsConfig{
	Service: "www", Version: "1.0.0",
	Listeners: []ListenerLabels{{":8080", "inbound", "http"}, {"127.0.0.1:3128", "outbound", "http"}},
	Upstreams: []string{"http://127.0.0.1:3000"}, Sinks: []string{"log/"},
	Outcomes: []string{"complete", "refused"}, Protocols: []string{"", "1.0", "1.1", "2"}, Reasons: []string{"bad_chunk"},
	Stages: []string{"walk"}, Categories: []category.Key{"user.contact.email"},
}

// scrape reads /metrics as Prometheus does.
func scrape(t testing.TB, h http.Handler) (map[string]*dto.MetricFamily, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	text := w.Body.String()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Fatalf("not Prometheus text: %v\n%s", err, text)
	}
	return families, text
}

// value finds the sample of family whose labels include want, "a=b,c=d".
func value(t testing.TB, families map[string]*dto.MetricFamily, family, want string) float64 {
	t.Helper()
	f := families[family]
	if f == nil {
		t.Fatalf("no metric %s", family)
	}
next:
	for _, m := range f.Metric {
		have := map[string]string{}
		for _, l := range m.Label {
			have[l.GetName()] = l.GetValue()
		}
		for pair := range strings.SplitSeq(want, ",") {
			if k, v, _ := strings.Cut(pair, "="); k != "" && have[k] != v {
				continue next
			}
		}
		switch {
		case m.Counter != nil:
			return m.Counter.GetValue()
		case m.Gauge != nil:
			return m.Gauge.GetValue()
		case m.Histogram != nil:
			return float64(m.Histogram.GetSampleCount())
		}
	}
	t.Fatalf("no %s{%s} in %v", family, want, f.Metric)
	return 0
}

func TestCountsAreShown(t *testing.T) {
	log, _, _ := testLog(t, LogConfig{})
	health := NewHealth()
	cfg := typical
	cfg.Log, cfg.Health = log, health
	m := testMetrics(t, cfg)

	l := m.Listener(":8080")
	l.Opened()
	l.Began(get)
	l.Began(get)
	l.Ended(Exchange{Method: get, Protocol: 2, Status: 200, Outcome: 0, Duration: 30 * time.Millisecond, Received: 10, Sent: 1000})
	l.Ended(Exchange{Method: get, Status: 400, Outcome: 1, Reason: "bad_chunk", Duration: time.Hour})
	l.Began(get)
	l.TunnelOpened()
	l.CertificateEnds(time.Now().Add(time.Hour + 500*time.Millisecond))
	u := m.Upstream("http://127.0.0.1:3000")
	u.Reused.Add(3)
	u.Ended(Call{Method: get, Status: 503, Duration: time.Second, FirstByte: time.Millisecond})
	m.Rules([]string{"people", "gone"})
	m.Matched("people", 3)
	m.Rules([]string{"people", "visitors"})
	m.Matched("people", 1)
	m.Matched(canary, 1)
	s := m.Sink("log/")
	s.Written.Add(7)
	s.Lost.Add(2)
	s.Bytes.Add(700)
	s.Pending.Set(70)
	m.Policy("sha256:0123456789abcdef0123456789abcdef")
	m.Reloads.Add(1)
	m.Epochs.Set(31)
	m.Entry()
	m.Guarded(2)
	m.Fault("walk")
	m.Found("user.contact.email", 3)
	m.Found(canary, 1)
	log.Foreign("net_http").Logger().Print("http: TLS handshake error from 192.0.2.1:1: EOF")

	families, text := scrape(t, m.Handler())
	for _, c := range []struct {
		family, labels string
		want           float64
	}{
		{"weir_exchanges_total", "listener=:8080,direction=inbound,status_class=2xx,outcome=complete", 1},
		{"weir_exchanges_total", "listener=:8080,status_class=4xx,outcome=refused", 1},
		{"weir_refused_total", "listener=:8080,reason=bad_chunk", 1},
		{"http_server_request_duration_seconds", "listener=:8080,http_request_method=GET,http_response_status_code=200,network_protocol_version=1.1,url_scheme=http", 1},
		{"http_server_request_duration_seconds", "http_response_status_code=400,error_type=refused", 1},
		{"http_server_active_requests", "listener=:8080,http_request_method=GET", 1},
		{"http_client_request_duration_seconds", "upstream=http://127.0.0.1:3000,server_address=127.0.0.1,server_port=3000,http_response_status_code=503,error_type=503", 1},
		{"weir_upstream_first_byte_seconds", "upstream=http://127.0.0.1:3000", 1},
		{"weir_rule_matches_total", "rule=people", 4},
		{"weir_rule_matches_total", "rule=visitors", 0},
		{"weir_rule_matches_total", "rule=other", 1},
		{"weir_connections_active", "listener=:8080", 1},
		{"weir_connections_total", "listener=127.0.0.1:3128,direction=outbound", 0},
		{"weir_io_bytes_total", "listener=:8080,network_io_direction=transmit", 1000},
		{"weir_tunnels_active", "listener=:8080", 1},
		{"weir_upstream_attempts_total", "result=reused", 3},
		{"weir_log_entries_total", "sink=log/,result=written", 7},
		{"weir_log_entries_total", "sink=log/,result=lost", 2},
		{"weir_log_io_bytes_total", "sink=log/", 700},
		{"weir_log_pending_bytes", "sink=log/", 70},
		{"weir_policy_info", "fingerprint=sha256:0123456789ab", 1},
		{"weir_policy_reloads_total", "result=ok", 1},
		{"weir_keys_epochs", "", 31},
		{"weir_redaction_entries_total", "", 1},
		{"weir_redaction_guarded_total", "", 2},
		{"weir_redaction_faults_total", "stage=walk", 1},
		{"weir_findings_total", "category=user.contact.email", 3},
		{"weir_findings_total", "category=other", 1},
		{"weir_build_info", "version=1.0.0", 1},
		{"weir_ready", "", 1},
		{"weir_third_party_total", "component=net_http,topic=tls_handshake", 1},
		{"weir_panics_total", "", 0},
		{"target_info", "service_name=www", 1},
	} {
		if got := value(t, families, c.family, c.labels); got != c.want {
			t.Errorf("%s{%s} = %v, want %v", c.family, c.labels, got, c.want)
		}
	}
	if got := value(t, families, "weir_certificate_remaining_seconds", "listener=:8080"); got < 3500 || got > 3601 {
		t.Errorf("the certificate ends in %v s", got)
	}
	for _, name := range []string{"go_goroutines", "go_memstats_heap_alloc_bytes", "process_open_fds", "process_resident_memory_bytes"} {
		if families[name] == nil {
			t.Errorf("no %s", name)
		}
	}
	for name, f := range families {
		if strings.HasPrefix(name, "weir") && f.GetHelp() == "" || !strings.Contains(text, "# TYPE "+name+" ") {
			t.Errorf("%s lacks HELP or TYPE", name)
		}
	}
}

func TestHistogramAgreesWithItself(t *testing.T) {
	m := testMetrics(t, typical)
	l := m.Listener(":8080")
	for _, d := range []time.Duration{-time.Second, 0, 5 * time.Millisecond, 5*time.Millisecond + 1, 10 * time.Second, time.Hour} {
		l.Began(get)
		l.Ended(Exchange{Method: get, Status: 204, Duration: d})
	}
	families, _ := scrape(t, m.Handler())
	h := families["http_server_request_duration_seconds"].Metric[0].Histogram
	if h.GetSampleCount() != 6 || h.Bucket[0].GetUpperBound() != 0.005 || h.Bucket[0].GetCumulativeCount() != 3 ||
		h.Bucket[1].GetCumulativeCount() != 4 || h.Bucket[13].GetCumulativeCount() != 5 {
		t.Errorf("got %v", h)
	}
}

func TestLabelsAreBounded(t *testing.T) {
	m := testMetrics(t, typical)
	l := m.Listener(canary)
	l.Opened()
	for i := range 1000 {
		l.Began(get)
		l.Ended(Exchange{Method: get, Status: i, Outcome: uint8(i), Reason: canary, Duration: time.Duration(i)})
	}
	m.Upstream(canary).Failed.Add(1)
	m.Sink(canary).Lost.Add(1)
	m.Fault(canary)
	families, text := scrape(t, m.Handler())
	if strings.Contains(text, "anna") {
		t.Error("an unconfigured name became a label")
	}
	if got := value(t, families, "weir_refused_total", "listener=other,reason=other"); got != 1000 {
		t.Errorf("refused for other: %v", got)
	}
	if n := len(families["weir_exchanges_total"].Metric); n > len(statusClasses)*4 {
		t.Errorf("%d series of exchanges", n)
	}
	durations := families["http_server_request_duration_seconds"].Metric
	var counted uint64
	for _, d := range durations {
		counted += d.Histogram.GetSampleCount()
	}
	if len(durations) != maxCells*3/4+1 || counted != 1000 {
		t.Errorf("%d series of %d durations", len(durations), counted)
	}
	if got := value(t, families, "http_server_request_duration_seconds", "otel_metric_overflow=true"); got < 1 {
		t.Errorf("overflow %v", got)
	}
}

func TestMethodsAreOfAClosedList(t *testing.T) {
	for _, m := range methods[1:] {
		if got := MethodOf([]byte(m)).String(); got != m {
			t.Errorf("%s is counted as %s", m, got)
		}
	}
	for _, m := range []string{"", "get", "BREW", canary} {
		if got := MethodOf([]byte(m)).String(); got != "_OTHER" {
			t.Errorf("%s is counted as %s", m, got)
		}
	}
}

func TestProcessIsToldByTheNamesOfTheConventions(t *testing.T) {
	m := testMetrics(t, typical)
	seen := map[string]bool{}
	for _, metric := range m.ProduceAll()[0].Metrics {
		seen[metric.Name] = true
	}
	for _, name := range []string{"go.memory.used", "go.memory.allocated", "go.memory.gc.cycles", "go.goroutine.count", "process.cpu.time",
		"process.memory.usage", "process.unix.file_descriptor.count", "process.uptime", "weir.build.info"} {
		if !seen[name] {
			t.Errorf("no %s", name)
		}
	}
	if got, _ := m.Produce(t.Context()); slices.ContainsFunc(got[0].Metrics, func(m metricdata.Metrics) bool { return m.Name == "process.cpu.time" }) {
		t.Error("Prometheus is told twice")
	}
}

func TestUnknownDirectionIsRefused(t *testing.T) {
	if _, err := NewMetrics(MetricsConfig{Listeners: []ListenerLabels{{":1", "sideways", "http"}}}); err == nil {
		t.Error("accepted")
	}
	if _, err := NewMetrics(MetricsConfig{Outcomes: make([]string, 300)}); err == nil {
		t.Error("accepted")
	}
}

func TestCountingWhileReading(t *testing.T) {
	m := testMetrics(t, typical)
	l := m.Listener(":8080")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 500 {
				l.Began(get)
				l.Ended(Exchange{Method: get, Status: 200, Duration: time.Millisecond})
			}
		})
	}
	for range 5 {
		scrape(t, m.Handler())
	}
	wg.Wait()
	families, _ := scrape(t, m.Handler())
	if got := value(t, families, "weir_exchanges_total", "listener=:8080"); got != 2000 {
		t.Errorf("counted %v of 2000", got)
	}
	var none *Listener
	none.Opened()
	none.Began(get)
	none.Ended(Exchange{})
	none.TunnelOpened()
	none.TunnelClosed()
	none.Closed()
}

func BenchmarkExchange(b *testing.B) {
	l := testMetrics(b, typical).Listener(":8080")
	x := Exchange{Method: get, Protocol: 2, Status: 200, Duration: 3 * time.Millisecond, Received: 100, Sent: 1000}
	b.ReportAllocs()
	for b.Loop() {
		l.Began(get)
		l.Ended(x)
	}
}
