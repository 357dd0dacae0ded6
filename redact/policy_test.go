package redact

import (
	"strings"
	"time"

	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/transform"
)

// testPolicy is a Decider with rules that are functions.
type testPolicy struct {
	rules  []testRule
	routes []*raw.Route
	places map[placeKey]*raw.Place
	within map[withinKey]*raw.Place
	any    [raw.KindCount]*raw.Place
	ids    int
}

type testRule struct {
	name string
	when func(q *raw.Question) bool
	then transform.Transform
}

type placeKey struct {
	kind raw.Kind
	name string
}

type withinKey struct {
	header *raw.Place
	kind   raw.Kind
	name   string
}

// newPolicy knows the vocabulary's names, and those in fields, as in
// "url.query.plan" → "x.plan"; "" is a name without a category.
func newPolicy(fields map[string]category.Key, rules ...testRule) *testPolicy {
	p := &testPolicy{rules: rules, places: map[placeKey]*raw.Place{}, within: map[withinKey]*raw.Place{}}
	for k := range raw.KindCount {
		kind := raw.Kind(k)
		if !kind.Named() {
			p.any[k] = p.place(kind, kind.Place(), "", "", false)
			continue
		}
		p.any[k] = p.place(kind, kind.Place()+".*", "*", "", false)
		detect.Names(func(m detect.Match) bool {
			p.places[placeKey{kind, strings.ToLower(m.Name)}] = p.place(kind, kind.Place()+"."+m.Name, m.Name, m.Category, m.Harmless)
			p.places[placeKey{kind, "*" + string(m.Category)}] = p.place(kind, kind.Place()+".*", "*", m.Category, false)
			return true
		})
		for field, key := range fields {
			if name, ok := strings.CutPrefix(field, kind.Place()+"."); ok {
				p.places[placeKey{kind, strings.ToLower(name)}] = p.place(kind, field, name, key, false)
			}
		}
	}
	p.any[raw.ClientAddress].Category = category.IPAddress
	p.any[raw.PeerAddress].Category = category.IPAddress
	p.any[raw.Userinfo].Category = "user.authorization.credentials"
	for _, kind := range []raw.Kind{raw.RequestHeader, raw.ResponseHeader} {
		for _, name := range []string{"referer", "origin", "location", "content-location", "link", "refresh", "sourcemap"} {
			header := p.Place(kind, []byte(name))
			if header.Name == "*" {
				header = p.place(kind, kind.Place()+"."+name, name, "", false)
				p.places[placeKey{kind, name}] = header
			}
			for part := range raw.KindCount {
				p.parts(header, raw.Kind(part))
			}
		}
	}
	return p
}

func (p *testPolicy) parts(header *raw.Place, part raw.Kind) {
	_, word, _ := strings.Cut(part.Place(), ".")
	if !part.Named() {
		p.within[withinKey{header, part, ""}] = p.place(part, header.Text+"."+word, "", p.any[part].Category, false)
		return
	}
	p.within[withinKey{header, part, "*"}] = p.place(part, header.Text+"."+word+".*", "*", "", false)
	for key, place := range p.places {
		if key.kind == part {
			p.within[withinKey{header, part, key.name}] = p.place(part, header.Text+"."+word+"."+place.Name, place.Name, place.Category, place.Harmless)
		}
	}
}

func (p *testPolicy) place(kind raw.Kind, text, name string, key category.Key, harmless bool) *raw.Place {
	p.ids++
	pl := &raw.Place{ID: p.ids, Kind: kind, Text: text, Name: name, Category: key, Harmless: harmless}
	if key != "" {
		pl.Confidence = detect.NameKnown
	}
	return pl
}

func (p *testPolicy) Place(kind raw.Kind, name []byte) *raw.Place {
	var space [64]byte
	if pl, ok := p.places[placeKey{kind, string(lower(space[:0], name))}]; ok {
		return pl
	}
	if m, ok := detect.Lookup(name); ok && kind.Named() {
		if !m.Exact {
			return p.places[placeKey{kind, "*" + string(m.Category)}]
		}
		return p.places[placeKey{kind, strings.ToLower(m.Name)}]
	}
	return p.any[kind]
}

func (p *testPolicy) Within(header *raw.Place, kind raw.Kind, name []byte) *raw.Place {
	var space [64]byte
	if pl, ok := p.within[withinKey{header, kind, string(lower(space[:0], name))}]; ok {
		return pl
	}
	if m, ok := detect.Lookup(name); ok && kind.Named() && m.Exact {
		return p.within[withinKey{header, kind, strings.ToLower(m.Name)}]
	}
	if pl, ok := p.within[withinKey{header, kind, "*"}]; ok {
		return pl
	}
	return p.any[kind]
}

func lower(dst, b []byte) []byte {
	for _, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

func (p *testPolicy) Decide(q *raw.Question) transform.Decision {
	for i := range p.rules {
		if r := &p.rules[i]; r.when(q) {
			return transform.Decision{Transform: r.then, Rule: r.name}
		}
	}
	return transform.Decision{}
}

func (p *testPolicy) Route(path []byte) *raw.Route {
	for _, r := range p.routes {
		if matches(r, string(path)) {
			return r
		}
	}
	return nil
}

func matches(r *raw.Route, path string) bool {
	rest, ok := strings.CutPrefix(path, "/")
	for i := range r.Segments {
		var part string
		part, rest, _ = strings.Cut(rest, "/")
		if !ok || part == "" || r.Segments[i].Name == "" && part != r.Segments[i].Literal {
			return false
		}
	}
	return ok && rest == ""
}

func (p *testPolicy) Fingerprint() string             { return "sha256:test" }
func (p *testPolicy) Retain() (string, time.Duration) { return "30d", 30 * 24 * time.Hour }

// route adds a template whose placeholders may carry a category: /u/{who:user.unique_id}.
func (p *testPolicy) route(template string) {
	r := &raw.Route{}
	for part := range strings.SplitSeq(strings.TrimPrefix(template, "/"), "/") {
		seg := raw.RouteSegment{Literal: part}
		if inner, ok := strings.CutPrefix(part, "{"); ok {
			name, key, _ := strings.Cut(strings.TrimSuffix(inner, "}"), ":")
			seg = raw.RouteSegment{Name: name, Place: p.place(raw.Path, "url.path."+name, name, category.Key(key), false)}
			part = "{" + name + "}"
		}
		r.Segments = append(r.Segments, seg)
		r.Template += "/" + part
	}
	p.routes = append(p.routes, r)
}

// Rules.

func finding(name string, key category.Key, t transform.Transform) testRule {
	return testRule{name, func(q *raw.Question) bool { return q.Category != "" && q.Category.Within(key) }, t}
}

// at decides everything of a place, findings and remainder.
func at(name, place string, t transform.Transform) testRule {
	return testRule{name, func(q *raw.Question) bool { return q.Place.Text == place }, t}
}

// rest decides the remainder of a place.
func rest(name, place string, t transform.Transform) testRule {
	return testRule{name, func(q *raw.Question) bool { return q.Category == "" && q.Place.Text == place }, t}
}

func must(t transform.Transform, err error) transform.Transform {
	if err != nil {
		panic(err)
	}
	return t
}
