package policy

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/parser"

	"weir/policy/source"
)

// clause is a rule of a section of which every rule that matches counts.
type clause struct {
	name       string
	at         source.Pos
	when, then *expression
	monitor    bool
	unseen     Verdict // what happens where `when` or `then` asks for what was not seen
	onError    Verdict // what happens where they can not be evaluated

	ref       *RuleRef
	cookies   bool // it is asked for each cookie of a response
	number    int  // in its section
	condition *condition
	program   cel.Program // of `then`
	fixed     ref.Val     // what `then` comes to where it reads nothing, else nil
}

// clauses are the rules of one section, compiled.
type clauses struct {
	section string
	all     []*clause
	atoms   int // of all of them
}

// readClauses reads the rules of a section. keys are those that its rules have beside
// name, purpose, when, then and mode.
func readClauses(f *source.File, n source.Node, l language, want *cel.Type, d judgeDefaults, keys ...string) []*clause {
	var out []*clause
	seen := make(map[string]source.Pos)
	for i, entry := range n.List() {
		if i == maxRules {
			entry.Refuse(fmt.Sprintf("there are more than %d rules", maxRules), "")
			break
		}
		if entry.Is("text") {
			entry.Refuse("expected a rule, found text", "- {name: …, when: '"+l.when.sample()+"', then: '"+l.then.sample()+"'}")
			continue
		}
		m := entry.Map(source.Keys{Known: append([]string{"name", "purpose", "when", "then", "mode"}, keys...)})
		c := &clause{at: entry.Pos(), unseen: d.unseen, onError: d.onError}
		readName(f, m, &c.name, c.at, seen)
		c.monitor = m.Get("mode").Enum("monitor", "enforce") == "monitor"
		if v := m.Get("unseen"); v.Exists() {
			c.unseen = verdictOf(v.Enum("alert", "deny", "allow"))
		}
		if v := m.Get("on_error"); v.Exists() {
			c.onError = verdictOf(v.Enum("deny", "alert", "allow"))
		}
		var ok1, ok2 bool
		c.when, ok1 = readExpression(f, m, l.when, cel.BoolType)
		c.then, ok2 = readExpression(f, m, l.then, want)
		if ok1 && ok2 {
			out = append(out, c)
		}
	}
	return out
}

// readName reads the name of a rule and its purpose. Two of a section have different names.
func readName(f *source.File, m source.Mapping, name *string, at source.Pos, seen map[string]source.Pos) {
	t := m.Require("name", "name: what the rule is for").Word()
	*name = t.Value
	if len(t.Value) > 200 {
		f.Refuse(t.Pos, "a name is at most 200 bytes", "")
	}
	if first, again := seen[t.Value]; again && t.Value != "" {
		f.Refuse(t.Pos, fmt.Sprintf("the rule in %s has the same name, and rules are told by their names", first.Where()), "another name")
	}
	seen[t.Value] = at
	if purpose := m.Get("purpose"); purpose.Exists() {
		if t := purpose.Word(); t.Value != "" && !IsDataUse(t.Value) {
			purpose.Refuse(fmt.Sprintf("%q is no key of a data use", cut(t.Value)), "such as essential.service.security")
		}
	}
}

// readExpression reads the expression behind a key of a rule, which must be there.
func readExpression(f *source.File, m source.Mapping, e *environment, want *cel.Type) (x *expression, ok bool) {
	n := m.Require(e.key, e.key+": '"+e.sample()+"'")
	switch {
	case n.Is("text"):
		return e.compile(f, n.Text(), want)
	case n.Is("true or false"):
		n.Refuse("`"+e.key+"` is an expression, and so in quotes", `"true"`)
	case n.Exists():
		n.Refuse("`"+e.key+"` is an expression", e.example())
	}
	return nil, false
}

// sample is an expression that could stand there.
func (e *environment) sample() string {
	text := e.example()
	for _, before := range []string{"such as ", "one of "} {
		if _, behind, ok := strings.Cut(text, before); ok {
			text = behind
		}
	}
	first, _, _ := strings.Cut(text, ", ")
	return first
}

// compileClauses plans the programs of a section. The error is that of CEL's planner.
func compileClauses(section string, all []*clause) (clauses, *source.Error) {
	out := clauses{section: section}
	a := atoms{known: make(map[string]*atom)}
	for i, c := range all {
		made := *c
		made.cookies = c.when.aboutCookies() || c.then.aboutCookies()
		made.number, made.ref = i, &RuleRef{c.name, c.at, section}
		var err error
		if made.condition, err = a.take(c.when, c.when.ast.Expr()); err == nil {
			made.program, err = c.then.part(c.then.ast.Expr())
		}
		if err == nil && c.then.reads == 0 {
			made.fixed, _, err = made.program.Eval(cel.NoVars())
		}
		if err != nil {
			return out, &source.Error{Pos: c.at, Message: fmt.Sprintf("the rule %q cannot be compiled: %v", cut(c.name), err)}
		}
		out.all = append(out.all, &made)
	}
	out.atoms = a.count
	return out, nil
}

// written is a part of an expression as it is written, but for its blanks.
func (x *expression) written(n celast.Expr) string {
	text, err := parser.Unparse(n, x.ast.SourceInfo())
	if err != nil {
		runes := []rune(x.text.Value)
		return string(runes[min(x.offset(n), len(runes)):])
	}
	return strings.NewReplacer("@law.adequate(", "adequate(", "@", "").Replace(text)
}
