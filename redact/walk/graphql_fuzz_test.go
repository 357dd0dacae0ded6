package walk

import (
	"regexp"
	"testing"
)

var lexemes = regexp.MustCompile(`(?s)"""(?:\\"""|.)*?"""|"(?:[^"\\]|\\.)*"|#[^\r\n]*|[-+.\w]+`)

// bones is what stands between the strings, comments, numbers and names; a blank
// between two that stood together is none.
func bones(b []byte) string {
	return regexp.MustCompile("S( ?S)+").ReplaceAllString(string(lexemes.ReplaceAll(b, []byte("S"))), "S")
}

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
		if bones(body) != bones(dropped.out) {
			t.Fatalf("%q became %q", body, dropped.out)
		}
		for _, put := range []string{"", "7", "\""} {
			change := func(_, text string) (string, bool) { return put, len(text)%2 == 0 }
			changed := walking(newGraphQL, defaults, body, change, pieces(seed|1))
			if again := walking(newGraphQL, defaults, changed.out, nil, whole); again.why != Scanned {
				t.Fatalf("%q became %q: %q", body, changed.out, again.why)
			}
		}
	}
}
