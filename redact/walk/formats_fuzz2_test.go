package walk

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzGraphQL(f *testing.F) {
	for i, s := range []string{`query Q($e: [E!]! = ["a"] @d(x:1)){u: user(email:"anna@x.dk",n:-1.5e3,e:E,t:true,o:{a:{b:[1 2]}},z:null,v:$e) @include(if:$b){id ...F ... on T{x} ...@s(if:1){y}}} fragment F on U{z}`,
		"#c\r\n{a(b:\"\"\"x\\\"\"\" \"\"\")}", `{a(b:"\u{1F600}\n")}`, `"d" query($a:A){b}`, `{a0101701234:b}`, `{a(b:"{\"c\":1}")}`, `{a(query:"{b(c:1)}")}`, "\ufeff{a}"} {
		f.Add([]byte(s), uint64(i))
	}
	f.Fuzz(checkGraphQL)
}

func checkGraphQL(t *testing.T, body []byte, seed uint64) {
	invariant(t, newGraphQL, tight, body, seed)
	if w, dropped := invariant(t, newGraphQL, defaults, body, seed); w.why == Scanned {
		holdsNone(t, newGraphQL, w, dropped)
	}
}

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

func FuzzText(f *testing.F) {
	for i, s := range []string{"anna@x.dk\nb", "\ufeffcall +45 12 34 56 78 now or later, please\r\n", strings.Repeat("a ", 40), strings.Repeat("a", 50), "\xff"} {
		f.Add([]byte(s), uint64(i))
	}
	f.Fuzz(checkText)
}

func checkText(t *testing.T, body []byte, seed uint64) {
	for _, limits := range []Limits{tight, defaults} {
		w, dropped := invariant(t, newText, limits, body, seed)
		if limits == defaults && w.why == Scanned != utf8.Valid(body) && w.why != TooLong {
			t.Fatalf("%q is %q", body, w.why)
		}
		if w.why != Scanned {
			continue
		}
		text, _ := bytes.CutPrefix(body, byteOrderMark)
		if joined := strings.Join(w.values, ""); strings.ReplaceAll(joined, "=", "") != strings.ReplaceAll(string(text), "=", "") {
			t.Fatalf("%q was visited as %q", text, w.values)
		}
		if rest, _ := bytes.CutPrefix(dropped.out, byteOrderMark); string(rest) != strings.Repeat(gone, len(w.values)) {
			t.Fatalf("%q became %q", body, dropped.out)
		}
	}
}

func TestWhatIsChangedToItselfReadsTheSame(t *testing.T) {
	for _, s := range jsonSeeds {
		w := walking(newJSON, defaults, []byte(s), same, pieces(7))
		if w.why == Scanned {
			if again := walking(newJSON, defaults, w.out, nil, whole); !slices.Equal(again.values, w.values) {
				t.Errorf("%q reads %q, was %q", w.out, again.values, w.values)
			}
		}
	}
}
