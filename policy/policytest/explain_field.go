package policytest

import (
	"fmt"
	"slices"
	"strings"

	"weir/policy"
	"weir/redact/category"
	"weir/redact/raw"
)

// ExplainedField is one field of an exchange: what was found in it, what decided, and
// what is written.
type ExplainedField struct {
	Field    string             `json:"field"`          // its place
	Name     string             `json:"name,omitempty"` // as it was sent, of a place that ends in *, where it may be told
	Found    []ExplainedFinding `json:"found"`
	Written  string             `json:"written"`           // "" where nothing of it is
	Limited  bool               `json:"limited,omitempty"` // nothing is, because of `only` in retain
	Body     bool               `json:"body,omitempty"`    // of which nothing is ever written
	Subject  bool               `json:"subject,omitempty"` // a pseudonym of it is among the entry's subjects
	Route    *ExplainedPlace    `json:"route,omitempty"`   // that makes a placeholder of it
	Declared string             `json:"declare,omitempty"` // a line of the policy that would have it written

	index   int
	kind    raw.Kind
	unasked bool // no rule was asked about it
}

// ExplainedFinding is a category that was found in a field, or what is left beside
// findings, and what is done with it.
type ExplainedFinding struct {
	Category   category.Key    `json:"category,omitempty"` // "" of what is left
	Confidence uint8           `json:"confidence,omitempty"`
	Named      bool            `json:"by_name,omitempty"`
	Scanned    bool            `json:"by_value,omitempty"`
	Rule       *ExplainedPlace `json:"rule,omitempty"` // nil where none decided
	Transform  string          `json:"transform,omitempty"`
}

// fields explains the fields of one exchange.
type fields struct {
	policy *policy.Policy
	name   string
	sample *Sample
	out    *Outcome
	judge  *policy.Judgement
	rules  map[string]policy.RuleRef
	all    []ExplainedField
}

func (f *fields) explain() []ExplainedField {
	f.know()
	f.all = []ExplainedField{}
	for i := range f.out.Answers {
		f.answer(&f.out.Answers[i])
	}
	for i := range f.out.Found {
		f.listed(&f.out.Found[i])
	}
	f.path()
	for i := range f.all {
		e := &f.all[i]
		if !e.Body && e.Route == nil && len(e.Found) > 0 {
			e.Written = plainPseudonyms(f.written(e))
			e.Limited = f.limited(e)
		}
		if e.Written == "" {
			e.Declared = declaring(e)
		}
	}
	slices.SortStableFunc(f.all, func(a, b ExplainedField) int { return int(a.kind) - int(b.kind) })
	return slices.DeleteFunc(f.all, f.dull)
}

// know learns where the rules stand.
func (f *fields) know() {
	f.rules = map[string]policy.RuleRef{}
	for _, r := range f.policy.RedactRules() {
		f.rules[r.Name] = r
	}
}

// dull is a host that the head line has told already, and of which nothing was found.
func (f *fields) dull(e ExplainedField) bool {
	if e.kind != raw.Host && e.Field != "request.header.host" {
		return false
	}
	return !slices.ContainsFunc(e.Found, func(g ExplainedFinding) bool { return g.Category != "" || g.Rule != nil })
}

// field is the one of a place and an index, made where there is none.
func (f *fields) field(place, name string, index int, kind raw.Kind) *ExplainedField {
	for i := range f.all {
		if e := &f.all[i]; e.Field == place && e.index == index && e.Name == name {
			return e
		}
	}
	at := len(f.all)
	for i := range f.all {
		if strings.HasPrefix(place, f.all[i].Field+".") {
			at = i + 1 // a part of a header's value stands behind it
		}
	}
	f.all = slices.Insert(f.all, at, ExplainedField{Field: place, Name: name, Found: []ExplainedFinding{}, index: index, kind: kind, Body: kind.Body()})
	return &f.all[at]
}

func (f *fields) answer(a *Answer) {
	if a.Place == nil {
		return
	}
	name := a.Name
	switch a.Place.Kind {
	case raw.RequestHeader, raw.RequestTrailer, raw.ResponseHeader, raw.ResponseTrailer:
		name = strings.ToLower(name) // as policies write them
	}
	e := f.field(a.Place.Text, name, a.Index, a.Place.Kind)
	g := ExplainedFinding{Category: a.Category, Confidence: a.Confidence, Transform: a.Decision.Transform.Name(), Rule: f.rule(a.Decision.Rule)}
	if a.Category == "" {
		g.Confidence = 0
		e.put(g)
		return
	}
	// Where both the name and the form tell a category, the surer of the two was asked about.
	g.Named = a.Category == a.Place.Category
	g.Scanned = !g.Named || a.Confidence != a.Place.Confidence
	// What is done is told by the entry: findings that overlap get the stricter.
	for i := range f.out.Found {
		if l := &f.out.Found[i]; l.Place == e.Field && l.Category == a.Category && l.Rule == "" && g.Rule == nil || l.Place == e.Field && l.Category == a.Category && g.Rule != nil && l.Rule == g.Rule.Name {
			g.Transform = l.Transform
			break
		}
	}
	e.put(g)
}

// put adds a finding, or what it adds to one that is there.
func (e *ExplainedField) put(g ExplainedFinding) {
	for i := range e.Found {
		if h := &e.Found[i]; h.Category == g.Category && h.ruleName() == g.ruleName() {
			h.Confidence, h.Named, h.Scanned = max(h.Confidence, g.Confidence), h.Named || g.Named, h.Scanned || g.Scanned
			return
		}
	}
	e.Found = append(e.Found, g)
}

func (g *ExplainedFinding) ruleName() string {
	if g.Rule == nil {
		return ""
	}
	return g.Rule.Name
}

func (f *fields) rule(name string) *ExplainedPlace {
	if name == "" {
		return nil
	}
	r, ok := f.rules[name]
	if !ok {
		return &ExplainedPlace{Name: name}
	}
	return placeOf(f.name, &r)
}

// listed adds what was found without a question: in bodies, and where all is dropped
// whatever the policy says.
func (f *fields) listed(l *Found) {
	if !l.Kind.Body() {
		for i := range f.all {
			if e := &f.all[i]; e.Field == l.Place && slices.ContainsFunc(e.Found, func(g ExplainedFinding) bool { return g.Category == l.Category }) {
				return
			}
		}
	}
	e := f.field(l.Place, l.Name, 0, l.Kind)
	e.unasked = true
	e.put(ExplainedFinding{Category: l.Category, Confidence: l.Confidence, Named: l.Named, Scanned: l.Scanned, Transform: l.Transform, Rule: f.rule(l.Rule)})
	if subjects, _ := f.out.Entry["subjects"].([]any); l.Kind.Body() && len(subjects) > 0 {
		e.Subject = e.Subject || slices.ContainsFunc(f.policy.Subjects(), func(k category.Key) bool { return l.Category.Within(k) })
	}
}

// path adds the segments that are written as placeholders.
func (f *fields) path() {
	x := &f.sample.exchange
	segments := strings.Split(strings.TrimPrefix(f.text("url.path"), "/"), "/")
	if route := f.policy.Route(x.Request.Peek(x.Request.Path)); route != nil {
		at := &ExplainedPlace{Name: route.Template, jsonPos: positionIn(f.name, f.policy.RouteAt(route))}
		for i, s := range route.Segments {
			if s.Name == "" {
				continue
			}
			e := f.field(s.Place.Text, "", i, raw.Path)
			if e.Route = at; i < len(segments) {
				e.Written = plainPseudonyms(segments[i])
			}
		}
		return
	}
	declared, count := "", 0
	for i, s := range segments {
		if s == "{id}" {
			f.field(fmt.Sprintf("url.path[%d]", i+1), "", 0, raw.Path).Written = s
			if count++; count > 1 {
				s = fmt.Sprintf("{id%d}", count)
			}
		}
		declared += "/" + s
	}
	if count > 0 && !strings.Contains(declared, "…") {
		f.all[len(f.all)-1].Declared = "routes: [{at: " + quotedPath(declared) + "}]"
	}
}

func quotedPath(path string) string { return `"` + path + `"` }

// declaring is a line of the policy by which something of a field that no rule decides on would be
// written, or found.
func declaring(e *ExplainedField) string {
	if e.Body || e.unasked || e.Route != nil || e.kind == raw.Path || e.kind == raw.Host || e.Written != "" {
		return e.Declared
	}
	var open category.Key
	undecided := false
	for i := range e.Found {
		g := &e.Found[i]
		if g.Rule != nil {
			return ""
		}
		if undecided = true; open == "" {
			open = g.Category
		}
	}
	switch {
	case !undecided, open.Within("user.authorization"):
		return "" // no line should have credentials written
	case open.Within(category.IPAddress):
		return fmt.Sprintf(`redact: [{name: NAME, when: 'field.category.within("%s")', then: truncate(24, 48)}]`, category.IPAddress)
	case open != "":
		return fmt.Sprintf(`redact: [{name: NAME, when: 'field.category.within("%s")', then: hash()}]`, open)
	case strings.HasSuffix(e.Field, "*"):
		name := e.Name
		if name == "" {
			name = "NAME"
		}
		return "fields: {" + strings.TrimSuffix(e.Field, "*") + name + ": CATEGORY}"
	}
	return fmt.Sprintf(`redact: [{name: NAME, when: 'field.place == "%s"', then: keep()}]`, e.Field)
}

// text is a key of the entry.
func (f *fields) text(key string) string {
	s, _ := f.out.Entry[key].(string)
	return s
}
