package main

import (
	"maps"
	"slices"

	"weir/redact/category"
)

// finding is what a detector says of a text, or of a field, whose findings have no
// span. Decoded is set for what stands in another form within its span.
type finding struct {
	start, end int
	category   category.Key
	decoded    bool
}

// count is what came of the spans and findings of a category.
type count struct{ spans, hit, exact, wrong int }

func (c *count) missed() int { return c.spans - c.hit }

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func (c *count) precision() float64 { return ratio(c.hit, c.hit+c.wrong) }
func (c *count) recall() float64    { return ratio(c.hit, c.spans) }
func (c *count) f1() float64        { return ratio(2*c.hit, c.spans+c.hit+c.wrong) }

// exactF1 is f1 where a hit that is not exact is a miss and a false finding.
func (c *count) exactF1() float64 { return ratio(2*c.exact, c.spans+c.hit+c.wrong) }

// score adds up a corpus.
type score struct {
	counts map[category.Key]*count
	kinds  map[string]*count
	told   func(what string, c category.Key, kind, text string, start, end int)
}

func newScore() *score {
	return &score{counts: make(map[category.Key]*count), kinds: make(map[string]*count)}
}

func (s *score) of(c category.Key) *count {
	if s.counts[c] == nil {
		s.counts[c] = new(count)
	}
	return s.counts[c]
}

func (s *score) tell(what string, c category.Key, kind, text string, start, end int) {
	if s.told != nil {
		s.told(what, c, kind, text, start, end)
	}
}

// related reports whether one category is the other or lies below it.
func related(a, b category.Key) bool { return a.Within(b) || b.Within(a) }

// add judges one sample.
func (s *score) add(of *sample, found []finding) {
	if of.Field != "" {
		s.field(of, found)
		return
	}
	hit, exact := make([]bool, len(of.Spans)), make([]bool, len(of.Spans))
	right := make([]bool, len(found))
	for i := range of.Spans {
		p := &of.Spans[i]
		for j, f := range found {
			if p.Category == ignore || f.start >= p.End || f.end <= p.Start || !related(f.category, p.Category) {
				continue
			}
			hit[i], right[j] = true, true
			exact[i] = exact[i] || f.start == p.Start && f.end == p.End
		}
		if p.Category != ignore {
			s.span(of, p, hit[i], exact[i])
		}
	}
	for j, f := range found {
		if !right[j] && !excused(of.Spans, hit, f) {
			s.of(f.category).wrong++
			s.tell("false", f.category, "", of.Text, f.start, f.end)
		}
	}
}

func (s *score) span(of *sample, p *span, hit, exact bool) {
	kind := p.Kind
	if s.kinds[kind] == nil {
		s.kinds[kind] = new(count)
	}
	for _, c := range []*count{s.of(p.Category), s.kinds[kind]} {
		c.spans++
		if hit {
			c.hit++
		}
		if exact {
			c.exact++
		}
	}
	if !hit {
		s.tell("miss", p.Category, kind, of.Text, p.Start, p.End)
	}
}

// excused reports whether a finding that hits no span counts neither way.
func excused(spans []span, hit []bool, f finding) bool {
	for i, p := range spans {
		overlaps := f.start < p.End && f.end > p.Start
		if overlaps && (p.Category == ignore || hit[i] && f.decoded) {
			return true
		}
	}
	return false
}

func (s *score) field(of *sample, found []finding) {
	if of.Category == ignore {
		return
	}
	hit := false
	for _, f := range found {
		hit = hit || of.Category != "" && related(f.category, of.Category)
	}
	shown := of.Field + ": " + of.Value
	if of.Category != "" {
		c := s.of(of.Category)
		c.spans++
		if hit {
			c.hit++
			c.exact++
		} else {
			s.tell("miss", of.Category, "field", shown, 0, len(of.Field))
		}
	}
	if hit {
		return
	}
	for _, f := range found {
		s.of(f.category).wrong++
		s.tell("false", f.category, "field", shown, 0, len(of.Field))
	}
}

// all is the sum over all categories.
func (s *score) all() count {
	var sum count
	for _, c := range s.counts {
		sum.spans += c.spans
		sum.hit += c.hit
		sum.exact += c.exact
		sum.wrong += c.wrong
	}
	return sum
}

func (s *score) categories() []category.Key { return slices.Sorted(maps.Keys(s.counts)) }
