package redact

import (
	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/transform"
)

// maxRedacted bounds the list of what was done; what does not fit is counted.
const maxRedacted = 64

// listed is where an element of the list was found, and how often.
type listed struct {
	place *raw.Place
	count int
}

// list adds a finding to the entry's list; equal ones are one.
func (s *state) list(p *raw.Place, key category.Key, done transform.Transform, rule string) {
	e := &s.entry
	for i := range s.listed {
		if s.listed[i].place != p {
			continue
		}
		if r := e.Redacted[i]; r.Category == key && r.Transform == done && r.Rule == rule {
			s.listed[i].count++
			return
		}
	}
	if len(e.Redacted) == maxRedacted {
		e.MoreRedacted++
		if key != "" {
			s.engine.metrics.Found(key, 1)
		}
		if rule != "" {
			s.engine.metrics.Matched(rule, 1)
		}
		return
	}
	e.Redacted = append(e.Redacted, s.memo.redaction(p, key, done, rule))
	s.listed = append(s.listed, listed{p, 1})
}
