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
	// Coverage, where it is set by Cover, counts what the cases make of the rules.
	Coverage *Coverage

	// explains has explanations searched for what must be nowhere.
	explains bool

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

// Cover has Run count which rules match.
func (s *Suite) Cover() { s.Coverage = newCoverage(s.Name, s.Policy) }

// Run runs the cases in their order.
func (s *Suite) Run() []Result {
	s.explains = true
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
	r.Differences = s.compare(c, o, s.runners[c.service].policy, s.Coverage)
	r.Took = time.Since(began)
	return r
}

// compare says what of a case is otherwise than it expects. covered may be nil.
func (s *Suite) compare(c *Case, o *Outcome, p *policy.Policy, covered *Coverage) []Difference {
	seen := c.seen(p, o, false)
	k := &checker{suite: s, test: c, out: o, of: p, seen: seen, judge: p.Judge(seen), side: "expect"}
	if covered != nil {
		covered.judged(p, seen, k.judge)
	}
	k.entry(c.expect)
	k.judged(c.expect)
	k.categories("categories", c.expect.categories, seen.Categories)
	k.nowhere(c.expect)
	if c.monitor != nil {
		seen = c.seen(p, o, true)
		k.side, k.seen, k.judge = "monitor", seen, p.Judge(seen)
		if covered != nil {
			covered.judged(p, seen, k.judge)
		}
		k.judged(c.monitor)
	}
	slices.SortStableFunc(k.found, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
	return k.found
}

// runner is the one of a service.
func (s *Suite) runner(service string) (*Runner, error) {
	if r := s.runners[service]; r != nil {
		return r, nil
	}
	r, err := New(Config{Policy: s.Policy, Service: service})
	if err != nil {
		return nil, err
	}
	if s.runners == nil {
		s.runners = map[string]*Runner{}
	}
	s.runners[service] = r
	return r, nil
}

// outcome redacts the exchange of a case.
func (s *Suite) outcome(c *Case) (*Outcome, error) {
	runner, err := s.runner(c.service)
	if err != nil {
		return nil, err
	}
	c.sample.exchange.Started = c.atOf(s.At)
	runner.asked.covered = s.Coverage
	defer func() { runner.asked.covered = nil }()
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
