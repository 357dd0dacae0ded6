package redact

import (
	"bytes"

	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/transform"
)

// path writes a path by its template, which it returns, else segment by segment.
func (s *state) path(path []byte, parts []item) *raw.Route {
	if len(path) == 0 {
		return nil
	}
	if string(path) == "*" {
		s.maker.Literal("*")
		return nil
	}
	if route := s.decider.Route(path); route != nil {
		s.template(route, parts)
		return route
	}
	rest := path
	if rest[0] == '/' {
		rest = rest[1:]
		s.maker.Literal("/")
	}
	for i, more := 0, true; more; i++ {
		if i == maxSegments {
			s.maker.Literal("…")
			break
		}
		var segment []byte
		segment, rest, more = bytes.Cut(rest, []byte{'/'})
		s.segment(segment)
		if more {
			s.maker.Literal("/")
		}
	}
	for i := range parts {
		if it := &parts[i]; it.field.Kind == raw.Path {
			s.segmentFindings(it)
		}
	}
	return nil
}

// segment writes a common word as it is, anything else as {id}.
func (s *state) segment(segment []byte) {
	if len(segment) == 0 {
		return
	}
	word, ok := s.decoded(segment, false)
	if ok && detect.Word(word) {
		s.maker.Word(word)
		return
	}
	s.withheld.add(segment)
	if len(word) != len(segment) {
		s.withheld.add(word)
	}
	s.maker.Literal("{id}")
}

// templateOf appends the template of the path that a value is, or that a URL has:
// what would be written of it as a path, but for placeholders with a category.
// Of what is neither it appends nothing.
func (s *state) templateOf(dst, text []byte) []byte {
	path, ok := transform.PathOf(text)
	if !ok {
		return dst
	}
	if route := s.decider.Route(path); route != nil {
		return append(dst, route.Template...)
	}
	_, rest, more := bytes.Cut(path, []byte{'/'})
	for i := 0; i == 0 || more; i++ {
		dst = append(dst, '/')
		if i == maxSegments {
			return append(dst, "…"...)
		}
		var segment []byte
		segment, rest, more = bytes.Cut(rest, []byte{'/'})
		if len(segment) == 0 {
			continue
		}
		if word, ok := s.decoded(segment, false); ok && detect.Word(word) {
			dst = append(dst, word...)
		} else {
			dst = append(dst, "{id}"...)
		}
	}
	return dst
}

// segmentFindings lists what is found in a segment that is not written.
func (s *state) segmentFindings(it *item) {
	text, _ := s.decoded(it.field.Value.Peek(), false)
	s.named(it.place.Category, it.place.Confidence, len(text))
	if !s.scan(text) {
		s.refuse(it.place, text)
		return
	}
	for i := range s.spans {
		s.list(it.place, s.spans[i].category, transform.Drop(), "")
		s.untraced(s.spans[i].value)
		s.withheld.add(s.copied(s.spans[i].value))
	}
}

// template writes a path by the route that it matched. A placeholder with a
// category is a finding; what is left of it stands in the place of its name.
func (s *state) template(route *raw.Route, parts []item) {
	for i := range parts {
		it := &parts[i]
		if it.field.Kind != raw.Path {
			continue
		}
		seg := segmentOf(route, it.field.Index)
		if seg == nil || seg.Name != "" && !telling(seg) {
			s.withheld.add(it.field.Value.Peek())
		}
		if seg == nil || !telling(seg) {
			s.segmentFindings(it)
		}
	}
	for i := range route.Segments {
		if telling(&route.Segments[i]) {
			s.filled(route, parts)
			return
		}
	}
	s.maker.Literal(route.Template)
}

// filled writes a template some of whose placeholders have a category.
func (s *state) filled(route *raw.Route, parts []item) {
	for i := range route.Segments {
		seg := &route.Segments[i]
		s.maker.Literal("/")
		if seg.Name == "" {
			s.maker.Literal(seg.Literal)
			continue
		}
		s.maker.Encoding(transform.Segment)
		before := s.maker.Len()
		if it := s.find(parts, raw.Path, i); it != nil && telling(seg) {
			text, sound := s.decoded(it.field.Value.Peek(), false)
			s.write(&it.field, seg.Place, text, sound)
		}
		if s.maker.Len() == before {
			s.maker.Literal("{")
			s.maker.Literal(seg.Name)
			s.maker.Literal("}")
		}
	}
}

// telling reports whether seg is a placeholder with a category.
func telling(seg *raw.RouteSegment) bool {
	return seg.Name != "" && seg.Place != nil && seg.Place.Category != ""
}

func segmentOf(route *raw.Route, index int) *raw.RouteSegment {
	if index >= len(route.Segments) {
		return nil
	}
	return &route.Segments[index]
}
