package policytest

import (
	"fmt"

	"weir/policy"
	"weir/policy/source"
	"weir/redact/raw"
)

// Coverage is which rules the cases had match, and which way each part of their
// conditions went.
type Coverage struct {
	Policy string
	Rules  []RuleCoverage
}

// RuleCoverage is that of one rule; of `promises` Rule.Name is the promise's id.
type RuleCoverage struct {
	Rule policy.RuleRef
	// Matched counts how often the rule was true for what it was asked about, or the
	// promise for an exchange that it is about.
	Matched  int
	Branches []BranchCoverage
}

// BranchCoverage counts what a part of a condition came to. Of a promise the part is
// whether it is kept.
type BranchCoverage struct {
	Text        string
	At          source.Pos
	True, False int
}

// ofSections are those whose rules the policy tells of one by one.
var ofSections = []string{"egress", "respond", "retain"}

// kept stands for the condition of a promise.
const keptText = "kept"

// newCoverage is that of a policy before any case.
func newCoverage(name string, p *policy.Policy) *Coverage {
	c := &Coverage{Policy: name}
	add := func(rules []policy.RuleRef, branches [][]policy.PartTrace) {
		for i, r := range rules {
			of := RuleCoverage{Rule: r}
			for _, b := range branches[i] {
				of.Branches = append(of.Branches, BranchCoverage{Text: b.Text, At: b.At})
			}
			c.Rules = append(c.Rules, of)
		}
	}
	add(p.RedactRules(), p.RedactBranches())
	for _, section := range ofSections {
		add(p.RulesOf(section), p.BranchesOf(section))
	}
	for _, r := range p.PromiseRefs() {
		c.Rules = append(c.Rules, RuleCoverage{Rule: r, Branches: []BranchCoverage{{Text: keptText, At: r.At}}})
	}
	return c
}

// rule is the entry of a rule; nil where the policy has none such.
func (c *Coverage) rule(section, name string) *RuleCoverage {
	for i := range c.Rules {
		if r := &c.Rules[i]; r.Rule.Name == name && r.Rule.Section == section {
			return r
		}
	}
	return nil
}

// trace counts one evaluation of a rule.
func (c *Coverage) trace(t policy.RuleTrace) {
	r := c.rule(t.Rule.Section, t.Rule.Name)
	if r == nil {
		return
	}
	if t.Result == "true" {
		r.Matched++
	}
	for _, part := range t.Parts {
		for i := range r.Branches {
			b := &r.Branches[i]
			if !part.Branch || b.At != part.At || b.Text != part.Text {
				continue
			}
			switch part.Value {
			case "true":
				b.True++
			case "false":
				b.False++
			}
		}
	}
}

// question counts how the rules of `redact` answer one question.
func (c *Coverage) question(p *policy.Policy, q *raw.Question) { p.TraceQuestion(q, c.trace) }

// judged counts all other rules for one exchange, and what became of promises.
func (c *Coverage) judged(p *policy.Policy, s *policy.Seen, j *policy.Judgement) {
	for _, section := range ofSections {
		p.Trace(s, section, c.trace)
	}
	for _, state := range j.Promises {
		r := c.rule("promises", state.ID)
		if r == nil || state.State == policy.NotConcerned {
			continue
		}
		r.Matched++
		switch state.State {
		case policy.Kept:
			r.Branches[0].True++
		case policy.Broken:
			r.Branches[0].False++
		}
	}
}

// Counts are the rules, those of them that matched, the branches, each part of a condition
// true and false, and those of them that were taken.
func (c *Coverage) Counts() (rules, matched, branches, taken int) {
	for i := range c.Rules {
		r := &c.Rules[i]
		rules++
		if r.Matched > 0 {
			matched++
		}
		for _, b := range r.Branches {
			branches += 2
			if b.True > 0 {
				taken++
			}
			if b.False > 0 {
				taken++
			}
		}
	}
	return rules, matched, branches, taken
}

// Percent is the share of the rules that matched, in hundredths rounded down; 100 where
// there is no rule.
func (c *Coverage) Percent() int {
	rules, matched, _, _ := c.Counts()
	return percent(matched, rules)
}

func percent(part, whole int) int {
	if whole == 0 {
		return 100
	}
	return part * 100 / whole
}

// pretty writes what was not covered, and the sums.
func (c *Coverage) pretty(s *sheet) {
	var rows []row
	tell := func(where, what, of string) {
		rows = append(rows, row{cells: []cell{{where, dim}, {what, yellow}, {of, ""}}})
	}
	for i := range c.Rules {
		r := &c.Rules[i]
		where := func(at source.Pos) string { return fmt.Sprintf("%s:%d:%d", at.In(c.Policy), at.Line, at.Column) }
		if r.Matched == 0 {
			never := "never matched"
			if r.Rule.Section == "promises" {
				never = "never exercised"
			}
			tell(where(r.Rule.At), never, fmt.Sprintf("%s %q", r.Rule.Section, r.Rule.Name))
			continue
		}
		for _, branch := range r.Branches {
			if branch.True == 0 {
				tell(where(branch.At), "never true", branchText(r, &branch))
			}
			if branch.False == 0 && !constant(branch.Text) {
				tell(where(branch.At), "never false", branchText(r, &branch))
			}
		}
	}
	s.table("  ", make([]string, 3), rows)
	rules, matched, branches, taken := c.Counts()
	s.line(fmt.Sprintf("     coverage: %d of %s (%d %%), %d of %s (%d %%)", matched, plural(rules, "rule"), percent(matched, rules),
		taken, branchesText(branches), percent(taken, branches)))
}

// constant reports whether a part cannot be otherwise.
func constant(text string) bool { return text == "true" || text == "false" }

func branchText(r *RuleCoverage, b *BranchCoverage) string {
	if r.Rule.Section == "promises" {
		return fmt.Sprintf("promise %q is kept", r.Rule.Name)
	}
	return short(b.Text)
}

func branchesText(n int) string {
	if n == 1 {
		return "1 branch"
	}
	return fmt.Sprintf("%d branches", n)
}

type jsonCoverage struct {
	Rules    int                `json:"rules"`
	Matched  int                `json:"matched"`
	Branches int                `json:"branches"`
	Taken    int                `json:"taken"`
	Of       []jsonRuleCoverage `json:"of"`
}

type jsonRuleCoverage struct {
	Section string `json:"section"`
	Rule    string `json:"rule"`
	jsonPos
	Matched  int                  `json:"matched"`
	Branches []jsonBranchCoverage `json:"branches,omitempty"`
}

type jsonBranchCoverage struct {
	Text   string `json:"text"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	True   int    `json:"true"`
	False  int    `json:"false"`
}

// json is nil where there is no coverage.
func (c *Coverage) json() *jsonCoverage {
	if c == nil {
		return nil
	}
	out := &jsonCoverage{Of: []jsonRuleCoverage{}}
	out.Rules, out.Matched, out.Branches, out.Taken = c.Counts()
	for i := range c.Rules {
		r := &c.Rules[i]
		at := r.Rule.At
		at.File = at.In(c.Policy)
		j := jsonRuleCoverage{Section: r.Rule.Section, Rule: r.Rule.Name, jsonPos: posOf(at), Matched: r.Matched}
		for _, b := range r.Branches {
			j.Branches = append(j.Branches, jsonBranchCoverage{b.Text, b.At.Line, b.At.Column, b.True, b.False})
		}
		out.Of = append(out.Of, j)
	}
	return out
}
