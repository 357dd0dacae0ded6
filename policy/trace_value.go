package policy

import (
	"slices"
	"strings"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"weir/policy/party"
	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/raw"
)

// variables tells what a part read, but for a part that is a variable itself.
func (t *tracer) variables(v *view, part celast.Expr) {
	tell := func(n celast.Expr, text, value string) {
		if !slices.ContainsFunc(t.parts, func(p PartTrace) bool { return p.Text == text }) {
			t.parts = append(t.parts, PartTrace{Text: text, Value: value, At: t.at(n)})
		}
	}
	var visit func(n celast.Expr)
	visit = func(n celast.Expr) {
		if name := t.of.variable(n); name != "" && name[0] != '@' {
			if n.ID() != part.ID() {
				tell(n, name, v.shown(name))
			}
			return
		}
		switch n.Kind() {
		case celast.CallKind:
			c := n.AsCall()
			if name, value, ok := t.entry(v, n); ok {
				tell(n, name, value)
				return
			}
			switch c.FunctionName() {
			case "given", "withdrawn":
				for _, purpose := range t.purposes(v, c.Args()[0]) {
					tell(n, purpose, v.shownChoice(purpose))
				}
			case "carries":
				name, value := v.shownCategories(t.of.variable(c.Target()))
				tell(n, name, value)
			}
			if c.IsMemberFunction() {
				visit(c.Target())
			}
			for _, a := range c.Args() {
				visit(a)
			}
		case celast.ListKind:
			for _, e := range n.AsList().Elements() {
				visit(e)
			}
		case celast.ComprehensionKind:
			visit(n.AsComprehension().IterRange())
			visit(n.AsComprehension().AccuInit())
			visit(n.AsComprehension().LoopStep())
		}
	}
	visit(part)
}

// entry tells of a table that is asked by a constant name.
func (t *tracer) entry(v *view, n celast.Expr) (name, value string, ok bool) {
	c := n.AsCall()
	if c.FunctionName() != "_[_]" || t.tableOf(c.Args()[0]) == raw.KindCount {
		return "", "", false
	}
	key, ok := constant(c.Args()[1])
	if !ok {
		return "", "", false
	}
	return t.of.written(n), v.shownEntry(t.of.variable(c.Args()[0]), raw.Kind(t.tableOf(c.Args()[0])), key), true
}

// purposes are those that a consent is asked for, by constants or a variable.
func (t *tracer) purposes(v *view, n celast.Expr) []string {
	var out []string
	if name := t.of.variable(n); name != "" {
		got, _ := v.ResolveName(name)
		if value, ok := got.(ref.Val); ok {
			out, _ = textsOf(value)
		}
		return out
	}
	for _, c := range constants(n) {
		if text, ok := constant(c); ok {
			out = append(out, text)
		}
	}
	return out
}

// shownCategories are those that carries() was asked of.
func (v *view) shownCategories(variable string) (name, value string) {
	name, all, more := "flow.categories", v.seen.Categories, !v.seen.Complete
	if variable != "@flow" {
		name, all, more = "written", v.seen.Written, v.seen.MoreWritten
	}
	value = plainText(listOf(all))
	if more {
		value += " and what was not seen"
	}
	return name, value
}

// shownChoice is what was chosen for a purpose, and where that was read.
func (v *view) shownChoice(purpose string) string {
	c := v.choices()
	if c == nil {
		return "unknown"
	}
	choice, from := c.Of(purpose)
	if choice == NotAsked {
		return "not asked"
	}
	return choice.String() + " (" + from + ")"
}

// tableOf is the kind of the fields that a table holds, KindCount where n is no table.
func (t *tracer) tableOf(n celast.Expr) int {
	switch t.of.variable(n) {
	case "request.header":
		return int(raw.RequestHeader)
	case "request.query":
		return int(raw.Query)
	case "request.cookie":
		return int(raw.RequestCookie)
	case "response.header":
		return int(raw.ResponseHeader)
	}
	return raw.KindCount
}

// shownEntry is what may be told of an entry of a table: whether it is there, and of
// which category it is by its name.
func (v *view) shownEntry(table string, kind raw.Kind, key string) string {
	got, ok := v.ResolveName(table)
	m, isTable := got.(traits.Mapper)
	switch {
	case !ok:
		return "error"
	case !isTable:
		return "unknown"
	case m.Contains(types.String(key)) != types.True:
		return `""`
	}
	k := v.policy.Place(kind, []byte(key)).Category
	if k == "" {
		return "(not shown)"
	}
	return "(" + string(k) + ")"
}

// methods are those of RFC 9110 section 9, and PATCH.
var methods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

// shown is what may be told of a variable: what is the policy's or weir's own as it is,
// of all else its category.
func (v *view) shown(name string) string {
	got, ok := v.ResolveName(name)
	value, isValue := got.(ref.Val)
	switch {
	case !ok || !isValue:
		return "error"
	case types.IsUnknown(value):
		return "unknown"
	}
	switch root, _, _ := strings.Cut(name, "."); {
	case name == "cookie.name":
		if c := v.cookie.declared; c != nil {
			return c.text()
		}
		return "*"
	case name == "request.method":
		if m := string(value.(types.String)); slices.Contains(methods, m) {
			return m
		}
		return "_OTHER"
	case name == "request.host":
		if r := v.recipient(); r.Host != "" && r.Source != party.Registrable { // a domain may be somebody's: an entry tells
			return r.Host
		}
		return "(not shown)"
	case name == "request.path":
		if route := v.template(&v.exchange.Request); route != "" {
			return route
		}
		return "(" + string(category.Key("user.behavior.browsing_history")) + ")"
	case name == "client.address":
		return "(" + string(category.IPAddress) + ")"
	case name == "cookie.domain", name == "request.header", name == "request.query", name == "request.cookie", name == "response.header":
		return "(not shown)"
	case root == "party", root == "flow", root == "consent", root == "cookie", root == "request", root == "response", root == "client", root == "retain", name == "service", name == "now":
		return plainText(value)
	}
	return "(not shown)"
}

// plainText is a value of the policy as it would be written there.
func plainText(value ref.Val) string {
	switch x := value.(type) {
	case types.String:
		if x == "" {
			return `""`
		}
		return string(x)
	case types.Duration:
		if text := source.FormatDuration(x.Duration); text != "" {
			return text
		}
	case traits.Lister:
		texts, _ := textsOf(x)
		return "[" + strings.Join(texts, ", ") + "]"
	}
	if text, ok := value.ConvertToType(types.StringType).(types.String); ok {
		return string(text)
	}
	return "(not shown)"
}
