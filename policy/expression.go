package policy

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"

	"weir/policy/source"
)

// expression is a checked expression of a rule.
type expression struct {
	in    *environment
	text  source.Text
	ast   *celast.AST
	reads reads
}

// refuse notes an error in an expression, at an offset in its characters.
type refuse func(offset int, message, instead string)

// compile parses and checks text, which must be of the wanted type. What is
// wrong is noted in f at its place in the file; then ok is false.
func (e *environment) compile(f *source.File, text source.Text, want *cel.Type) (x *expression, ok bool) {
	refused := false
	note := refuse(func(offset int, message, instead string) {
		refused = true
		f.Refuse(text.At(offset), "`"+e.key+"`: "+message, instead)
	})
	if strings.TrimSpace(text.Value) == "" {
		note(0, "is empty", e.example())
		return nil, false
	}
	parsed, issues := e.env.Parse(text.Value)
	if issues.Err() != nil {
		for _, err := range issues.Errors() {
			offset := offsetOf(text.Value, err.Location.Line(), err.Location.Column())
			offset = min(offset, len([]rune(strings.TrimRight(text.Value, " \n"))))
			message, instead := e.syntax(text.Value, offset, err.Message)
			note(offset, message, instead)
			break // the parser's further errors follow from the first
		}
		return nil, false
	}
	info := parsed.NativeRep().SourceInfo()
	runes := []rune(text.Value)
	at := func(id int64) int { return offsetIn(info, runes, id) }
	names := &names{environment: e, at: at, note: note, text: runes}
	names.walk(parsed.NativeRep().Expr())
	e.checkLiterals(&expression{in: e, text: text, ast: parsed.NativeRep()}, at, note)
	if refused {
		return nil, false
	}
	checked, issues := e.env.Check(parsed)
	if issues.Err() != nil {
		for _, err := range issues.Errors() {
			offset := offsetOf(text.Value, err.Location.Line(), err.Location.Column())
			if err.ExprID != 0 {
				offset = at(err.ExprID)
			}
			message, instead := e.mismatch(err.Message)
			note(offset, message, instead)
		}
		return nil, false
	}
	if got := checked.OutputType(); !got.IsExactType(want) {
		note(0, fmt.Sprintf("expected %s, found %s", describe(want), describe(got)), e.example())
		return nil, false
	}
	x = &expression{in: e, text: text, ast: checked.NativeRep()}
	x.reads = x.readsOf(x.ast.Expr())
	x.checkMade(func(id int64, message string) { note(at(id), message, "") })
	x.checkHeaders(at, note)
	return x, !refused
}

func (e *environment) example() string { return e.examples }

// offset is where a part of the expression stands in its text, in characters.
func (x *expression) offset(n celast.Expr) int {
	return offsetIn(x.ast.SourceInfo(), []rune(x.text.Value), n.ID())
}

// offsetIn is where a node begins. CEL has a call at its parenthesis: that is
// moved to the function's name.
func offsetIn(info *celast.SourceInfo, text []rune, id int64) int {
	r, found := info.GetOffsetRange(id)
	if !found {
		return 0
	}
	at := int(r.Start)
	if at < len(text) && text[at] == '(' {
		for at > 0 && (unicode.IsLetter(text[at-1]) || unicode.IsDigit(text[at-1]) || text[at-1] == '_') {
			at--
		}
	}
	return at
}

// offsetOf is the offset in characters of a line, from 1, and a column, from 0.
func offsetOf(text string, line, column int) int {
	offset := 0
	for l := range strings.SplitSeq(text, "\n") {
		if line--; line <= 0 {
			break
		}
		offset += len([]rune(l)) + 1
	}
	return offset + max(column, 0)
}

// readsOf is the variables that a part of the expression reads.
func (x *expression) readsOf(part celast.Expr) reads {
	var r reads
	celast.PostOrderVisit(part, celast.NewExprVisitor(func(n celast.Expr) {
		if name := x.variable(n); name != "" {
			r |= x.in.variables[name].bit
		}
	}))
	return r
}

// variable is the name of the variable that a node stands for, or "". Where the
// types are not checked yet it goes by the name alone.
func (x *expression) variable(n celast.Expr) string {
	if n.Kind() != celast.IdentKind && n.Kind() != celast.SelectKind {
		return ""
	}
	if !x.ast.IsChecked() {
		if s := n.AsSelect(); n.Kind() == celast.SelectKind && s.Operand().Kind() == celast.IdentKind {
			return x.in.variables[s.Operand().AsIdent()+"."+s.FieldName()].name
		}
		return ""
	}
	info, ok := x.ast.ReferenceMap()[n.ID()]
	if !ok || info.Value != nil {
		return ""
	}
	if _, ok := x.in.variables[info.Name]; !ok {
		return ""
	}
	return info.Name
}

// part plans a program of a part of the expression.
func (x *expression) part(n celast.Expr) (cel.Program, error) {
	options := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize)}
	if loops(n) {
		options = append(options, cel.CostLimit(maxCost))
	}
	sub := celast.NewCheckedAST(celast.NewAST(n, x.ast.SourceInfo()), x.ast.TypeMap(), x.ast.ReferenceMap())
	return x.in.env.PlanProgram(sub, options...)
}

// loops reports whether a part repeats something: then its cost is limited at
// run time. All else takes time in proportion to its text and its input.
func loops(n celast.Expr) bool {
	found := false
	celast.PostOrderVisit(n, celast.NewExprVisitor(func(n celast.Expr) {
		found = found || n.Kind() == celast.ComprehensionKind
	}))
	return found
}

// literals are the constant texts in an expression.
func (x *expression) literals() []string {
	var out []string
	celast.PostOrderVisit(x.ast.Expr(), celast.NewExprVisitor(func(n celast.Expr) {
		if s, ok := constant(n); ok && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}))
	return out
}

// constant is the text that a node is, if it is a constant text.
func constant(n celast.Expr) (string, bool) {
	if n.Kind() != celast.LiteralKind {
		return "", false
	}
	s, ok := n.AsLiteral().Value().(string)
	return s, ok
}
