package record

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"weir/redact/transform"
)

// keysOf are the keys of e's JSON line.
func keysOf(t *testing.T, e *Entry) []string {
	t.Helper()
	line, _ := AppendJSON(nil, e, nil)
	var m map[string]any
	if err := json.Unmarshal(line, &m); err != nil {
		t.Fatal(err)
	}
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// whole is an entry with every field that there is.
func whole() *Entry {
	e := filled(newMaker(), "anna")
	e.RequestUnscanned, e.ResponseUnscanned = transform.Literal("broken"), transform.Literal("broken")
	e.Subjects, e.MoreSubjects, e.Trace = []transform.Clean{transform.Literal("h1.x")}, 2, &Trace{}
	e.Values = append(e.Values, Value{Part: RequestTrailer, Name: "x", Text: transform.Literal("1")})
	return e
}

func TestEachFieldOfALineCanBeLeftOutButThoseOfEveryEntry(t *testing.T) {
	nothing, err := NewOnly(nil)
	if err != nil {
		t.Fatal(err)
	}
	e := whole()
	e.Limit(nothing)
	fixed := []string{"epoch", "policy", "retain", "service", "time", "weir.fault"}
	if got := keysOf(t, e); !slices.Equal(got, fixed) {
		t.Errorf("of nothing are left %v", got)
	}
	with := map[string][]string{"redacted": {"redacted_more"}, "subjects": {"subjects_more"}, "trace_id": {"span_id"}}
	for _, name := range keysOf(t, whole()) {
		if name == "redacted_more" || name == "subjects_more" || name == "span_id" || strings.HasSuffix(name, "*") {
			continue
		}
		o, err := NewOnly([]string{name})
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		e := whole()
		e.Limit(o)
		want := slices.Concat(fixed, []string{name}, with[name])
		slices.Sort(want)
		if got := keysOf(t, e); !slices.Equal(got, slices.Compact(want)) {
			t.Errorf("only %s: %v", name, got)
		}
	}
	for _, f := range Fields() {
		if !slices.ContainsFunc(keysOf(t, whole()), func(k string) bool { return k == f || f[len(f)-1] == '.' && strings.HasPrefix(k, f) }) {
			t.Errorf("%s is no field of a line", f)
		}
	}
}

func TestAllHeadersOfASectionAreNamedByAStar(t *testing.T) {
	o, err := NewOnly([]string{"http.response.header.*", "http.request.header.referer", "time"})
	if err != nil {
		t.Fatal(err)
	}
	e := whole()
	e.Limit(o)
	want := []string{"epoch", "http.request.header.referer", "http.response.header.set-cookie", "policy", "retain", "service", "time", "weir.fault"}
	if got := keysOf(t, e); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	line, _ := Append(nil, Combined, e, nil)
	if got := string(line); got != "- - - [22/Nov/2026:09:00:00 +0000] \"-\" - - \"anna\" \"-\"\n" {
		t.Errorf("%s", got)
	}
}

func TestWhatIsNoFieldOfAnEntryIsRefused(t *testing.T) {
	for _, name := range []string{"", "url", "url.query.page", "http.request.header.", "http.request.header", "subjects_more", "gap"} {
		if _, err := NewOnly([]string{"url.path", name}); err == nil {
			t.Errorf("%q is taken", name)
		}
	}
}

func TestLimitingAnEntryAllocatesNothing(t *testing.T) {
	o, err := NewOnly([]string{"url.path", "http.request.header.referer"})
	if err != nil {
		t.Fatal(err)
	}
	e := whole()
	if n := testing.AllocsPerRun(10, func() { e.Limit(o) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
