package main

import (
	"errors"

	"weir/policy"
	"weir/policy/policytest"
)

type diffCommand struct {
	Service string   `help:"The service that the exchanges are of. Cases say their own." default:"www" placeholder:"NAME"`
	At      string   `help:"The day by whose law is judged where an exchange has none; today where it is left out." placeholder:"DATE"`
	Format  string   `help:"pretty or json." enum:"pretty,json" default:"pretty"`
	Old     string   `arg:"" help:"A policy, or a folder of one."`
	New     string   `arg:"" help:"The policy that takes its place."`
	Traffic []string `arg:"" help:"What passes through both: HTTP/1.1 as text, HTTP Archives, files of cases; - is standard input."`
}

// Run is kong's. What newly leaves or is newly written makes the exit code 1.
func (c *diffCommand) Run(g *globals) error {
	at, err := dayOf(c.At)
	if err != nil {
		return usage(err)
	}
	before, err1 := comparedOf(c.Old)
	after, err2 := comparedOf(c.New)
	wrong := []error{err1, err2}
	var all []*policytest.Traffic
	for _, file := range c.Traffic {
		some, err := readTraffic(file, c.Service)
		all, wrong = append(all, some...), append(wrong, err)
	}
	if err := errors.Join(wrong...); err != nil {
		return usage(err)
	}
	d, err := policytest.Compare(before, after, all, at)
	if err != nil {
		return fault(err)
	}
	if c.Format == "json" {
		err = d.JSON(g.stdout)
	} else {
		err = d.Pretty(layoutOf(g.stdout))
	}
	if err != nil {
		return fault(err)
	}
	if d.Leaks() {
		return notSo(errFailed) // the report has said it
	}
	return nil
}

// comparedOf loads a policy.
func comparedOf(named string) (policytest.Compared, error) {
	path, _, err := policyOf("", named)
	if err != nil {
		return policytest.Compared{}, err
	}
	p, err := policy.Load(path)
	return policytest.Compared{Name: path, Policy: p}, err
}
