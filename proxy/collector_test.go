package proxy_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tracewire "go.opentelemetry.io/proto/slim/otlp/trace/v1"

	"weir/proxy"
)

// told runs weir with a collector for logs, and whatever else is in more.
func told(t *testing.T, to *proxy.Receiver, protocol, more string) *instance {
	t.Helper()
	up := echoes(t, "Traceparent")
	return startWith(t, strings.Replace(head, "[{file: log}]", fmt.Sprintf("[{otlp: %q, protocol: %s}]", to.URL, protocol), 1)+
		fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}, {forward: \"127.0.0.1:0\"}]\n", up.URL)+more, open+"routes: [{at: \"/device/{id}\"}]\n")
}

func TestEntriesReachACollectorOverBothProtocols(t *testing.T) {
	for _, protocol := range []string{"grpc", "http"} {
		t.Run(protocol, func(t *testing.T) {
			to := proxy.NewReceiver(t)
			in := told(t, to, protocol, "")
			in.get(0, "www.x.example")
			in.next()
			eventually(t, "a record", func() bool { return len(to.Logs()) == 1 })
			r := to.Logs()[0]
			if proxy.Attribute(r.Attributes, "http.request.method") != "GET" || proxy.Attribute(r.Attributes, "http.response.status_code") != "200" ||
				proxy.Attribute(r.Attributes, "retain") != "30d" || r.EventName != "weir.entry" {
				t.Errorf("%v", r)
			}
		})
	}
}

func TestACollectorThatIsDownHoldsNobodyAndHasTheRestLater(t *testing.T) {
	to := proxy.NewReceiver(t)
	to.Down(true)
	in := told(t, to, "grpc", "")
	for range 20 {
		in.get(0, "www.x.example")
		in.next()
	}
	eventually(t, "the failure is told", func() bool { return strings.Contains(in.said.String(), "otlp_failed") })
	if status, body := in.admin("/readyz"); status != 200 || !strings.Contains(body, "degraded: log "+to.URL) {
		t.Errorf("%d %s", status, body)
	}
	to.Down(false)
	eventually(t, "all records", func() bool { return len(to.Logs()) >= 20 })
	seen := map[string]bool{}
	for _, r := range to.Logs() {
		seen[proxy.Attribute(r.Attributes, "log.record.uid")] = true
	}
	if len(seen) != 20 || len(to.Logs()) != 20 {
		t.Errorf("%d records, %d of them different", len(to.Logs()), len(seen))
	}
	eventually(t, "ready", func() bool { _, body := in.admin("/readyz"); return body == "ok\n" })
}

func TestMetricsArePushedByTheNamesOfTheConventions(t *testing.T) {
	to := proxy.NewReceiver(t)
	in := told(t, to, "http", fmt.Sprintf("telemetry: {metrics: {otlp: %q, protocol: grpc, every: 1s}}\n", to.URL))
	in.get(0, "www.x.example")
	in.next()
	for _, name := range []string{"http.server.request.duration", "http.client.request.duration", "http.server.active_requests", "http.client.open_connections",
		"weir.log.entries", "weir.keys.age", "go.goroutine.count", "process.cpu.time"} {
		eventually(t, name, func() bool { return to.Metric(name) != nil })
	}
	point := to.Metric("http.server.request.duration").GetHistogram().DataPoints[0]
	if to.Metric("http.server.request.duration").Unit != "s" || proxy.Attribute(point.Attributes, "http.request.method") != "GET" ||
		proxy.Attribute(point.Attributes, "http.response.status_code") != "200" || proxy.Attribute(point.Attributes, "network.protocol.version") != "1.1" {
		t.Errorf("%v", point)
	}
}

const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// asks sends a request with a traceparent, and returns what the upstream was sent.
func (in *instance) asks(i int, target, traceparent string) string {
	in.t.Helper()
	got := in.talk(i, "GET "+target+" HTTP/1.1\r\nHost: www.x.example\r\nTraceParent: "+traceparent+"\r\ntracestate: a=b\r\nConnection: close\r\n\r\n")
	in.next()
	return got[strings.IndexByte(got, '[')+1 : strings.LastIndexByte(got, ']')]
}

func TestSpansOfAnExchange(t *testing.T) {
	to := proxy.NewReceiver(t)
	in := told(t, to, "grpc", fmt.Sprintf("trust: [127.0.0.0/8]\ntelemetry: {traces: {otlp: %q, protocol: http, sample: 0}}\n", to.URL))
	if got := in.asks(0, "/device/7f3c?email=anna@x.example", parent); got != parent {
		t.Errorf("the upstream was sent %q", got)
	}
	in.asks(0, "/device/7f3c", strings.TrimSuffix(parent, "1")+"0") // not sampled
	in.asks(0, "/device/7f3c", "00-nonsense")
	in.get(0, "www.x.example")
	in.next()
	eventually(t, "spans", func() bool { return len(to.Spans()) >= 2 })
	in.end()
	all := to.Spans()
	if len(all) != 2 {
		t.Fatalf("%d spans", len(all))
	}
	server, client := all[0], all[1]
	if hex.EncodeToString(server.TraceId) != parent[3:35] || hex.EncodeToString(server.ParentSpanId) != parent[36:52] || string(client.ParentSpanId) != string(server.SpanId) ||
		server.Kind != tracewire.Span_SPAN_KIND_SERVER || client.Kind != tracewire.Span_SPAN_KIND_CLIENT || server.Name != "GET /device/{id}" || client.Name != "GET" {
		t.Errorf("%v\n%v", server, client)
	}
	if a := server.Attributes; proxy.Attribute(a, "http.route") != "/device/{id}" || proxy.Attribute(a, "url.path") != "/device/{id}" || proxy.Attribute(a, "url.query") != "email=" {
		t.Errorf("%v", a)
	}
	if client.StartTimeUnixNano < server.StartTimeUnixNano || client.EndTimeUnixNano > server.EndTimeUnixNano || proxy.Attribute(client.Attributes, "server.address") != "127.0.0.1" {
		t.Errorf("%v", client)
	}
	var traced int
	for _, r := range to.Logs() {
		if string(r.TraceId) == string(server.TraceId) && string(r.SpanId) == string(server.SpanId) {
			traced++
		}
	}
	if traced != 1 || len(to.Logs()) != 4 {
		t.Errorf("%d of %d records belong to the span", traced, len(to.Logs()))
	}
}

func TestATraceBeginsAtWeirForWhoIsNotTrusted(t *testing.T) {
	to := proxy.NewReceiver(t)
	in := told(t, to, "grpc", fmt.Sprintf("telemetry: {traces: {otlp: %q, sample: 1, inject: true}}\n", to.URL))
	got := in.asks(0, "/", parent)
	eventually(t, "spans", func() bool { return len(to.Spans()) == 2 })
	server, client := to.Spans()[0], to.Spans()[1]
	if id := hex.EncodeToString(server.TraceId); id == parent[3:35] || len(server.ParentSpanId) > 0 ||
		got != "00-"+id+"-"+hex.EncodeToString(client.SpanId)+"-01" {
		t.Errorf("the upstream was sent %q; spans %v", got, to.Spans())
	}
	// Who uses a forward listener is the service itself.
	in.talk(1, "GET http://169.254.169.254/ HTTP/1.1\r\nHost: 169.254.169.254\r\ntraceparent: "+parent+"\r\nConnection: close\r\n\r\n")
	eventually(t, "spans", func() bool { return len(to.Spans()) > 2 })
	if s := to.Spans()[2]; hex.EncodeToString(s.TraceId) != parent[3:35] || proxy.Attribute(s.Attributes, "error.type") != "forbidden_address" {
		t.Errorf("%v", s)
	}
}

// The service takes over what its clients name: without inject that may be a stranger's.
func TestTheServiceIsNotBelievedWithoutInject(t *testing.T) {
	to := proxy.NewReceiver(t)
	in := told(t, to, "grpc", fmt.Sprintf("telemetry: {traces: {otlp: %q, sample: 1}}\n", to.URL))
	in.talk(1, "GET http://169.254.169.254/ HTTP/1.1\r\nHost: 169.254.169.254\r\ntraceparent: "+parent+"\r\nConnection: close\r\n\r\n")
	eventually(t, "a span", func() bool { return len(to.Spans()) > 0 })
	if s := to.Spans()[0]; hex.EncodeToString(s.TraceId) == parent[3:35] || len(s.ParentSpanId) > 0 {
		t.Errorf("%v", s)
	}
}

// The service takes a trace over from its request, and is believed itself.
func TestTheServiceIsToldNoTraceOfWhoIsNotTrusted(t *testing.T) {
	to := proxy.NewReceiver(t)
	in := told(t, to, "grpc", fmt.Sprintf("telemetry: {traces: {otlp: %q, sample: 0, inject: true}}\n", to.URL))
	for _, sent := range []string{parent, "cc-" + parent[3:] + "-more", "anna@x.example"} {
		got := in.asks(0, "/", sent)
		if len(got) != len(parent) || !strings.HasPrefix(got, "00-") || !strings.HasSuffix(got, "-00") || got[3:35] == parent[3:35] || got[36:52] == parent[36:52] {
			t.Errorf("for %q the upstream was sent %q", sent, got)
		}
	}
	if got := in.talk(0, "GET / HTTP/1.1\r\nHost: www.x.example\r\nConnection: close\r\n\r\n"); !strings.Contains(got, "[]") {
		t.Errorf("a trace was made up: %q", got)
	}
	in.next()
}

func TestWithoutTracesNothingIsTouched(t *testing.T) {
	to := proxy.NewReceiver(t)
	in := told(t, to, "grpc", "trust: [127.0.0.0/8]\n")
	if got := in.asks(0, "/", parent); got != parent {
		t.Errorf("the upstream was sent %q", got)
	}
	eventually(t, "a record", func() bool { return len(to.Logs()) == 1 })
	if r := to.Logs()[0]; r.TraceId != nil {
		t.Errorf("%v", r)
	}
}

func TestWhatIsWrongWithACollectorIsTold(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "open"), []byte("Authorization: Bearer x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	listeners := "listen: [{forward: \"127.0.0.1:0\"}]\n"
	for config, want := range map[string]string{
		"log: [{otlp: \"ftp://a\"}]":                                             "the scheme of this URL is not http or https",
		"log: [{otlp: \"https://a:4317/x\", protocol: grpc}]":                    "has no path",
		"log: [{otlp: \"https://a:4317\", format: json}]":                        "`format` is not for a collector",
		"log: [{otlp: \"https://a:4317\", country: Denmark}]":                    "this is no country of ISO 3166-1",
		"log: [{file: log, ca: x.pem}]":                                          "`ca` is for a collector",
		"log: [{otlp: \"https://a:4317\", ca: gone.pem}]":                        "gone.pem",
		"log: [{otlp: \"http://a:4317\", ca: x.pem}]":                            "certificates are for a collector that is reached by https://",
		"log: [{otlp: \"https://a:4317\", headers: open}]":                       "can be read by everybody",
		"log: [stdout]\ntelemetry: {traces: {otlp: \"https://a\"}}":              `"sample" is missing`,
		"log: [stdout]\ntelemetry: {traces: {otlp: \"https://a\", sample: 2}}":   "0 to 1",
		"log: [stdout]\ntelemetry: {metrics: {otlp: \"https://a\", every: 1ms}}": "once a second at most",
		"log: [stdout]\ntelemetry: {logs: {}}":                                   `unknown key "logs"`,
	} {
		if got := refuses(t, dir, strings.Replace(head, "log: [{file: log}]", config, 1)+listeners); !strings.Contains(got, want) {
			t.Errorf("%s: %s", config, got)
		}
	}
}
