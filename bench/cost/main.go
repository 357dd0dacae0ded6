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
	"runtime"
	"strings"
	"syscall"
)

type options struct {
	rounds         int
	seconds        float64
	nice           int
	only, proxies  *regexp.Regexp
	out            string
	binary, before string
	version        string // of the weir that was built; "" for a -weir
}

func main() {
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], "load-") {
		if err := generate(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	runtime.LockOSThread() // what is started dies with this thread
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
	flag.IntVar(&o.nice, "nice", -20, "`precedence` over other programs, -20 (most) to 19; needs root")
	flag.Parse()
	err := o.compile(only, proxies)
	if err == nil {
		err = raiseFiles()
	}
	if err == nil {
		err = run(ctx, &o)
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "\ncost: interrupted; everything that was started has ended")
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "cost:", err)
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
	b := &bench{rounds: o.rounds, seconds: o.seconds, nice: o.nice, dir: dir, log: os.Stderr, upstreams: map[string]string{}}
	if err := b.prepare(ctx, o); err != nil {
		return err
	}
	for _, cores := range []string{"", "0", "0,1"} {
		up, err := b.serve(ctx, cores)
		if err != nil {
			return err
		}
		defer up.stop()
	}
	var results []*result
	goproxy := filepath.Join(dir, "goproxy")
	for _, s := range scenarios(o, goproxy) {
		if !o.only.MatchString(s.name) {
			continue
		}
		r, err := b.run(ctx, &s, o.proxies)
		if err != nil {
			return err
		}
		r.print(os.Stdout)
		results = append(results, r)
	}
	f, err := b.facts(ctx, o, results, goproxy)
	if err != nil {
		return err
	}
	fmt.Printf("\n%s; %s; %d rounds of %g s\n%s\n%s\n", f.machine, f.date, o.rounds, o.seconds, strings.Join(f.versions, ", "), quiet(results))
	if o.out == "" {
		return nil
	}
	return write(o.out, o, f, results)
}

// prepare builds what is measured and makes a certificate.
func (b *bench) prepare(ctx context.Context, o *options) (err error) {
	if err := installed("nginx", "wrk", "taskset"); err != nil {
		return err
	}
	if err := os.Chmod(b.dir, 0o755); err != nil { // for proxies that give up root
		return err
	}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if o.binary == "" {
		o.binary, o.version = filepath.Join(b.dir, "weir"), described(ctx)
		if err := build(ctx, "./cmd/weir", o.binary); err != nil {
			return err
		}
	}
	if o.binary, err = filepath.Abs(o.binary); err != nil {
		return err
	}
	if o.before != "" {
		if o.before, err = filepath.Abs(o.before); err != nil {
			return err
		}
	}
	if err := build(ctx, "./bench/cost/goproxy", filepath.Join(b.dir, "goproxy")); err != nil {
		return err
	}
	b.cert, b.key, err = certificate(b.dir)
	return err
}

// described is the version that the working folder is at.
func described(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--tags", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// build builds a command as the Makefile does.
func build(ctx context.Context, what, into string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", into, what)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s does not build: %s", what, out)
	}
	return nil
}
