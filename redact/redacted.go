package redact

import (
	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// maxRedacted bounds the list of what was done; what does not fit is counted.
const maxRedacted = 64

// list adds a finding to the entry's list; equal ones are one.
func (s *state) list(p *raw.Place, key category.Key, done transform.Transform, rule string) {
	e := &s.entry
	for i := range e.Redacted {
		r := &e.Redacted[i]
		if r.Category == key && r.Transform == done && r.Rule == rule && r.Field == p.Text {
			s.counts[i]++
			return
		}
	}
	if len(e.Redacted) == maxRedacted {
		e.MoreRedacted++
		if key != "" {
			s.engine.metrics.Found(key, 1)
		}
		return
	}
	e.Redacted = append(e.Redacted, record.Redaction{Field: p.Text, Category: key, Transform: done, Rule: rule})
	s.counts = append(s.counts, 1)
}
