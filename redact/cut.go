package redact

import "weir/redact/transform"

// cutFirst decides on a value of which the policy leaves a part of a URL, and in
// which something was found: a finding in the middle would else have what stands
// before it read as a URL, with the user's name for a host. What is found in the
// part that is cut off is dropped with it; what overlaps the part that is left makes
// one group with the URL. It reports whether that was all.
func (s *state) cutFirst(rest *remainder, text []byte) bool {
	t, whole := transform.Keep(), false
	for i := range s.spans {
		if sp := &s.spans[i]; sp.start == 0 && sp.end >= len(text) {
			t, whole = transform.Stricter(t, sp.decision.Transform), true
		}
	}
	if !whole {
		rest.decision = s.ask(rest.field, rest.place, "", 0)
		t = rest.decision.Transform
	}
	if !t.Kind().Cuts() {
		return false
	}
	start, end, ok := t.Kind().Left(text)
	if !ok {
		rest.shown = true // no piece of what is no URL is read as one
		return false
	}
	if !whole {
		s.spans = append(s.spans, s.spans[0])
		s.spans[0] = span{end: len(text), decision: rest.decision}
	}
	left := 0
	for i := range s.spans {
		if sp := s.spans[i]; sp.start < end && sp.end > start || sp.end >= len(text) && sp.start == 0 {
			s.spans[i], s.spans[left] = s.spans[left], sp
			left++
		}
	}
	for i := left; i < len(s.spans); i++ {
		sp := &s.spans[i]
		s.list(rest.place, sp.category, transform.Drop(), "")
		s.withheld.add(text[sp.start:min(sp.end, len(text))])
		s.withholdSpan(sp, text)
	}
	s.group(rest.place, s.spans[:left], text)
	return true
}
