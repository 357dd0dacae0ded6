package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"

	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/raw"
)

// maxPromises bounds the promises of a policy: each is asked about every exchange.
const maxPromises = 500

// promise is a sentence of the document with what makes it checkable.
type promise struct {
	id       string
	at       source.Pos
	quote    source.Text
	topic    string
	when     *expression // which exchanges it is about; nil where it is about all
	holds    *expression
	enforced []source.Text // names of rules that carry it out

	concerns, kept *condition
	// ofFlows says that it speaks of what reaches a party, and of nothing else.
	ofFlows bool
}

// promiseID is what a promise is called: it stands in cases and reports.
var promiseID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// topics are what a promise can be about.
var topics = []string{
	"access", "advertising", "agreements", "analytics", "automated_decisions", "collection", "consent", "cookies", "do_not_track", "erasure", "location",
	"logs", "marketing", "minimisation", "payment", "purposes", "retention", "security", "sharing", "special_categories", "transfers", "other",
}

func readPromises(f *source.File, n source.Node) []*promise {
	var out []*promise
	seen := make(map[string]source.Pos)
	for i, entry := range n.List() {
		if i == maxPromises {
			entry.Refuse(fmt.Sprintf("there are more than %d promises", maxPromises), "")
			break
		}
		if entry.Is("text") {
			entry.Refuse("expected a promise, found text", `- {id: p1, quote: "…", holds: '!flow.carries("user.contact.email")'}`)
			continue
		}
		m := entry.Map(source.Keys{Known: []string{"id", "quote", "holds", "when", "topic", "enforced_by"}, Elsewhere: map[string]string{"name": "id: p1", "then": "holds: the condition under which it is kept"}})
		p := &promise{at: entry.Pos(), topic: m.Get("topic").Enum(topics...), quote: m.Get("quote").Text()}
		id := m.Require("id", "id: p1").Word()
		p.id = id.Value
		if p.id != "" && !promiseID.MatchString(p.id) {
			f.Refuse(id.Pos, "the id of a promise is of letters, digits, - and _, at most 64 of them", "such as mail-stays")
		}
		if first, again := seen[p.id]; again && p.id != "" {
			f.Refuse(id.Pos, fmt.Sprintf("the promise in %s has the same id", first.Where()), "another id")
		}
		seen[p.id] = p.at
		p.enforced = m.Get("enforced_by").Words()
		ok1, ok2 := true, false
		if m.Get("when").Exists() {
			p.when, ok1 = readExpression(f, m, promising().when, cel.BoolType)
		}
		if p.holds, ok2 = readExpression(f, m, promising().holds, cel.BoolType); ok1 && ok2 {
			out = append(out, p)
		}
	}
	return out
}

// checkEnforced refuses names in enforced_by that no rule has.
func (d *document) checkEnforced(f *source.File) {
	names := d.ruleNames()
	for _, p := range d.promises {
		for _, name := range p.enforced {
			if slices.Contains(names, name.Value) {
				continue
			}
			instead, ok := source.Nearest(name.Value, names)
			if !ok {
				instead = "the name of a rule"
			}
			f.Refuse(name.Pos, fmt.Sprintf("there is no rule %q", cut(name.Value)), instead)
		}
	}
}

// promises is the section, compiled.
type promises struct {
	all   []*promise
	atoms int
}

// compilePromises plans the programs. The error is that of CEL's planner.
func compilePromises(all []*promise) (promises, *source.Error) {
	var out promises
	a := atoms{known: make(map[string]*atom)}
	for _, p := range all {
		made := *p
		made.concerns = settled(yes)
		var err error
		if p.when != nil {
			made.concerns, err = a.take(p.when, p.when.ast.Expr())
		}
		if err == nil {
			made.kept, err = a.take(p.holds, p.holds.ast.Expr())
		}
		if err != nil {
			return out, &source.Error{Pos: p.at, Message: fmt.Sprintf("the promise %q cannot be compiled: %v", cut(p.id), err)}
		}
		made.ofFlows = p.reads()&(readsParty|readsPartyName|readsLaw|readsFlow) != 0 && p.reads()&(readsWritten|readsRetention) == 0 && !p.ofInbound()
		out.all = append(out.all, &made)
	}
	out.atoms = a.count
	return out, nil
}

// ofInbound reports whether a promise is about what comes in: its `when` compares
// flow.direction with that. It is asked of what reaches nobody else as well.
func (p *promise) ofInbound() bool {
	found := false
	if p.when != nil {
		p.when.compared(func(variable string, _ celast.Expr, text, how string) {
			found = found || variable == "flow.direction" && text == raw.Inbound.String() && how == equals
		})
	}
	return found
}

// reads is what both expressions of a promise read.
func (p *promise) reads() reads {
	if p.when == nil {
		return p.holds.reads
	}
	return p.when.reads | p.holds.reads
}

// judge says of each promise what v tells of it; e is what `egress` says. A promise about
// what reaches a party is kept where a request did not go there, or went there without
// what would break it. A rule that only watches keeps nothing.
func (s *promises) judge(v *view, e *Egress) []PromiseState {
	if len(s.all) == 0 {
		return nil
	}
	v.remember(s.atoms)
	out := make([]PromiseState, len(s.all))
	broken := false
	for i, p := range s.all {
		out[i] = PromiseState{ID: p.id, At: p.at, State: p.state(v)}
		open := p.ofFlows && (out[i].State == Broken || out[i].State == Undecided)
		if open && e.Done.Verdict == Deny {
			out[i].State, out[i].Enforced = Kept, true
		} else if open {
			broken = true
		}
	}
	reaches, less := v.reaches(&e.Done)
	if !broken || !less {
		return out
	}
	after := *v.seen
	after.Categories = reaches
	w := v.policy.look(&after)
	defer w.giveBack()
	w.remember(s.atoms)
	for i, p := range s.all {
		if out[i].State != Broken || !p.ofFlows {
			continue
		}
		switch p.state(w) {
		case Kept, NotConcerned:
			out[i].State, out[i].Enforced = Kept, true
		case Undecided: // what broke it does not go there, and what else does was not seen
			out[i].State = Undecided
		}
	}
	return out
}

// state is what an exchange as it was sent says of a promise.
func (p *promise) state(v *view) State {
	if p.ofFlows && v.recipient() != nil && !v.toParty {
		return NotConcerned
	}
	switch p.concerns.truth(v) {
	case no:
		return NotConcerned
	case yes:
	default:
		return Undecided
	}
	switch p.kept.truth(v) {
	case yes:
		return Kept
	case no:
		return Broken
	}
	return Undecided
}

// reaches are the categories that go on to the recipient, and whether they are less than
// what was found: what is stripped does not, nor what stands only in places that are
// rewritten to nothing of it.
func (v *view) reaches(done *Ruling) (left []category.Key, less bool) {
	if len(done.Strip) == 0 && len(done.Rewrite) == 0 {
		return v.seen.Categories, false
	}
	for _, k := range v.seen.Categories {
		if coveredBy(k, done.Strip) || v.removed(k, done.Rewrite) {
			less = true
			continue
		}
		left = append(left, k)
	}
	return left, less
}

// removed reports whether all places in which a category was found are rewritten by what
// leaves nothing of a value.
func (v *view) removed(k category.Key, by []Rewriting) bool {
	found := false
	for _, place := range v.seen.Places {
		if place.Category != k {
			continue
		}
		found = true
		if !slices.ContainsFunc(by, func(r Rewriting) bool {
			return r.Place == place.Place && (r.Transform == "drop()" || r.Transform == "mask()" || strings.HasPrefix(r.Transform, "replace("))
		}) {
			return false
		}
	}
	return found
}
