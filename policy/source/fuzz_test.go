package source_test

import (
	"strings"
	"testing"
	"time"

	"weir/policy/source"
)

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"a: 1\nb: [x, {y: z}]\n", "k: |\n  a\n   b\n", "k: >-\n a\n\n b\n", "k: \"\\u00e6 \\\n x\"\n", "a: !b c\n", "a: &x *x\n",
		"- - - a\n", "? a\n: b\n", "a: 'b' c\n", "{a, b: }", "a: [", "a: {", "---\n---\n", "%YAML 1.2\n", "a:\n\tb\n", "\"a\": b\n'c': d\n1: 2\n",
		"a: ~\n~: b\nnull: c\n", "a: 1_000\nb: 0x1F\nc: .inf\n", strings.Repeat("- ", 50), strings.Repeat("[", 50), "a: |9\n  x\n", "a: |+-\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<14 {
			return
		}
		start := time.Now()
		file := source.Parse("f", data)
		readAll(file.Root())
		if file.Root().Exists() == false && file.Err() == nil {
			t.Error("neither a value nor an error")
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// readAll asks everything of every value.
func readAll(n source.Node) {
	n.Bool()
	n.Int(0, 10)
	n.Duration()
	n.Size()
	n.Address()
	n.Prefix()
	n.URL("http")
	n.Host()
	n.Enum("a")
	text := n.Text()
	for i := range min(len(text.Value), 20) {
		text.At(i)
	}
	if n.Is("a list") {
		for _, e := range n.List() {
			readAll(e)
		}
	}
	if n.Is("a mapping") {
		for _, e := range n.Map(source.Keys{Known: []string{"a"}}).All() {
			readAll(e)
		}
	}
}
