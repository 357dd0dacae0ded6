package rewrite

import (
	"cmp"
	"maps"
	"slices"

	"weir/redact/category"
	"weir/redact/record"
	"weir/redact/transform"
)

// Counts say what was read and what was done. They hold nothing of what was read.
type Counts struct {
	Lines  int64 // or, of formats without lines, messages
	Broken int64 // of them, that were not of their format
	Bytes  int64 // read
	// Requests are those among messages of HTTP.
	Requests int64

	found map[Finding]int64
}

// Finding is a kind of finding and what was done to it. Category is "" for what
// was left of a field beside its findings.
type Finding struct {
	Category  category.Key
	Transform transform.Kind
	Name      string // of the transform
	Rule      string // "" where none decided
}

// Found is how often a kind of finding was there.
type Found struct {
	Finding
	Count int64
}

func (c *Counts) add(r *record.Redaction, n int64) {
	if c.found == nil {
		c.found = make(map[Finding]int64)
	}
	c.found[Finding{r.Category, r.Transform.Kind(), r.Transform.Name(), r.Rule}] += n
}

// Merge adds what o counted.
func (c *Counts) Merge(o *Counts) {
	c.Lines += o.Lines
	c.Broken += o.Broken
	c.Bytes += o.Bytes
	c.Requests += o.Requests
	if c.found == nil {
		c.found = make(map[Finding]int64)
	}
	for f, n := range o.found {
		c.found[f] += n
	}
}

// Found lists what was found, by category, rule and transform.
func (c *Counts) Found() []Found {
	var out []Found
	for f, n := range maps.All(c.found) {
		out = append(out, Found{f, n})
	}
	slices.SortFunc(out, func(a, b Found) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Transform, b.Transform), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Name, b.Name))
	})
	return out
}
