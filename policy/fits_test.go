package policy

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// A name of a body is compared as its parts would be, in whatever way.
func TestNamesOfBodiesFitPatternsAsTheirPartsDo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func(words []string, most int) []string {
		out := make([]string, r.IntN(most)+1)
		for i := range out {
			out[i] = words[r.IntN(len(words))]
		}
		return out
	}
	fitting := 0
	for range 200_000 {
		pattern, name := text([]string{"a", "b", "*", "**"}, 5), text([]string{"a", "b", "c", ""}, 6)
		want := matches(pattern, name)
		if got := fits(pattern, []byte(strings.Join(name, "."))); got != want {
			t.Fatalf("%q fits %q: %v, want %v", name, pattern, got, want)
		}
		if want {
			fitting++
		}
	}
	if fitting < 1000 {
		t.Errorf("only %d fit", fitting)
	}
}
