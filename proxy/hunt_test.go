package proxy

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestHunt lets canaries loose in every place of requests and responses, through
// every mode and every fault, and finds none in anything that weir leaves
// behind. To hunt in another place, add a line to a table: hunt_headers_test.go,
// hunt_places_test.go, hunt_ways_test.go, hunt_refused_test.go,
// hunt_malformed_test.go, hunt_faults_test.go, hunt_bodies_test.go.
func TestHunt(t *testing.T) {
	for _, p := range huntPolicies {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			r := newRig(t, p.text)
			for _, hunt := range []func(*testing.T){r.ways, r.bodies, r.sockets, r.tunnels, r.refused, r.malformed, r.broken, r.faults, r.asks} {
				hunt(t)
			}
			metrics := r.metrics(t)
			r.drained(t)
			r.search(t)
			r.counts(t)
			if n := counter(metrics, "weir_redaction_guarded_total"); n != "0" {
				t.Errorf("the leak guard held back %s fields: what it holds back is a defect", n)
			}
			t.Logf("%d canaries, %d exchanges carried, %d entries, %s", len(r.flock.all), r.exchanges, r.entries, time.Since(began).Round(time.Millisecond))
		})
	}
}

// search finds every canary that is in an output.
func (r *rig) search(t *testing.T) {
	t.Helper()
	h := r.flock.hound()
	outputs := r.outputs(t)
	told, before := 0, make(map[string]bool)
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		for _, hit := range h.found(unseen(outputs[name], before)) {
			if told++; told <= 25 {
				t.Errorf("%s: %s %q (%s) in\n… %q …", name, hit.shape, hit.value, hit.place, hit.around)
			}
		}
	}
	if told > 0 {
		t.Errorf("%d canaries got out", told)
	}
	for _, want := range []string{"stdout", "stderr", "weir's own answers", "the collector"} {
		if len(outputs[want]) == 0 {
			t.Errorf("%s is empty", want)
		}
	}
	keys := slices.ContainsFunc(slices.Collect(maps.Keys(outputs)), func(n string) bool { return strings.HasPrefix(n, "keys/") })
	sealed := slices.ContainsFunc(slices.Collect(maps.Keys(outputs)), func(n string) bool { return strings.HasSuffix(n, ".zst") })
	if !keys || !sealed {
		t.Errorf("no keys (%v) or no sealed segment (%v) to be searched", keys, sealed)
	}
	if !bytes.Contains(outputs["stderr"], []byte("DEBUG")) {
		t.Error("nothing was told at debug level")
	}
}

// unseen leaves out the lines that were searched before: several sinks have the same.
func unseen(b []byte, before map[string]bool) []byte {
	var rest []byte
	for l := range bytes.Lines(b) {
		if !before[string(l)] {
			before[string(l)] = true
			rest = append(rest, l...)
		}
	}
	return rest
}

// counts compares the entries of every sink with those that there must be.
func (r *rig) counts(t *testing.T) {
	t.Helper()
	for s := range r.reports {
		t.Errorf("an entry too many: %s", s)
	}
	outputs := r.outputs(t)
	lines := map[string]int{"stdout": bytes.Count(outputs["stdout"], []byte("\n"))}
	for name, b := range outputs {
		parts := strings.Split(name, string(filepath.Separator))
		if parts[0] != "log" || len(parts) < 4 || strings.HasSuffix(name, ".json") {
			continue
		}
		lines[parts[1]] += bytes.Count(b, []byte("\n"))
		if parts[1] != "json" {
			continue
		}
		for l := range bytes.Lines(b) {
			if !json.Valid(l) || bytes.Contains(l, []byte(`"gap"`)) {
				t.Errorf("%s: %s", name, l)
			}
		}
	}
	for _, sink := range []string{"stdout", "json", "common", "combined"} {
		if lines[sink] != r.entries {
			t.Errorf("%s has %d entries, there were %d", sink, lines[sink], r.entries)
		}
	}
	if got := len(r.collector.Logs()); got != r.entries {
		t.Errorf("the collector has %d entries, there were %d", got, r.entries)
	}
	if got := len(r.collector.Spans()); got < r.exchanges || r.collector.Metric("http.server.request.duration") == nil {
		t.Errorf("the collector has %d spans of %d exchanges, or no metrics", got, r.exchanges)
	}
	if r.seeks && r.whole < 30 {
		t.Errorf("of %d exchanges both bodies were looked at", r.whole)
	}
	if r.exchanges < 300 || len(r.flock.all) < 3000 {
		t.Errorf("%d exchanges, %d canaries: that is no hunt", r.exchanges, len(r.flock.all))
	}
}

func counter(metrics, name string) string {
	for l := range strings.Lines(metrics) {
		if rest, ok := strings.CutPrefix(l, name); ok {
			return strings.TrimSpace(rest[strings.LastIndexByte(rest, ' ')+1:])
		}
	}
	return "none"
}

// What is searched with would find whatever got out.
func TestTheHuntFindsWhatGotOut(t *testing.T) {
	r := &rig{dir: t.TempDir(), flock: new(flock)}
	for range 500 {
		for _, s := range shapes {
			r.flock.put("anywhere", s)
		}
	}
	h := r.flock.hound()
	if hits := h.found([]byte(strings.Repeat(`{"client.address":"10.101.17.0","url.path":"/{id}","x":"h1.c2V5Y2F4ZXI"}`, 100))); len(hits) > 0 {
		t.Fatalf("found what is not there: %v", hits)
	}
	folder := filepath.Join(r.dir, "log", "json", "30d")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	leaks := map[string]func(string) string{
		"upper case": strings.ToUpper, "JSON": func(s string) string { b, _ := json.Marshal(s); return string(b) },
		"within base64": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("user=" + s + ";")) },
		"hexadecimal":   func(s string) string { return fmt.Sprintf("%x", s) },
		"partly percent": func(s string) string {
			return s[:3] + percentAll(s[3:6]) + s[6:]
		},
		"mail without domain": func(s string) string { local, _, _ := strings.Cut(s, "@"); return local },
	}
	for _, f := range forms {
		leaks[f.name] = f.encode
	}
	for name, leak := range leaks {
		for i := range r.flock.all {
			c := &r.flock.all[i]
			if i > 7 { // the way through the folder is the same for all
				if hits := h.found([]byte("/" + leak(c.value) + "x")); !slices.ContainsFunc(hits, func(h hit) bool { return h.canary == *c }) {
					t.Fatalf("%s of %q: %v", name, c.value, hits)
				}
				continue
			}
			file := filepath.Join(folder, "20261122T100000Z-00000001.jsonl")
			if err := os.WriteFile(file, []byte(`{"url.path":"/a b/`+leak(c.value)+`x"}`+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			hits := h.found(r.outputs(t)[filepath.Join("log", "json", "30d", "20261122T100000Z-00000001.jsonl")])
			if !slices.ContainsFunc(hits, func(h hit) bool { return h.canary == *c }) {
				t.Fatalf("%s of %q in a segment: %v", name, c.value, hits)
			}
		}
	}
}
