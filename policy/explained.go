package policy

import (
	"strings"

	"weir/policy/source"
	"weir/redact/raw"
)

// RouteAt is where the route stands that Route gave.
func (p *Policy) RouteAt(r *raw.Route) source.Pos {
	for _, t := range p.document.routes {
		if t.plain() == r.Template {
			return t.at
		}
	}
	return source.Pos{}
}

// Says is what a rule of `egress`, `respond` or `retain` does, as it is written.
func (p *Policy) Says(r RuleRef) string {
	s := p.section(r.Section)
	if s == nil {
		return ""
	}
	for _, c := range s.all {
		if c.name == r.Name {
			return c.then.written(c.then.ast.Expr())
		}
	}
	return ""
}

// plain is the template without categories.
func (t *template) plain() string {
	var b strings.Builder
	for _, s := range t.segments {
		b.WriteByte('/')
		if s.name != "" {
			b.WriteString("{" + s.name + "}")
		} else {
			b.WriteString(s.literal)
		}
	}
	return b.String()
}
