package mixed

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestWordsAreNumbers(t *testing.T) {
	for _, n := range []uint32{0, 1, 15, 16, 5_000_000, 1<<32 - 1} {
		if back, ok := parseWord(word(n)); !ok || back != n {
			t.Errorf("%d is %s is %d", n, word(n), back)
		}
	}
	for _, text := range []string{"", "bbbbbbb", "bbbbbbbbb", "bbbbbbba", canary[:8]} {
		if _, ok := parseWord(text); ok {
			t.Errorf("%q is a number", text)
		}
	}
}

func TestEveryNumberIsHeldAgainstItsEntries(t *testing.T) {
	n := &numbers{}
	for i, c := range []struct {
		state state
		found []state
		want  count
	}{
		{ended | whole | right, []state{clean}, count{once: 1}},
		{ended | whole | right, nil, count{missing: 1}},
		{ended | reached, nil, count{missing: 1}},
		{ended, nil, count{absent: 1}},
		{ended, []state{0}, count{once: 1}},
		{ended | whole, []state{0, 0}, count{twice: 1}},
		{ended | whole | right, []state{0}, count{once: 1, wrong: 1}},
		{whole, []state{0}, count{once: 1, open: 1}},
	} {
		at := n.begin(uint8(i))
		n.set(at, c.state)
		for _, told := range c.found {
			if !n.found(word(at), told) {
				t.Fatal("a number is not known")
			}
		}
		c.want.begun = 1
		if got := n.count(i + 1)[i]; got != c.want {
			t.Errorf("%d: %+v, want %+v", i, got, c.want)
		}
	}
	if n.found(word(100), clean) {
		t.Error("a number was found that nobody began")
	}
}

func TestGrowthIsToldFromNoise(t *testing.T) {
	judge := func(resident func(i int) float64) string {
		r := &Run{cfg: Config{For: time.Hour, Out: &bytes.Buffer{}}}
		for i := range 720 {
			r.samples = append(r.samples, sample{at: time.Unix(int64(5*i), 0), resident: resident(i), heap: 10 * mib, descriptors: 100, goroutines: 100, threads: 10, open: 2})
		}
		var wrong []string
		r.judgeFlat(func(format string, values ...any) { wrong = append(wrong, fmt.Sprintf(format, values...)) })
		return strings.Join(wrong, "\n")
	}
	for name, c := range map[string]struct {
		resident func(i int) float64
		grew     bool
	}{
		"flat":          {func(int) float64 { return 50 * mib }, false},
		"noise":         {func(i int) float64 { return float64(45+i*7919%11) * mib }, false},
		"settling":      {func(i int) float64 { return float64(50-20*max(0, 60-i)/60) * mib }, false},
		"a leak":        {func(i int) float64 { return 50*mib + float64(i)*0.04*mib }, true},
		"a leak, noisy": {func(i int) float64 { return float64(45+i*7919%11)*mib + float64(i)*0.04*mib }, true},
	} {
		if told := judge(c.resident); (told != "") != c.grew || c.grew && !strings.Contains(told, "RSS") {
			t.Errorf("%s: %q", name, told)
		}
	}
}

func TestMetricsAreSummedByTheirLabels(t *testing.T) {
	page := "# HELP x y\nx_total{result=\"ok\"} 3\nx_total{result=\"failed\"} 4\nx_total_more 9\nx 1.5e+02\n"
	for _, c := range []struct {
		name, label string
		want        float64
	}{{"x_total", `result="ok"`, 3}, {"x_total", "", 7}, {"x", "", 150}, {"y", "", 0}} {
		if got := metric(page, c.name, c.label); got != c.want {
			t.Errorf("%s %s: %g, want %g", c.name, c.label, got, c.want)
		}
	}
}
