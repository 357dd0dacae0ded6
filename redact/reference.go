package redact

import (
	"strconv"

	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
	"weir/redact/walk"
)

// reference decides on a header whose value is made of URLs, which stands at i,
// and returns the index after its parts. One that is kept is written by its
// parts, as the request's own URL is; its text never is.
func (s *state) reference(i int) int {
	end := i + 1
	for end < len(s.items) && s.items[end].field.Within != nil {
		end++
	}
	head, parts := &s.items[i], s.items[i+1:end]
	p := head.place
	s.maker.Open(transform.Plain)
	done, mine := false, false
	if !s.cut { // else some of its parts may be missing
		done, mine = s.recall(asReference, &head.field, p, head.field.Value.Peek())
	}
	if done {
		if !s.maker.Empty() {
			s.keepValue(head, record.Value{Text: s.maker.Close()})
		}
		return end
	}
	values, mark := len(s.entry.Values), s.maker.Mark()
	s.refer(head, parts)
	if mine {
		if s.maker.Kept(mark) || s.maker.Mark() > mark && len(s.entry.Values) != values+1 {
			s.recording.unfit = true // recall writes one value, and by its parts
		}
		s.remember(p)
	}
	return end
}

// refer decides on a header whose value is made of URLs.
func (s *state) refer(head *item, parts []item) {
	p, text := head.place, head.field.Value.Peek()
	d := *s.ask(&head.field, p, p.Category, p.Confidence)
	done := d.Transform
	switch done.Kind() {
	case transform.KindKeep:
		if !s.composed(head, parts) {
			done = transform.Drop()
		}
	case transform.KindOrigin:
		s.noteAll(parts)
		if !s.origins(head, parts) {
			done = transform.Drop()
		}
	case transform.KindTemplate:
		if !s.templates(head, parts) {
			done = transform.Drop()
		}
	case transform.KindDrop:
		s.noteAll(parts)
	default:
		done = s.whole(head, parts, done)
	}
	if len(done.Shown(text)) < len(text) {
		s.withheld.add(text)
	}
	if done.Kind() != d.Transform.Kind() {
		d.Rule = ""
	}
	if kind := done.Kind(); p.Category != "" || kind != transform.KindKeep && kind != transform.KindDrop {
		s.list(p, p.Category, done, d.Rule)
	}
}

// whole writes what is left of the header's text under t, or under a stricter
// transform that the policy has for something in it.
func (s *state) whole(head *item, parts []item, t transform.Transform) transform.Transform {
	text := head.field.Value.Peek()
	asked := t
	if t.Kind() == transform.KindNoQuery {
		_, shown, _ := transform.WithoutQuery(text)
		t = s.strictest(head, parts, t, shown)
	}
	if t.Kind() != transform.KindNoQuery {
		t = s.strictest(head, parts, transform.Stricter(t, asked), text)
	}
	switch t.Kind() {
	case transform.KindNoQuery:
		for i := range parts {
			if !beforeQuery(&parts[i]) {
				s.notePart(&parts[i])
			}
		}
	case transform.KindShorten:
		s.listShown(parts, t)
	default:
		s.noteAll(parts)
	}
	s.named("", 0, 0)
	s.current, s.checked = text, false
	s.maker.Open(transform.Plain)
	done := s.apply(t, head.place.Category, text, text)
	s.keepValue(head, record.Value{Text: s.maker.Close()})
	return done
}

// listShown lists the findings in parts that t leaves of the header, as far as it
// goes: the policy has nothing stricter for them.
func (s *state) listShown(parts []item, t transform.Transform) {
	for i := range parts {
		it := &parts[i]
		if it.place == nil {
			continue
		}
		value, _ := s.decodedPart(it)
		if it.field.Kind == it.field.Within.Kind {
			s.named("", 0, 0) // the header's own category is listed by itself
		} else {
			s.byName(&it.field, it.place, value)
		}
		s.scan(value)
		for j := range s.spans {
			s.list(it.place, s.spans[j].category, t, "")
		}
	}
}

// strictest is the strictest of t and of what the policy has for the findings in
// shown, the header's text or what no_query() leaves of it, and in the parts there.
func (s *state) strictest(head *item, parts []item, t transform.Transform, shown []byte) transform.Transform {
	all := len(shown) == len(head.field.Value.Peek())
	for i := range parts {
		it := &parts[i]
		if it.place == nil || !all && !beforeQuery(it) {
			continue
		}
		value, _ := s.decodedPart(it)
		s.byName(&it.field, it.place, value)
		if !s.scan(value) {
			t = transform.Drop()
		}
		for j := range s.spans {
			sp := &s.spans[j]
			t = transform.Stricter(t, s.ask(&it.field, it.place, sp.category, sp.confidence).Transform)
			t = t.Hiding(shown, value[sp.start:min(sp.end, len(value))])
		}
	}
	s.named("", 0, 0)
	if !s.scan(shown) {
		t = transform.Drop()
	}
	for i := range s.spans {
		sp := &s.spans[i]
		t = transform.Stricter(t, s.ask(&head.field, head.place, sp.category, sp.confidence).Transform)
		t = t.Hiding(shown, shown[sp.start:min(sp.end, len(shown))])
	}
	return t
}

// beforeQuery reports whether a part of a URL is one that no_query() leaves.
func beforeQuery(it *item) bool {
	return it.place == nil || it.field.Kind == raw.Host || it.field.Kind == raw.Path
}

// noteAll lists what is found in parts of which nothing is written.
func (s *state) noteAll(parts []item) {
	for i := range parts {
		s.notePart(&parts[i])
	}
}

func (s *state) notePart(it *item) {
	if it.place == nil {
		return
	}
	text, sound := s.decodedPart(it)
	if !sound {
		text = it.field.Value.Peek()
	}
	if it.field.Kind == it.field.Within.Kind {
		s.noteAs(it.place, "", 0, text) // between the URLs: the header's own category is listed by itself
		return
	}
	s.note(it.place, text)
}

// decodedPart is the value of a part as it is scanned.
func (s *state) decodedPart(it *item) ([]byte, bool) {
	switch it.field.Kind {
	case raw.Query:
		return s.decoded(it.field.Value.Peek(), true)
	case raw.Path, raw.Fragment, raw.Userinfo:
		return s.decoded(it.field.Value.Peek(), false)
	}
	return it.field.Value.Peek(), true
}

// origins writes the origin of each URL of the header, and reports whether
// there was one.
func (s *state) origins(head *item, parts []item) bool {
	written := false
	for i := range parts {
		if parts[i].place != nil {
			continue
		}
		u := &s.urls[parts[i].field.Index]
		if u.Opaque || u.Scheme == raw.SchemeUnknown {
			continue
		}
		s.maker.Open(transform.Plain)
		s.maker.Literal(schemePrefix(u.Scheme))
		if s.maker.Domain(u.Host.Peek(), true) {
			s.keepValue(head, record.Value{Text: s.maker.Close()})
			written = true
		}
	}
	return written
}

// templates writes the origin of each URL of the header and the template of its
// path, and reports whether there was one.
func (s *state) templates(head *item, parts []item) bool {
	written := false
	for i := 0; i < len(parts); {
		j := i + 1
		for j < len(parts) && parts[j].place != nil {
			j++
		}
		for k := i; k < j; k++ {
			if parts[k].field.Kind != raw.Path {
				s.notePart(&parts[k])
			}
		}
		if parts[i].place == nil {
			s.maker.Open(transform.Plain)
			if u := &s.urls[parts[i].field.Index]; s.templated(u, parts[i+1:j]) {
				s.keepValue(head, record.Value{Text: s.maker.Close()})
				written = true
			}
		}
		i = j
	}
	return written
}

// templated writes the origin of a URL and the template of its path.
func (s *state) templated(u *walk.URL, parts []item) bool {
	if u.Opaque || s.find(parts, raw.Host, 0) != nil && u.Scheme == raw.SchemeUnknown {
		return false
	}
	if u.Scheme != raw.SchemeUnknown {
		s.maker.Literal(schemePrefix(u.Scheme))
		if !s.maker.Domain(u.Host.Peek(), true) {
			return false
		}
	}
	s.maker.Encoding(transform.Segment)
	s.path(u.Path.Peek(), parts)
	return true
}

// composed writes each URL of the header by its parts, and reports whether
// there was one.
func (s *state) composed(head *item, parts []item) bool {
	written := false
	for i := 0; i < len(parts); {
		if parts[i].place != nil {
			s.notePart(&parts[i])
			i++
			continue
		}
		u, j := &s.urls[parts[i].field.Index], i+1
		for j < len(parts) && parts[j].place != nil && parts[j].field.Kind != head.field.Kind {
			j++
		}
		if u.Opaque {
			s.named("", 0, 0)
			s.scan(head.field.Value.Peek())
			s.refuse(head.place, head.field.Value.Peek())
		} else {
			s.compose(u, parts[i+1:j])
			s.keepValue(head, record.Value{Text: s.maker.Close()})
			written = true
		}
		i = j
	}
	return written
}

// compose writes one URL: host by the host rule, path by template or words,
// query by its known names; no user information, no fragment.
func (s *state) compose(u *walk.URL, parts []item) {
	s.maker.Open(transform.Plain)
	if host := s.find(parts, raw.Host, 0); host != nil {
		if u.Scheme != raw.SchemeUnknown {
			s.maker.Literal(schemePrefix(u.Scheme))
		} else {
			s.maker.Literal("//")
		}
		s.hostInURL(host)
		if n := s.port(u); n != 0 {
			s.maker.Literal(":")
			s.maker.Literal(strconv.Itoa(int(n)))
		}
	}
	s.maker.Encoding(transform.Segment)
	s.path(u.Path.Peek(), parts)
	sep, written := "?", 0
	for i := range parts {
		it := &parts[i]
		switch it.field.Kind {
		case raw.Query:
			if written++; written > maxParameters {
				s.notePart(it)
				continue
			}
			s.maker.Literal(sep)
			sep = "&"
			s.maker.Encoding(transform.Query)
			if it.field.Name.Peek() != nil {
				s.maker.Name(it.place.Name)
				s.maker.Literal("=")
				s.maker.Encoding(transform.Query)
			}
			s.queryValue(it)
		case raw.Userinfo, raw.Fragment:
			s.notePart(it)
		}
	}
	if written > maxParameters {
		s.maker.Literal("&…")
	}
}

// hostInURL writes a host with the brackets that an IPv6 address has in a URL.
func (s *state) hostInURL(it *item) {
	a, ok := detect.Address(it.field.Value.Peek())
	bracket := ok && a.Addr().Is6()
	if bracket {
		s.maker.Literal("[")
	}
	s.host(&it.field, it.place)
	if bracket {
		s.maker.Literal("]")
	}
}

func schemePrefix(scheme raw.Scheme) string {
	if scheme == raw.HTTP {
		return "http://"
	}
	return "https://"
}

// noteAs is note under a category that need not be the place's.
func (s *state) noteAs(p *raw.Place, key category.Key, confidence uint8, text []byte) {
	if len(text) == 0 {
		return
	}
	s.named(key, confidence, len(text))
	if !s.scan(text) {
		s.refuse(p, text)
		return
	}
	for i := range s.spans {
		s.list(p, s.spans[i].category, transform.Drop(), "")
	}
	s.withhold(text)
}
