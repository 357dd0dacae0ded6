package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
)

type options struct {
	rounds         int
	seconds        float64
	only, proxies  *regexp.Regexp
	out            string
	binary, before string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o options
	only, proxies := "", ""
	flag.IntVar(&o.rounds, "rounds", 5, "`rounds` of each scenario")
	flag.Float64Var(&o.seconds, "seconds", 5, "`seconds` of each load")
	flag.StringVar(&only, "only", "", "measure only scenarios that match this `regexp`")
	flag.StringVar(&proxies, "proxies", "", "measure only proxies that match this `regexp`")
	flag.StringVar(&o.out, "out", "", "write result.md and result.svg to this `folder`")
	flag.StringVar(&o.binary, "weir", "", "measure this `binary` and build none")
	flag.StringVar(&o.before, "before", "", "measure this older weir `binary` too")
	flag.Parse()
	err := o.compile(only, proxies)
	if err == nil {
		err = raiseFiles()
	}
	if err == nil {
		err = run(ctx, &o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cost:", err)
		stop()
		os.Exit(1)
	}
}

// raiseFiles allows us and what we start as many open files as may be: 10,000
// clients take 10,000 and a few.
func raiseFiles() error {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return err
	}
	more := syscall.Rlimit{Cur: max(l.Max, 65536), Max: max(l.Max, 65536)}
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &more) == nil {
		return nil
	}
	l.Cur = l.Max // set even where it is so already: else Go would give children the old one
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return err
	}
	if l.Max < 12000 {
		return fmt.Errorf("only %d open files are allowed (ulimit -Hn), 10,000 connections need 12,000", l.Max)
	}
	return nil
}

func (o *options) compile(only, proxies string) (err error) {
	if o.only, err = regexp.Compile(only); err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	if o.proxies, err = regexp.Compile(proxies); err != nil {
		return fmt.Errorf("-proxies: %w", err)
	}
	if o.rounds < 1 || o.seconds < 1 {
		return fmt.Errorf("at least one round of one second")
	}
	return nil
}

func run(ctx context.Context, o *options) error {
	dir, err := os.MkdirTemp("", "weir-cost-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.binary == "" {
		o.binary = filepath.Join(dir, "weir")
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", o.binary, "./cmd/weir")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("weir does not build: %s", out)
		}
	}
	b := &bench{rounds: o.rounds, seconds: o.seconds, dir: dir, log: os.Stderr}
	up, err := b.serve(ctx)
	if err != nil {
		return err
	}
	defer up.stop()
	for _, s := range scenarios(o) {
		if !o.only.MatchString(s.name) {
			continue
		}
		r, err := b.run(ctx, &s, o.proxies)
		if err != nil {
			return err
		}
		r.print(os.Stdout)
	}
	return nil
}
