package policy

import (
	"fmt"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"weir/policy/source"
)

// maxRetain bounds the rules of `retain`: each may be a folder, a chain of keys and a
// file that is open.
const maxRetain = 50

// readRetain reads the section; defaults is that of the same name.
func readRetain(f *source.File, root, defaults source.Mapping) []*clause {
	n := root.Get("retain")
	if n.Exists() && !defaults.Get("retain").Exists() {
		f.Refuse(root.Key("retain").Pos, "`retain` decides, and nothing says how long entries are kept that no rule matches", "defaults: {retain: 30d}")
	}
	var out []*clause
	seen := make(map[string]source.Pos)
	for i, entry := range n.List() {
		if i == maxRetain {
			entry.Refuse(fmt.Sprintf("there are more than %d rules", maxRetain), "")
			break
		}
		l := retaining()
		if entry.Is("text") {
			entry.Refuse("expected a rule, found text", `- {name: orders, when: 'request.route.under("/orders")', then: 'keep_for(years(5))'}`)
			continue
		}
		m := entry.Map(source.Keys{Known: []string{"name", "purpose", "when", "then"}})
		c := &clause{at: entry.Pos()}
		readName(f, m, &c.name, c.at, seen)
		var ok1, ok2 bool
		c.when, ok1 = readExpression(f, m, l.when, cel.BoolType)
		c.then, ok2 = readExpression(f, m, l.then, retentionType)
		if ok1 && ok2 && c.then.checkRetention(f) {
			out = append(out, c)
		}
	}
	return out
}

// checkRetention evaluates `then`, the innermost call first, and refuses the first that
// fails where it stands.
func (x *expression) checkRetention(f *source.File) (ok bool) {
	ok = true
	celast.PostOrderVisit(x.ast.Expr(), celast.NewExprVisitor(func(n celast.Expr) {
		if !ok || n.Kind() != celast.CallKind {
			return
		}
		_, err := x.constant(n)
		if err != nil {
			ok = false
			f.Refuse(x.text.At(x.offset(n)), "`then`: "+err.Error(), "")
		}
	}))
	return ok
}

// constant is what a part that reads nothing comes to.
func (x *expression) constant(n celast.Expr) (ref.Val, error) {
	program, err := x.part(n)
	if err != nil {
		return nil, err
	}
	v, _, err := program.Eval(cel.NoVars())
	if err == nil && types.IsUnknownOrError(v) {
		err = errNoRetention
	}
	return v, err
}
