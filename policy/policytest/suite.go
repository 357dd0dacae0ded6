package policytest

import (
	"cmp"
	"slices"
	"time"

	"weir/policy"
)

// Suite is a policy and its cases.
type Suite struct {
	// Name is the policy's file, as it is told.
	Name   string
	Policy *policy.Policy
	Cases  []*Case
	// At is when a case is that does not say.
	At time.Time

	runners map[string]*Runner
	rules   map[[2]string]policy.RuleRef // by section and name
}

// Result is what became of one case.
type Result struct {
	Case        *Case
	Differences []Difference
	// Err is a defect of weir's own: the case could not be run.
	Err  error
	Took time.Duration
}

// Passed reports whether all was as it is expected.
func (r *Result) Passed() bool { return r.Err == nil && len(r.Differences) == 0 }

// Run runs the cases in their order.
func (s *Suite) Run() []Result {
	results := make([]Result, len(s.Cases))
	for i, c := range s.Cases {
		results[i] = s.run(c)
	}
	return results
}

func (s *Suite) run(c *Case) Result {
	began := time.Now()
	r := Result{Case: c}
	o, err := s.outcome(c)
	if err != nil {
		r.Err = err
		return r
	}
	p := s.runners[c.service].policy
	seen := c.seen(p, o, false)
	k := &checker{suite: s, test: c, out: o, judge: p.Judge(seen), side: "expect"}
	k.entry(c.expect)
	k.judged(c.expect)
	k.categories("categories", c.expect.categories, seen.Categories)
	k.nowhere(c.expect)
	if c.monitor != nil {
		k.side, k.judge = "monitor", p.Judge(c.seen(p, o, true))
		k.judged(c.monitor)
	}
	slices.SortStableFunc(k.found, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
	r.Differences, r.Took = k.found, time.Since(began)
	return r
}

// outcome redacts the exchange of a case.
func (s *Suite) outcome(c *Case) (*Outcome, error) {
	runner := s.runners[c.service]
	if runner == nil {
		var err error
		if runner, err = New(Config{Policy: s.Policy, Service: c.service}); err != nil {
			return nil, err
		}
		if s.runners == nil {
			s.runners = map[string]*Runner{}
		}
		s.runners[c.service] = runner
	}
	c.sample.exchange.Started = c.atOf(s.At)
	return runner.Run(c.sample)
}

// decider is a rule of a section by its name.
func (s *Suite) decider(of, rule, section, does string) Decider {
	if s.rules == nil {
		s.rules = map[[2]string]policy.RuleRef{}
		for _, r := range s.Policy.RedactRules() {
			s.rules[[2]string{r.Section, r.Name}] = r
		}
	}
	if rule == "" {
		return Decider{Of: of, Does: does}
	}
	return Decider{Of: of, Rule: rule, At: s.rules[[2]string{section, rule}].At, Does: does}
}
