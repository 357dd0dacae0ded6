package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"

	"weir/policy"
	"weir/policy/policytest"
	"weir/policy/source"
	"weir/proxy"
)

type testCommand struct {
	Config    string   `help:"The weir.yaml whose policy is tested where no file is named." short:"c" placeholder:"FILE"`
	Cases     string   `help:"A file of cases in place of those beside the policy: cases.yaml, *_cases.yaml and cases/*.yaml." placeholder:"FILE"`
	Only      string   `name:"run" help:"Only cases whose name matches." placeholder:"REGEXP"`
	Watch     bool     `help:"Test again whenever a file changes, until Ctrl-C."`
	Format    string   `help:"pretty, json or junit." enum:"pretty,json,junit" default:"pretty"`
	At        string   `help:"The day by whose law is judged where a case names none; today where it is left out." placeholder:"DATE"`
	Coverage  bool     `help:"Tell which rules matched, and which way each part of their conditions went."`
	Threshold string   `help:"The least share of rules that must match, in percent; below it the exit code is 1." placeholder:"N"`
	Mutate    bool     `help:"Weaken the policy rule by rule, and list what no case notices; then the exit code is 1."`
	Files     []string `arg:"" optional:"" help:"Policy files, or folders of them. Without any: the policy of weir.yaml, else policy.yaml."`
}

// trial is a testCommand whose command line was read.
type trial struct {
	*testCommand
	progress func(done, all int) // of what takes long; nil where nobody looks
	only     *regexp.Regexp
	// threshold is in percent; 0 asks for none.
	threshold int
	at        time.Time
}

// Run is kong's.
func (c *testCommand) Run(g *globals) error {
	t, err := c.read()
	if err != nil {
		return usage(err)
	}
	if info, err := g.stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		t.progress = func(done, all int) {
			if fmt.Fprintf(g.stderr, "\rweakening %d of %d", done, all); done == all {
				fmt.Fprint(g.stderr, "\r\x1b[K")
			}
		}
	}
	if c.Watch {
		return t.watch(g)
	}
	return t.test(g)
}

// errFailed is told by the exit code alone: the report has said it.
var errFailed = errors.New("")

// test runs the cases once.
func (c *trial) test(g *globals) error {
	report, err := c.report()
	if err != nil {
		return err
	}
	switch c.Format {
	case "json":
		err = report.JSON(g.stdout)
	case "junit":
		err = report.JUnit(g.stdout)
	default:
		err = report.Pretty(layoutOf(g.stdout))
	}
	if err != nil {
		return fault(err)
	}
	if _, failed := report.Counts(); failed > 0 {
		return notSo(errFailed)
	}
	var wrong []error
	for i := range report.Suites {
		s := &report.Suites[i]
		if s.Coverage != nil && s.Coverage.Percent() < c.threshold {
			wrong = append(wrong, fmt.Errorf("%s: %d %% of the rules are covered, and %d %% are asked for", s.Policy, s.Coverage.Percent(), c.threshold))
		}
		if s.Mutation != nil && len(s.Mutation.Unnoticed) > 0 {
			wrong = append(wrong, errFailed)
		}
	}
	if len(wrong) > 0 {
		return notSo(joined(wrong))
	}
	return nil
}

// joined are the errors that say something, a line each.
func joined(all []error) error {
	said := slices.DeleteFunc(all, func(err error) bool { return errors.Is(err, errFailed) })
	if len(said) == 0 {
		return errFailed
	}
	return errors.Join(said...)
}

var errNoMatch = errors.New("--run matches the name of no case")

// report runs the cases of all policies. Its error is of a file.
func (c *trial) report() (*policytest.Report, error) {
	policies, err := c.policies()
	if err != nil {
		return nil, usage(err)
	}
	report := &policytest.Report{}
	var wrong, none []error
	for _, path := range policies {
		s, err := c.suite(path)
		if errors.Is(err, errNoMatch) {
			none = append(none, err) // --run may be of the cases of another one
			continue
		}
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		if c.Coverage || c.threshold > 0 {
			s.Cover()
		}
		one := policytest.SuiteReport{Policy: path, Results: s.Run(), Coverage: s.Coverage}
		if c.Mutate && one.Passed() {
			s.Coverage = nil // which is of the policy itself
			if one.Mutation, err = s.Mutate(c.progress); err != nil {
				return nil, fault(err)
			}
		}
		report.Suites = append(report.Suites, one)
	}
	if len(report.Suites) == 0 {
		wrong = append(wrong, none...)
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, usage(err)
	}
	return report, nil
}

// policies are the files of those that are tested.
func (c *trial) policies() ([]string, error) {
	paths := c.Files
	if c.Config != "" || len(paths) == 0 {
		path := cmp.Or(c.Config, "weir.yaml")
		if _, err := os.Stat(path); c.Config == "" && errors.Is(err, os.ErrNotExist) {
			return policytest.FindPolicies("policy.yaml")
		}
		cfg, err := proxy.ReadConfig(path)
		if cfg == nil || cfg.Policy == "" {
			return nil, cmp.Or(err, fmt.Errorf("%s: names no policy", path))
		}
		paths = append([]string{cfg.Policy}, paths...)
	}
	var all []string
	var wrong []error
	for _, f := range paths {
		if data, err := source.ReadBytes(f); err == nil && policytest.IsList(data) {
			wrong = append(wrong, &source.Error{File: f, Message: "this is a file of cases, and no policy", Instead: "weir test POLICY --cases " + f})
			continue
		}
		found, err := policytest.FindPolicies(f)
		all, wrong = append(all, found...), append(wrong, err)
	}
	return all, errors.Join(wrong...)
}

// suite reads a policy and its cases. What is wrong with any of the files is told at once.
func (c *trial) suite(path string) (*policytest.Suite, error) {
	p, err := policy.Load(path)
	wrong := []error{err}
	files := []string{c.Cases}
	if c.Cases == "" {
		files, err = policytest.FindCases(path)
		if err == nil && len(files) == 0 {
			err = &source.Error{File: path, Message: "there are no cases beside this policy", Instead: "cases.yaml, or --cases FILE"}
		}
		wrong = append(wrong, err)
	}
	s := &policytest.Suite{Name: path, Policy: p, At: c.at}
	total := 0
	for _, f := range files {
		cases, err := policytest.ReadCases(f)
		wrong = append(wrong, err)
		total += len(cases)
		for _, one := range cases {
			if c.only == nil || c.only.MatchString(one.Name) {
				s.Cases = append(s.Cases, one)
			}
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if total > 0 && len(s.Cases) == 0 {
		return nil, fmt.Errorf("%s: %w", path, errNoMatch)
	}
	return s, nil
}

// read reads what the command line says.
func (c *testCommand) read() (*trial, error) {
	t := &trial{testCommand: c}
	var err error
	if c.Only != "" {
		if t.only, err = regexp.Compile(c.Only); err != nil {
			return nil, errors.New("--run: this is no regular expression")
		}
	}
	if t.threshold, err = strconv.Atoi(cmp.Or(c.Threshold, "0")); err != nil || t.threshold < 0 || t.threshold > 100 {
		return nil, errors.New("--threshold: expected percent, from 1 to 100")
	}
	t.at, err = dayOf(c.At)
	return t, err
}
