package walk

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"weir/redact/raw"
)

// tight are limits that small bodies reach.
var tight = Limits{Body: 1 << 20, Ratio: 100, Depth: 6, Values: 24, Value: 40}

// gone stands in the place of values: it is no number, no name and no JSON.
const gone = "x0000"

func drop(string, string) (string, bool) { return gone, true }
func same(_, text string) (string, bool) { return text, true }

// pieces are cuts that seed chooses.
func pieces(seed uint64) func(int) bool {
	return func(int) bool {
		seed ^= seed << 13
		seed ^= seed >> 7
		seed ^= seed << 17
		return seed%3 == 0
	}
}

// invariant walks body by f and checks what holds for every format. It returns the
// body with each value replaced by gone.
func invariant(t *testing.T, f format, limits Limits, body []byte, seed uint64) (w, dropped walked) {
	t.Helper()
	w = walking(f, limits, body, nil, whole)
	dropped = walking(f, limits, body, drop, whole)
	for _, cut := range []func(int) bool{bytewise, pieces(seed | 1)} {
		v, d := walking(f, limits, body, nil, cut), walking(f, limits, body, drop, cut)
		if v.why != w.why || !slices.Equal(v.values, w.values) || d.why != dropped.why {
			t.Fatalf("in pieces %q is %q %q, whole %q %q", body, v.why, v.values, w.why, w.values)
		}
		if v.why == Scanned && !bytes.Equal(d.out, dropped.out) {
			t.Fatalf("in pieces %q becomes %q, whole %q", body, d.out, dropped.out)
		}
	}
	silent := &seen{}
	o := &outlet{kind: raw.RequestBody, values: silent, limits: limits}
	p := f(o)
	why := p.write(body)
	if why == Scanned {
		why = p.close()
	}
	if why != w.why || !slices.Equal(silent.values, w.values) {
		t.Fatalf("where nothing is written %q is %q %q, else %q %q", body, why, silent.values, w.why, w.values)
	}
	if w.why != dropped.why || !slices.Equal(w.values, dropped.values) {
		t.Fatalf("where values change %q is %q %q, else %q %q", body, dropped.why, dropped.values, w.why, w.values)
	}
	if w.why == Scanned && !bytes.Equal(w.out, body) {
		t.Fatalf("%q went on as %q", body, w.out)
	}
	return w, dropped
}

// holdsNone checks that all that a walk finds in what was written is gone: under
// the same names, as often.
func holdsNone(t *testing.T, f format, w, dropped walked) {
	t.Helper()
	again := walking(f, defaults, dropped.out, nil, whole)
	if again.why != Scanned || len(again.values) != len(w.values) {
		t.Fatalf("%q, of which %q were dropped, is %q %q", dropped.out, w.values, again.why, again.values)
	}
	for i, v := range again.values {
		before, _, _ := strings.Cut(w.values[i], "=")
		name, _, _ := strings.Cut(v, "=")
		if !strings.HasSuffix(v, "="+gone) && !strings.HasSuffix(v, "=_"+gone) || name != before {
			t.Fatalf("%q stands for %q in %q", v, w.values[i], dropped.out)
		}
	}
}
