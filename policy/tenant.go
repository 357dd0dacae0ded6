package policy

import (
	"slices"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"weir/policy/source"
)

// tenanting is what `tenant` can say.
var tenanting = sync.OnceValue(func() *environment {
	return newEnvironment("tenant", "tenant", `a text, such as request.header["x-tenant"]`, inTenant, conditionFunctions())
})

// otherTenant stands for a tenant that the policy does not name: what it is called was
// sent, and is not told.
const otherTenant = "*"

// tenancy is for whom an exchange is processed, where several controllers share a
// service: Art. 28 and 30(2) GDPR.
type tenancy struct {
	by          *expression // nil without `tenant`
	controllers map[string]Controller
	names       []string // that may be told
	program     cel.Program
}

// readTenant reads `tenant`: an expression, or {by: …, controllers: {NAME: {name, country, contact}}}.
func readTenant(f *source.File, n source.Node) tenancy {
	var t tenancy
	if n.Is("a mapping") {
		m := n.Map(source.Keys{Known: []string{"by", "controllers"}})
		t.controllers = make(map[string]Controller)
		for key, c := range m.Get("controllers").Entries().All() {
			t.controllers[key.Text] = readController(c)
			t.names = append(t.names, key.Text)
		}
		n = m.Require("by", `by: 'request.header["x-tenant"]'`)
	}
	switch {
	case n.Is("text"):
		t.by, _ = tenanting().compile(f, n.Text(), cel.StringType)
	case n.Exists():
		n.Refuse("`tenant` is an expression", `'request.header["x-tenant"]'`)
	}
	if t.by != nil {
		t.names = append(t.names, t.by.literals()...)
	}
	return t
}

// compile plans the program. The error is that of CEL's planner.
func (t *tenancy) compile() *source.Error {
	if t.by == nil {
		return nil
	}
	var err error
	if t.program, err = t.by.part(t.by.ast.Expr()); err != nil {
		return &source.Error{Pos: t.by.text.Pos, Message: "`tenant` cannot be compiled: " + err.Error()}
	}
	return nil
}

// TenantController is who answers for the data of a tenant; ok is false where the policy
// does not say.
func (p *Policy) TenantController(tenant string) (c Controller, ok bool) {
	c, ok = p.tenancy.controllers[tenant]
	return c, ok
}

// tenant is what `tenant` comes to for what v is about: the text itself where the policy
// writes it, "*" for any other, "" where there is none. seen is false where it was not seen.
func (v *view) tenant() (name string, seen bool) {
	t := &v.policy.tenancy
	if t.program == nil {
		return "", true
	}
	out, _, err := t.program.Eval(v)
	s, ok := out.(types.String)
	switch {
	case err != nil || !ok:
		return "", err == nil && !types.IsUnknown(out)
	case s == "", slices.Contains(t.names, string(s)):
		return string(s), true
	}
	return otherTenant, true
}
