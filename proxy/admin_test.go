package proxy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

func TestMetricsAreReadByPrometheusAndCountWhatWasCarried(t *testing.T) {
	up := says(t, "hello")
	in := start(t, fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: {www.x.example: %q}}, {forward: \"127.0.0.1:0\"}]\n", up.URL))
	for range 3 {
		in.get(0, "www.x.example", "Cookie: sid=abcdef0123456789")
	}
	in.get(0, "other.example")
	in.talk(0, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")
	for range 5 {
		in.next()
	}
	_, page := in.admin("/metrics")
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	counted := map[string]float64{}
	series := 0
	for name, f := range families {
		if !strings.HasPrefix(name, "weir_") {
			continue
		}
		for _, m := range f.GetMetric() {
			series++
			for _, l := range m.GetLabel() {
				if l.GetName() == "outcome" {
					counted[l.GetValue()] += m.GetCounter().GetValue()
				}
			}
		}
	}
	if counted["complete"] != 3 || counted["no_route"] != 1 || counted["refused"] != 1 {
		t.Errorf("exchanges by outcome: %v\n%s", counted, page)
	}
	if series > 2000 {
		t.Errorf("%d series", series)
	}
	if strings.Contains(page, "other.example") || strings.Contains(page, "abcdef") {
		t.Error("labels from traffic")
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/": 404, "/debug/pprof/": 404} {
		if got, _ := in.admin(path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
}
