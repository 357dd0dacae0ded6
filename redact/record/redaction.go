package record

import (
	"weir/redact/category"
	"weir/redact/transform"
)

// Redaction is one finding and what was done to it. None of it is of the
// exchange, so that one is made once and stands in many entries: it must not be
// changed.
type Redaction struct {
	Field     string // the place: "url.query.email"
	Category  category.Key
	Transform transform.Transform
	Rule      string // "" where no rule decided
	json      string
}

// Same reports whether two are of one category, done in one way by one rule.
func (r *Redaction) Same(o *Redaction) bool {
	return r == o || r.Category == o.Category && r.Transform == o.Transform && r.Rule == o.Rule
}

// NewRedaction makes a Redaction, and its part of a JSON line.
func NewRedaction(field string, key category.Key, t transform.Transform, rule string) *Redaction {
	b := append([]byte(nil), `{"field":"`...)
	b = jsonText.text(b, field)
	if key != "" {
		b = append(b, `","category":"`...)
		b = jsonText.text(b, string(key))
	}
	b = append(b, `","transform":"`...)
	b = append(b, t.Name()...)
	if rule != "" {
		b = append(b, `","rule":"`...)
		b = jsonText.text(b, rule)
	}
	return &Redaction{field, key, t, rule, string(append(b, `"}`...))}
}
