package redact

import (
	"strings"
	"sync"
	"time"

	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/transform"
)

// testPolicy is a Decider with rules that are functions. Its places are made
// when they are first asked for.
type testPolicy struct {
	rules  []testRule
	routes []*raw.Route
	fields map[string]category.Key
	// subjects are those whose pseudonyms entries hold.
	subjects []category.Key
	// detects is what is looked for.
	detects *detect.Set
	// retentions are those beside 30 days, and retained says which one an exchange has.
	retentions []raw.Retention
	retained   func(*raw.Exchange) int
	// hosts are those that are declared.
	hosts map[string]string

	mu     sync.Mutex
	places map[placeKey]*raw.Place
	names  map[placeKey]*raw.Place
	ids    int
}

type testRule struct {
	name string
	when func(q *raw.Question) bool
	then transform.Transform
}

// placeKey is a place of a message, or where header is set of a URL in it.
type placeKey struct {
	header *raw.Place
	kind   raw.Kind
	name   string
}

// newPolicy knows the vocabulary's names, and those in fields, as in
// "url.query.plan" → "x.plan"; "" is a name without a category.
func (p *testPolicy) Subjects() []category.Key { return p.subjects }

func (p *testPolicy) Detect() *detect.Set         { return p.detects }
func (p *testPolicy) DetectInBodies() *detect.Set { return p.detects }

func newPolicy(fields map[string]category.Key, rules ...testRule) *testPolicy {
	return &testPolicy{rules: rules, fields: fields, places: map[placeKey]*raw.Place{}, names: map[placeKey]*raw.Place{}}
}

func (p *testPolicy) place(kind raw.Kind, text, name string, key category.Key, harmless bool) *raw.Place {
	p.ids++
	pl := &raw.Place{ID: p.ids, Kind: kind, Text: text, Name: name, Category: key, Harmless: harmless}
	if key != "" {
		pl.Confidence = detect.NameKnown
	}
	return pl
}

// unnamed are the categories of kinds without names.
var unnamed = map[raw.Kind]category.Key{raw.ClientAddress: category.IPAddress, raw.PeerAddress: category.IPAddress,
	raw.Userinfo: "user.authorization.credentials", raw.ClientCertificate: category.UniqueID}

func (p *testPolicy) Place(kind raw.Kind, name []byte) *raw.Place { return p.find(nil, kind, name) }

func (p *testPolicy) Within(header *raw.Place, kind raw.Kind, name []byte) *raw.Place {
	return p.find(header, kind, name)
}

func (p *testPolicy) find(header *raw.Place, kind raw.Kind, name []byte) *raw.Place {
	p.mu.Lock()
	defer p.mu.Unlock()
	var space [64]byte
	if pl, ok := p.places[placeKey{header, kind, string(lower(space[:0], name))}]; ok {
		return pl
	}
	pl := p.known(header, kind, string(lower(space[:0], name)))
	p.places[placeKey{header, kind, string(lower(nil, name))}] = pl
	return pl
}

// known makes a place by what the policy, else the vocabulary, knows of a name.
func (p *testPolicy) known(header *raw.Place, kind raw.Kind, name string) *raw.Place {
	base := kind.Place()
	if header != nil {
		_, word, _ := strings.Cut(base, ".")
		base = header.Text + "." + word
	}
	m, found := detect.Lookup([]byte(name))
	key, declared := p.fields[kind.Place()+"."+name]
	switch {
	case !kind.Named():
		return p.once(header, kind, base, "", unnamed[kind], false)
	case declared:
		return p.once(header, kind, base+"."+name, name, key, false)
	case found && m.Exact:
		return p.once(header, kind, base+"."+strings.ToLower(m.Name), strings.ToLower(m.Name), m.Category, m.Harmless)
	case found:
		return p.once(header, kind, base+".*", "*", m.Category, false)
	}
	return p.once(header, kind, base+".*", "*", "", false)
}

// once makes a place if there is none like it: one place, one pointer.
func (p *testPolicy) once(header *raw.Place, kind raw.Kind, text, name string, key category.Key, harmless bool) *raw.Place {
	id := placeKey{header, kind, text + string(key)}
	if p.names[id] == nil {
		p.names[id] = p.place(kind, text, name, key, harmless)
	}
	return p.names[id]
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

// Settled answers unless a rule that is asked reads the exchange or the field, of
// which there are none.
func (p *testPolicy) Settled(at *raw.Place, key category.Key, confidence uint8) (d transform.Decision, ok bool) {
	defer func() { _ = recover() }()
	d = p.Decide(&raw.Question{Place: at, Category: key, Confidence: confidence})
	return d, true
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

func (p *testPolicy) Fingerprint() string { return "sha256:test" }

func (p *testPolicy) Hosts() map[string]string { return p.hosts }

func (p *testPolicy) Retentions() []raw.Retention {
	return append([]raw.Retention{{Class: "30d", Keep: 30 * 24 * time.Hour}}, p.retentions...)
}

func (p *testPolicy) Retained(x *raw.Exchange) int { return p.retained(x) }

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
