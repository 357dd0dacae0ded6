package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// measured are results of two scenarios in two rounds.
func measured() []*result {
	all := scenarios(&options{binary: "weir"}, "goproxy")
	v := func(cpu, busy, load, others, lost float64) values {
		return values{"cpu": cpu, "rate": 1e6 / cpu, "p50": 800, "p99": 2000, "p50 of 1": 100, "p99 of 1": 300, "resident": 30 << 20,
			"busy": busy, "load busy": load, "others": others, "lost": lost}
	}
	reverse := &result{scenario: &all[0], rounds: map[string][]values{
		"weir":    {v(20, .97, .6, 0, 0), v(30, .99, .6, 0, 0)},
		"nginx":   {v(10, .80, .99, 0, 0), v(30, .82, .98, 0, 0)},
		"HAProxy": {v(10, .70, .80, .28, 0), v(10, .70, .80, .28, 0)},
		"Caddy":   {v(100, .5, .5, 0, .25), v(100, .5, .5, 0, 0)},
	}}
	idle := &result{scenario: &all[7], rounds: map[string][]values{"nginx": {{"bytes each": 435, "resident": 20 << 20}}}}
	return []*result{reverse, idle}
}

func TestRowsCompareRoundByRoundAndSayWhatLimited(t *testing.T) {
	rows := measured()[0].rows()
	if len(rows) != 5 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, want := range [][]string{
		{"weir", "25.0 µs (20.0–30.0)", "", "the proxy"},
		{"nginx", "20.0 µs (10.0–30.0)", "× 1.50 (1.00–2.00)", "load or upstream (proxy 81 % busy)"},
		{"HAProxy", "10.0 µs (10.0–10.0)", "× 2.50 (2.00–3.00)", "others on its core (28 %)"},
		{"Caddy", "100 µs (100–100)", "× 0.25 (0.20–0.30)", "neither (proxy 50 %, load 50 % busy); **25 % of its lines are missing**"},
	} {
		row := rows[i+1]
		if got := []string{row[0], row[1], row[2], row[len(row)-1]}; strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if alone := measured()[1].rows(); len(alone) != 2 || alone[1][2] != "" {
		t.Errorf("nginx is compared with a weir that was not measured: %q", alone)
	}
}

func TestRequirementsAreHeldAgainstTheMedianOfTheRatios(t *testing.T) {
	r := measured()[0]
	want := []string{"Required: at most 1.30 of nginx's CPU/request. It is 1.50: missed.", "Required: at most 0.20 of Caddy's CPU/request. It is 0.25: missed."}
	if got := r.verdicts(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	r.rounds["Caddy"] = []values{{"cpu": 100}, {"cpu": 150}}
	if got := r.verdicts(); got[1] != "Required: at most 0.20 of Caddy's CPU/request. It is 0.20: met." {
		t.Errorf("%q", got)
	}
}

func TestTwoCoresAreComparedWithOne(t *testing.T) {
	all := scenarios(&options{binary: "weir"}, "goproxy")
	r := &result{scenario: &all[8], rounds: map[string][]values{
		"weir, 1 core": {{"rate": 10}, {"rate": 20}}, "weir, 2 cores": {{"rate": 19}, {"rate": 40}},
	}}
	if got := r.ratio("weir, 2 cores"); got != "× 1.95 (1.90–2.00)" {
		t.Errorf("two cores: %q", got)
	}
	if got := r.ratio("weir, 1 core"); got != "" {
		t.Errorf("one core: %q", got)
	}
}

func TestPlotIsValidAndHasABarForEachProxy(t *testing.T) {
	svg := plot(&options{rounds: 2}, facts{date: "2026-11-22 10:00 UTC", machine: `a <b> & "c"`}, measured())
	dec := xml.NewDecoder(strings.NewReader(svg))
	count := map[string]int{}
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("no XML: %v", err)
		}
		if e, ok := token.(xml.StartElement); ok {
			for _, a := range e.Attr {
				if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
					t.Errorf("%s of %s is %s", a.Name.Local, e.Name.Local, a.Value)
				}
				if a.Name.Local == "class" {
					count[a.Value]++
				}
			}
			if e.Name.Space != "http://www.w3.org/2000/svg" {
				t.Errorf("%s is no element of SVG", e.Name.Local)
			}
		}
	}
	if count["ours"] != 1 || count["bar"] != 4 || count["range"] != 5 || count["title"] != 2 {
		t.Errorf("the plot has %v", count)
	}
}

func TestReportNamesWhatWasMeasuredAndHow(t *testing.T) {
	dir := t.TempDir()
	f := facts{date: "2026-11-22 10:00 UTC", machine: "a machine", versions: []string{"weir v1", "nginx 1.2"}}
	if err := write(dir, &options{rounds: 2, seconds: 3}, f, measured()); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(dir + "/result.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2026-11-22", "a machine", "weir v1, nginx 1.2", "Rounds: 2", "not quiet: other programs took 0 % to 28 %", "| nginx | 20.0 µs (10.0–30.0) | × 1.50 (1.00–2.00) |", "## 10,000 idle connections"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| ") && strings.Count(line, "|") < 6 {
			t.Errorf("a row is short: %s", line)
		}
	}
	if _, err := os.Stat(dir + "/result.svg"); err != nil {
		t.Error(err)
	}
}

func TestVersionsAreFoundInWhatProgramsSay(t *testing.T) {
	for name, said := range map[string]string{
		"nginx 1.22.1": "nginx version: nginx/1.22.1\n", "haproxy 2.6.12-1": "HAProxy version 2.6.12-1 2026/10/17 - https://haproxy.org/\nStatus:",
		"caddy 2.6.2": "2.6.2\n", "caddy 2.8.0": "v2.8.0 h1:abc=\n", "squid 5.7": "Squid Cache: Version 5.7\nService Name: squid\n", "wrk": "",
	} {
		program, _, _ := strings.Cut(name, " ")
		if got := version(program, said); got != name {
			t.Errorf("%q says %s", said, got)
		}
	}
	if got := model("processor : 0\nmodel name\t: AMD EPYC\nprocessor : 1\n"); got != "AMD EPYC" {
		t.Errorf("the processor is %q", got)
	}
}
