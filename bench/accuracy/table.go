package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"weir/redact/category"
)

// table prints one line for each category, and their sum.
func (s *score) table(w io.Writer, name string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%s\tspans\thit\tmissed\tfalse\texact\texact F1\tprecision\trecall\tF1\t\n", name)
	line := func(key string, c *count) {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%.4f\t%.4f\t%.4f\t%.4f\t\n", key, c.spans, c.hit, c.missed(), c.wrong, c.exact,
			c.exactF1(), c.precision(), c.recall(), c.f1())
	}
	for _, key := range s.categories() {
		line(string(key), s.counts[key])
	}
	sum := s.all()
	line("all", &sum)
	return t.Flush()
}

// kindTable prints how many spans of each kind were hit.
func (s *score) kindTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "kind\tspans\thit\texact\trecall\t")
	for _, kind := range slices.Sorted(maps.Keys(s.kinds)) {
		if c := s.kinds[kind]; kind != "" {
			fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%.4f\t\n", kind, c.spans, c.hit, c.exact, c.recall())
		}
	}
	return t.Flush()
}

// context is how much of a text is shown around a miss or a false finding, in bytes.
const context = 40

// misses tells each miss and each false finding in a line. A corpus is made up.
func misses(w io.Writer, detector string) func(what string, c category.Key, kind, text string, start, end int) {
	return func(what string, c category.Key, kind, text string, start, end int) {
		before, after := text[max(0, start-context):start], text[end:min(len(text), end+context)]
		shown := strings.ToValidUTF8(before+"⟦"+text[start:end]+"⟧"+after, "")
		fmt.Fprintf(w, "%s %s %s %s %q\n", detector, what, c, kind, shown)
	}
}
