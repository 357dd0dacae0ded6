package source_test

import (
	"strings"
	"testing"

	"weir/policy/source"
)

// Each value holds one X, and so does the file: they must be at the same place.
func TestCharacterOfValueIsFoundInFile(t *testing.T) {
	for name, in := range map[string]string{
		"plain":                   "k: ab X cd\n",
		"plain, blanks":           "k: ab    X cd\n",
		"plain, lines":            "k: ab\n  cd   \n    ef X\n",
		"plain, blank line":       "k: ab\n\n  cd X\n",
		"single":                  "k: 'it''s X'\n",
		"single, lines":           "k: 'it''s\n   so X'\n",
		"double":                  "k: \"a \\\"b\\\" \\x41 \\u00e6 \\U0001F600 X\"\n",
		"double, tab":             "k: \"a\\t\\tX\"\n",
		"double, lines":           "k: \"a\n    b X\"\n",
		"double, escaped line":    "k: \"a \\\n    b X\"\n",
		"double, cut word":        "k: \"a\\\n    bX\"\n",
		"behind an escape":        "k: {a: \"\\u00e6\\u00e6\", b: cX}\n",
		"letters beyond ascii":    "k: æøå X\n",
		"literal":                 "k: |\n  first\n    second X\n  third\n",
		"literal, blank lines":    "k: |\n\n  first\n\n\n    X\n",
		"literal, stripped":       "# c\nk: |-\n  a  b   X",
		"literal, comment behind": "k: | # note\n  aX\n",
		"folded":                  "k: >-\n  a\n  b\n\n  c X\n",
		"crlf":                    "k: |\r\n  a\r\n  b X\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			f := source.Parse("f", []byte(in))
			n := f.Root().Entries().Get("k")
			if b := n; b.Is("a mapping") {
				n = b.Entries().Get("b")
			}
			text := n.Text()
			if err := f.Err(); err != nil {
				t.Fatal(err)
			}
			i := strings.IndexRune(text.Value, 'X')
			if i < 0 {
				t.Fatalf("no X in %q", text.Value)
			}
			got := text.At(len([]rune(text.Value[:i])))
			var want source.Pos
			for l, line := range strings.Split(in, "\n") {
				if j := strings.IndexRune(line, 'X'); j >= 0 {
					want = source.Pos{Line: l + 1, Column: len([]rune(line[:j])) + 1}
				}
			}
			if got != want {
				t.Errorf("X is at %v, want %v", got, want)
			}
		})
	}
}

func TestNearestIsWhatWasMeant(t *testing.T) {
	keys := []string{"controller", "defaults", "routes", "fields", "redact"}
	for in, want := range map[string]string{"route": "routes", "defualts": "defaults", "Redact": "redact", "contrller": "controller", "x": "", "zzzzzz": ""} {
		if got, _ := source.Nearest(in, keys); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestBlanksAtTheEndOfALineMoveNothing(t *testing.T) {
	f := source.Parse("p.yaml", []byte("when: x ==  \nthen: y &&   \n  bé &&  \nc: 7  \nd: [m  , n]  \ne: a a a  \n"))
	m := f.Root().Entries()
	for key, want := range map[string][2]int{"when": {1, 7}, "then": {2, 7}, "c": {4, 4}, "e": {6, 4}} {
		if at := m.Get(key).Pos(); at.Line != want[0] || at.Column != want[1] {
			t.Errorf("%s at %+v", key, at)
		}
	}
	if at := m.Get("d").List()[0].Pos(); at.Column != 5 {
		t.Errorf("in a list at %+v", at)
	}
	for key, want := range map[string][2]int{"when": {1, 11}, "then": {3, 8}} {
		text := m.Get(key).Text()
		if at := text.At(len([]rune(text.Value))); at.Line != want[0] || at.Column != want[1] {
			t.Errorf("the end of %q at %+v", text.Value, at)
		}
	}
}
