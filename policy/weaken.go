package policy

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

	"weir/policy/source"
	"weir/redact/transform"
)

// Weakening is one way in which a policy could protect less, or no longer do what it was
// written for. Whoever has cases for a policy wants one of them to notice each.
type Weakening struct {
	Rule RuleRef // of `promises` its name is the promise's id, of `defaults` the key
	What string  // "removed", "`when` is always true" …
	// Entries says that it changes what is written; else only what is judged.
	Entries bool

	apply func(d *document)
}

// longest is how long a weakened rule of `retain` keeps an entry.
const longest = "years(99)"

// Weakenings are those of every rule, in the order of the sections: each rule removed, which
// is its condition false, each condition true, each transform keep(), each verdict and response allow(), each
// retention longer and of whole entries, each promise kept, each default that denies one that allows.
func (p *Policy) Weakenings() []Weakening {
	w := weakener{document: p.document}
	w.redact()
	w.clauses("egress", "allow()", func(d *document) *[]*clause { return &d.judging.egress })
	w.clauses("respond", "allow()", func(d *document) *[]*clause { return &d.judging.respond })
	w.clauses("retain", "", func(d *document) *[]*clause { return &d.retains })
	w.promises()
	w.defaults()
	return w.all
}

// Weakened is the policy with one of its Weakenings; ok is false where that is none, as it
// cannot be compiled.
func (p *Policy) Weakened(w *Weakening) (weaker *Policy, ok bool) {
	d := *p.document
	w.apply(&d)
	made, err := compile(&d, p.service)
	if err != nil {
		return nil, false
	}
	made.fingerprint = p.fingerprint
	return made, true
}

type weakener struct {
	document *document
	all      []Weakening
}

func (w *weakener) add(r RuleRef, what string, apply func(d *document)) {
	w.all = append(w.all, Weakening{Rule: r, What: what, Entries: r.Section == "redact" || r.Section == "retain", apply: apply})
}

// instead is an expression with another text in its place; ok is false where that is the
// same, or says nothing.
func (x *expression) instead(text string) (other *expression, ok bool) {
	if text == x.text.Value {
		return nil, false
	}
	f := source.Parse("weakened", []byte("{}"))
	return x.in.compile(f, source.Text{Value: text, Pos: x.text.Pos}, x.ast.GetType(x.ast.Expr().ID()))
}

// always is a condition that is true, and reads what it did: a rule that tests
// field.category still decides findings. The text may end in a comment.
func (x *expression) always() (other *expression, ok bool) {
	if strings.TrimSpace(x.text.Value) == "true" {
		return nil, false
	}
	return x.instead("(" + x.text.Value + "\n) || true")
}

// exchanged is a list with another element at i.
func exchanged[T any](all []T, i int, with T) []T {
	all = slices.Clone(all)
	all[i] = with
	return all
}

func without[T any](all []T, i int) []T { return slices.Delete(slices.Clone(all), i, i+1) }

func (w *weakener) redact() {
	for i, r := range w.document.rules {
		ref := RuleRef{Name: r.name, At: r.at, Section: "redact"}
		w.add(ref, "removed", func(d *document) { d.rules = without(d.rules, i) })
		change := func(what string, weaker ruleText) {
			w.add(ref, what, func(d *document) { d.rules = exchanged(d.rules, i, &weaker) })
		}
		if when, ok := r.when.always(); ok {
			change("`when` is always true", ruleText{r.name, r.at, when, r.then})
		}
		if then, ok := r.then.instead("keep()"); ok && !keeps(r.then) {
			change("`then` is keep()", ruleText{r.name, r.at, r.when, then})
		}
	}
}

// keeps reports whether a `then` is keep() as it is.
func keeps(x *expression) bool {
	if x.reads != 0 {
		return false
	}
	program, err := x.part(x.ast.Expr())
	if err != nil {
		return false
	}
	t, err := run(program, cel.NoVars())
	return err == nil && t.Kind() == transform.KindKeep
}

// clauses weakens the rules of a section. weakest is what `then` could be; of `retain`,
// which has no such thing, it is "".
func (w *weakener) clauses(section, weakest string, of func(d *document) *[]*clause) {
	for i, c := range *of(w.document) {
		ref := RuleRef{Name: c.name, At: c.at, Section: section}
		w.add(ref, "removed", func(d *document) { all := of(d); *all = without(*all, i) })
		change := func(what string, alter func(c *clause)) {
			weaker := *c
			alter(&weaker)
			w.add(ref, what, func(d *document) { all := of(d); *all = exchanged(*all, i, &weaker) })
		}
		if when, ok := c.when.always(); ok {
			change("`when` is always true", func(c *clause) { c.when = when })
		}
		if c.unseen == Deny && section == "egress" {
			change("`unseen` is allow", func(c *clause) { c.unseen = Allow })
		}
		if weakest != "" {
			if then, ok := c.then.instead(weakest); ok {
				change("`then` is "+weakest, func(c *clause) { c.then = then })
			}
			continue
		}
		text := c.then.written(c.then.ast.Expr())
		if then, ok := c.then.instead(argument(text, "keep_for(", longest)); ok {
			change("`then` is keep_for("+longest+")", func(c *clause) { c.then = then })
		}
		if only := argument(text, ".only(", ""); only != text {
			if then, ok := c.then.instead(strings.Replace(only, ".only()", "", 1)); ok {
				change("`then` is without only()", func(c *clause) { c.then = then })
			}
		}
	}
}

// argument writes with in the place of what stands between a call and its closing
// parenthesis. Text in quotes may hold parentheses.
func argument(text, call, with string) string {
	start := strings.Index(text, call)
	if start < 0 {
		return text
	}
	start += len(call)
	depth, quote := 1, byte(0)
	for i := start; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return text[:start] + with + text[i:]
			}
		}
	}
	return text
}

func (w *weakener) promises() {
	for i, p := range w.document.promises {
		ref := RuleRef{Name: p.id, At: p.at, Section: "promises"}
		change := func(what string, alter func(p *promise)) {
			weaker := *p
			alter(&weaker)
			w.add(ref, what, func(d *document) { d.promises = exchanged(d.promises, i, &weaker) })
		}
		if holds, ok := p.holds.always(); ok {
			change("`holds` is true", func(p *promise) { p.holds = holds })
		}
		if p.when == nil {
			continue
		}
		if never, ok := p.when.instead("(" + p.when.text.Value + "\n) && false"); ok {
			change("`when` is always false", func(p *promise) { p.when = never })
		}
	}
}

// defaults are those that deny or alert where no rule matches.
func (w *weakener) defaults() {
	if w.document.judging.egresses && w.document.judging.defaults.egress != Allow {
		w.add(RuleRef{Name: "egress", Section: "defaults"}, "is allow", func(d *document) { d.judging.defaults.egress = Allow })
	}
	if w.document.judging.defaults.respond != Allow {
		w.add(RuleRef{Name: "respond", Section: "defaults"}, "is allow", func(d *document) { d.judging.defaults.respond = Allow })
	}
}
