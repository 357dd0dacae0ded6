package proxy

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/policy"
	"weir/proxy/telemetry"
)

func TestPanicOfAReloadKeepsThePolicyInUse(t *testing.T) {
	const text = "controller: {name: N, country: DK, contact: p@n.example}\ndefaults: {retain: 30d}\n"
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	log, err := telemetry.NewLog(telemetry.LogConfig{Out: &said})
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := telemetry.NewMetrics(telemetry.MetricsConfig{})
	if err != nil {
		t.Fatal(err)
	}
	ends := false
	r := &reloader{path: path, log: log, metrics: metrics, taken: func(*policy.Policy) error { return nil }, accept: func(*policy.Policy) error {
		if ends {
			panic("vanna@zq7.example")
		}
		return nil
	}}
	first, err := policy.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.use(first); err != nil {
		t.Fatal(err)
	}
	used := r.now()
	if err := os.WriteFile(path, []byte(strings.Replace(text, "30d", "7d", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	ends = true
	if err := r.reload(true); err == nil || !strings.HasPrefix(err.Error(), path+": ") || strings.Contains(err.Error(), "vanna") {
		t.Error(err)
	}
	if r.now() != used || metrics.Rejected.Load() != 1 {
		t.Error("not the last good one, or not counted")
	}
	ends = false
	if err := r.reload(true); err != nil || r.now() == used {
		t.Error("none can be taken any more", err)
	}
	log.Close()
	if text := said.String(); !strings.Contains(text, "policy_panicked") || !strings.Contains(text, "policy.yaml") || strings.Contains(text, "vanna") {
		t.Error(text)
	}
}
