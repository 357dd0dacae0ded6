package walk

import (
	"slices"
	"strings"
	"testing"
)

func FuzzEvents(f *testing.F) {
	for i, s := range []string{"data: a\n\n", "\ufeffid: 1\r\nevent:x\rdata: {\"a\":\ndata: 1}\n\n: c\ndata\ndata\n", "data: a\nid: b\ndata: c\n\nx", "data:[1]\r\r\n", "retry: 5\n\n\n"} {
		f.Add([]byte(s), uint64(i))
	}
	f.Fuzz(checkEvents)
}

func checkEvents(t *testing.T, body []byte, seed uint64) {
	invariant(t, newEvents, tight, body, seed)
	w, dropped := invariant(t, newEvents, defaults, body, seed)
	if w.why != Scanned {
		return
	}
	holdsNone(t, newEvents, w, dropped)
	events := dataOf(string(body))
	for _, data := range events {
		if !opens([]byte(data)) && !slices.Contains(w.values, "data="+data) {
			t.Fatalf("of %q %q was not visited: %q", body, data, w.values)
		}
	}
	for i, data := range dataOf(string(dropped.out)) {
		if !opens([]byte(data)) && data != gone || i >= len(events) {
			t.Fatalf("%q became %q", body, dropped.out)
		}
	}
	lines := func(b []byte) (other []string) {
		for line := range strings.Lines(unified(string(b))) {
			if name, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":"); name != "data" {
				other = append(other, name)
			}
		}
		return other
	}
	if was, is := lines(body), lines(dropped.out); len(was) != len(is) {
		t.Fatalf("%q became %q", was, is)
	}
}

// unified has one kind of line end.
func unified(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(s, "\ufeff"), "\r\n", "\n"), "\r", "\n")
}

// dataOf is the data of each event of a stream, as the standard has it, and of one
// that the stream's end cuts off.
func dataOf(s string) (all []string) {
	var data []string
	for line := range strings.SplitSeq(unified(s), "\n") {
		name, value, _ := strings.Cut(line, ":")
		if name == "data" {
			data = append(data, strings.TrimPrefix(value, " "))
		} else if line == "" && data != nil {
			all, data = append(all, strings.Join(data, "\n")), nil
		}
	}
	if data != nil {
		all = append(all, strings.Join(data, "\n"))
	}
	return all
}
