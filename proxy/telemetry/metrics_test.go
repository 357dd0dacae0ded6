package telemetry

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

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
	Listeners: []ListenerLabels{{":8080", "inbound"}, {"127.0.0.1:3128", "outbound"}},
	Upstreams: []string{"http://127.0.0.1:3000"}, Sinks: []string{"log/"},
	Outcomes: []string{"complete", "refused"}, Reasons: []string{"bad_chunk"},
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
	l.Began()
	l.Began()
	l.Ended(Exchange{Status: 200, Outcome: 0, Duration: 30 * time.Millisecond, Received: 10, Sent: 1000})
	l.Ended(Exchange{Status: 400, Outcome: 1, Reason: "bad_chunk", Duration: time.Hour})
	l.Began()
	l.TunnelOpened()
	m.Upstream("http://127.0.0.1:3000").Reused.Add(3)
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
		{"http_server_request_duration_seconds", "listener=:8080,status_class=2xx", 1},
		{"http_server_active_requests", "listener=:8080", 1},
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
		l.Began()
		l.Ended(Exchange{Status: 204, Duration: d})
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
		l.Began()
		l.Ended(Exchange{Status: i * 7, Outcome: uint8(i), Reason: canary, Duration: time.Duration(i)})
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
	if n := len(families["weir_exchanges_total"].Metric); n > len(statusClasses)*3 {
		t.Errorf("%d series of exchanges", n)
	}
}

func TestUnknownDirectionIsRefused(t *testing.T) {
	if _, err := NewMetrics(MetricsConfig{Listeners: []ListenerLabels{{":1", "sideways"}}}); err == nil {
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
				l.Began()
				l.Ended(Exchange{Status: 200, Duration: time.Millisecond})
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
	none.Began()
	none.Ended(Exchange{})
	none.TunnelOpened()
	none.TunnelClosed()
	none.Closed()
}

func BenchmarkExchange(b *testing.B) {
	l := testMetrics(b, typical).Listener(":8080")
	x := Exchange{Status: 200, Duration: 3 * time.Millisecond, Received: 100, Sent: 1000}
	b.ReportAllocs()
	for b.Loop() {
		l.Began()
		l.Ended(x)
	}
}
