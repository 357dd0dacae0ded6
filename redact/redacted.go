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
	t := listing{p, s.memo.redaction(p, key, done, rule)}
	if s.recording.on {
		s.recording.list = append(s.recording.list, t)
	}
	s.tell(t)
}

func (s *state) tell(t listing) {
	e := &s.entry
	for i := range s.listed {
		if s.listed[i].place == t.place && e.Redacted[i].Same(t.Redaction) {
			s.listed[i].count++
			return
		}
	}
	if len(e.Redacted) == maxRedacted {
		e.MoreRedacted++
		if t.Category != "" {
			s.engine.metrics.Found(t.Category, 1)
		}
		if t.Rule != "" {
			s.engine.metrics.Matched(t.Rule, 1)
		}
		return
	}
	e.Redacted = append(e.Redacted, t.Redaction)
	s.listed = append(s.listed, listed{t.place, 1})
}
