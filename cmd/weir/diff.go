package main

import (
	"context"
	"errors"
	"os"
	"os/signal"

	"weir/policy/policytest"
)

type diffCommand struct {
	Config    string   `help:"The weir.yaml whose service and hosts are meant; its policy is the old one where a single policy is named." short:"c" placeholder:"FILE"`
	Service   string   `help:"The service that the exchanges are of; that of weir.yaml, else www. Cases say their own." placeholder:"NAME"`
	At        string   `help:"The day by whose law is judged where an exchange has none; today where it is left out." placeholder:"DATE"`
	LogFormat string   `help:"How logs are written, as weir redact --format has it." default:"auto" placeholder:"FORMAT"`
	Format    string   `help:"pretty or json." enum:"pretty,json" default:"pretty"`
	Old       string   `arg:"" help:"A policy, or a folder of one; that of weir.yaml where it is left out."`
	New       string   `arg:"" help:"The policy that takes its place."`
	Traffic   []string `arg:"" optional:"" help:"What passes through both: access logs, HTTP/1.1 as text, HTTP Archives, files of cases; - is standard input."`
}

// Run is kong's. What newly leaves or is newly written makes the exit code 1.
func (c *diffCommand) Run(g *globals) error {
	at, err := dayOf(c.At)
	if err != nil {
		return usage(err)
	}
	if !isPolicy(c.New) && (c.Config != "" || len(c.Traffic) == 0) {
		c.Old, c.New, c.Traffic = "", c.Old, append([]string{c.New}, c.Traffic...)
	}
	if len(c.Traffic) == 0 {
		return usage(errors.New("what passes through both policies is expected behind them: a log, an archive, a file of cases, or -"))
	}
	was, err1 := meantBy(c.Config, c.Old)
	is, err2 := meantBy(c.Config, c.New)
	if err := errors.Join(err1, err2); err != nil {
		return usage(err)
	}
	if c.Service == "" {
		c.Service = was.service
	}
	is.hosts = was.hosts // of the weir.yaml that is there, where that names the old policy
	r, err := newTrafficReader(c.Service, c.LogFormat, "")
	if err != nil {
		return usage(err)
	}
	before, err1 := was.load()
	after, err2 := is.load()
	d, err := compare(policytest.NewComparer(before, after, at), errors.Join(err1, err2), c.Traffic, r)
	if err != nil {
		return err
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

// compare has all exchanges of files pass, where nothing is wrong yet. All that is wrong
// with files is told at once.
func compare(with *policytest.Comparer, wrong error, files []string, r *trafficReader) (*policytest.Comparison, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for _, file := range files {
		var failed error
		skipped, err := r.read(ctx, file, func(t *policytest.Traffic) error {
			if wrong == nil {
				failed = with.Add(t)
			}
			return failed
		})
		if failed != nil {
			return nil, fault(failed)
		}
		wrong = errors.Join(wrong, err)
		with.Skip(skipped)
	}
	if wrong != nil {
		return nil, usage(wrong)
	}
	return with.Comparison(), nil
}
