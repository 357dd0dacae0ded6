package policy

import (
	"slices"

	celast "cel.dev/cel-go/common/ast"

	"weir/redact/raw"
)

// section is one whose rules Trace tells of, nil where it is none.
func (p *Policy) section(name string) *clauses {
	switch name {
	case "egress":
		return &p.egress.clauses
	case "respond":
		return &p.respond.clauses
	case "retain":
		return &p.retains.clauses
	}
	return nil
}

// RulesOf are the rules of a section, "egress", "respond" or "retain", in their order.
func (p *Policy) RulesOf(section string) []RuleRef {
	var out []RuleRef
	if s := p.section(section); s != nil {
		for _, c := range s.all {
			out = append(out, *c.ref)
		}
	}
	return out
}

// BranchesOf are the parts that the conditions of a section turn on, by rule, in the
// order of RulesOf. Their Value is empty.
func (p *Policy) BranchesOf(section string) [][]PartTrace {
	var out [][]PartTrace
	if s := p.section(section); s != nil {
		for _, c := range s.all {
			t := tracer{of: c.when}
			t.branches(c.condition, c.when.ast.Expr())
			out = append(out, t.parts)
		}
	}
	return out
}

// Trace tells how each rule of a section, of those that RulesOf knows, or each promise of
// "promises", comes to its result for one exchange. Of `respond` a rule about cookies is
// told once for each cookie. Of the parts only those that were evaluated are told: behind
// each that the condition turns on stand the variables that it reads. A promise has the
// parts of its `when` before those of `holds`; its result is that of `holds`, or that of
// `when` where this is not true.
func (p *Policy) Trace(s *Seen, section string, yield func(RuleTrace)) {
	v := p.look(s)
	defer v.giveBack()
	switch section {
	case "egress":
		p.traceEgress(v, yield)
	case "respond":
		p.traceRespond(v, yield)
	case "retain":
		p.traceRetain(v, yield)
	case "promises":
		for _, one := range p.promises.all {
			yield(one.trace(v))
		}
	}
}

// traceEgress tells of the rules where somebody receives the request.
func (p *Policy) traceEgress(v *view, yield func(RuleTrace)) {
	v.recipient()
	if !v.toParty {
		return
	}
	ruling := p.egress.judge(v).Ruling
	for _, c := range p.egress.all {
		t := c.trace(v)
		t.Outranked = t.Result == traced[yes] && ruling.By != c.ref && c.beaten(v, ruling.Verdict)
		yield(t)
	}
}

// beaten reports whether nothing is left of a rule that matches beside a verdict: strips
// count beside rewrites, and each beside its equals.
func (c *clause) beaten(v *view, by Verdict) bool {
	out, _ := c.value(v)
	value, ok := out.(verdictValue)
	if !ok {
		return true
	}
	said := value.weighed()
	return said < by && (said != Strip || by != Rewrite)
}

// traceRespond tells of the rules for what reaches a browser.
func (p *Policy) traceRespond(v *view, yield func(RuleTrace)) {
	if v.direction() != raw.Inbound {
		return
	}
	done := p.respond.judge(v)
	cookies := v.cookies()
	for _, c := range p.respond.all {
		for i := range max(len(cookies), 1) {
			v.cookie = cookieInView{}
			if c.cookies {
				if len(cookies) == 0 {
					break
				}
				v.cookie = cookieInView{set: &cookies[i], declared: p.respond.cookies.of(cookies[i].Name.Peek())}
			}
			v.remember(p.respond.atoms)
			t := c.trace(v)
			t.Outranked = t.Result == traced[yes] && c.outranked(v, done, i)
			yield(t)
			if !c.cookies {
				break
			}
		}
	}
}

// outranked reports whether a rule that matches does nothing, to a cookie or to the
// response, because another one does more.
func (c *clause) outranked(v *view, done []Response, cookie int) bool {
	out, _ := c.value(v)
	value, ok := out.(responseValue)
	switch {
	case !ok:
		return true
	case value.allows:
		return false
	}
	said := Response{Kind: value.kind, MaxAge: value.maxAge}
	return slices.ContainsFunc(done, func(r Response) bool {
		switch {
		case r.By == c.ref:
			return false
		case value.header != "":
			return r.Header == value.header && (r.Kind != value.kind || r.Value != value.value)
		}
		return c.cookies && r.Cookie != "" && r.Index == cookie && stronger(&r, &said)
	})
}

// trace evaluates a rule part by part.
func (c *clause) trace(v *view) RuleTrace {
	t := tracer{asks: v, of: c.when}
	t.values = func(n celast.Expr) { t.variables(v, n) }
	result := t.trace(c.condition, c.when.ast.Expr())
	if result == yes {
		_, result = c.value(v)
	}
	return RuleTrace{Rule: *c.ref, Result: traced[result], Parts: t.parts}
}

// trace evaluates a promise part by part.
func (p *promise) trace(v *view) RuleTrace {
	out := RuleTrace{Rule: RuleRef{p.id, p.at, "promises"}}
	result := yes
	for _, side := range []struct {
		of        *expression
		condition *condition
	}{{p.when, p.concerns}, {p.holds, p.kept}} {
		if side.of == nil || result != yes {
			continue
		}
		t := tracer{asks: v, of: side.of}
		t.values = func(n celast.Expr) { t.variables(v, n) }
		result = t.trace(side.condition, side.of.ast.Expr())
		out.Parts = append(out.Parts, t.parts...)
	}
	out.Result = traced[result]
	return out
}
