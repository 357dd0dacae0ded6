package source_test

import (
	"testing"

	"weir/policy/source"
)

// joined reads two files, of which the second includes the first.
func joined(inner, outer string, alone ...string) (*source.File, source.Mapping) {
	f, in := source.Parse("f", []byte(outer)), source.Parse("in", []byte(inner))
	f.Include(in)
	keys := source.Keys{Known: []string{"list", "map", "one"}}
	return f, source.Join(alone, in.Root().Map(keys), f.Root().Map(keys))
}

func TestListsOfIncludedFilesComeFirst(t *testing.T) {
	f, m := joined("list: [a, b]\nmap: {x: 1}\n", "one: here\nmap: {y: 2}\nlist: [c]\n", "one")
	var got string
	for _, e := range m.Get("list").Words() {
		got += e.Value + "@" + e.Pos.In("f") + " "
	}
	if want := "a@in b@in c@f "; got != want {
		t.Errorf("list %q, want %q", got, want)
	}
	entries := m.Get("map").Map(source.Keys{Known: []string{"x", "y"}})
	if x, y := entries.Get("x").Int(0, 9), entries.Get("y").Int(0, 9); x != 1 || y != 2 {
		t.Errorf("x %d, y %d", x, y)
	}
	if m.Get("one").Word().Value != "here" || problems(f) != "" {
		t.Error(problems(f))
	}
}

func TestErrorsOfIncludedFilesNameThem(t *testing.T) {
	f, m := joined("list: [1, 'a\nmap: {x: 1}\none: there\n", "list: 7\none: here\n", "one")
	m.Get("list").Words()
	want := "f:1:7: \"list\": expected a list, found a number; write instead: \"- \" before each entry\n" +
		"in:1:11: is not YAML: could not find end character of single-quoted text"
	if got := problems(f); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestKeyInTwoFilesIsToldAtBoth(t *testing.T) {
	f, m := joined("list: [1]\nmap: {x: 1}\none: there\n", "list: [2]\nmap: {y: 1, x: 2}\none: here\n", "one")
	m.Get("list").Words()
	m.Get("map").Entries()
	want := `f:1:8: "list": expected text, found a number; write instead: "2"
f:2:13: the key "x" stands in line 2 of in as well; write instead: it in one of them
f:3:1: the key "one" stands in line 3 of in as well; write instead: it in one of them
in:1:8: "list": expected text, found a number; write instead: "1"
in:2:7: the key "x" stands in line 2 of f as well; write instead: it in one of them
in:3:1: the key "one" stands in line 3 of f as well; write instead: it in one of them`
	if got := problems(f); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
