package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"weir/redact/capture"
	"weir/redact/rewrite"
)

type redactCommand struct {
	Config      string   `help:"An instance whose policy, service, hosts and keys are used; weir.yaml where there is one and neither is named." short:"c" placeholder:"FILE"`
	Policy      string   `help:"What may be written; a cautious policy of weir's own where none is named." placeholder:"FILE"`
	PrintPolicy bool     `help:"Print weir's own policy, to begin one with."`
	Service     string   `help:"Whose log it is: the domain of its pseudonyms." placeholder:"NAME"`
	Host        []string `help:"A host that may be written whole." placeholder:"NAME"`
	Keys        string   `help:"The ring of the pseudonyms' keys; where none is named they are of this run alone." placeholder:"DIR"`
	Format      string   `help:"How the log is written: ${formats}." default:"auto" placeholder:"FORMAT" aliases:"log-format"`
	Report      string   `help:"Write what was found and done to a file, as JSON." placeholder:"FILE"`
	InPlace     bool     `help:"Write each file anew in its place."`
	Jobs        int      `help:"How many processors to use; all of them where it is 0." default:"0" placeholder:"N"`
	Files       []string `arg:"" optional:"" help:"Logs, .gz and .zst too; standard input where none is named."`
}

// redactFormats is what --format takes.
const redactFormats = "auto, common, combined, nginx '<log_format>', apache '<LogFormat>', jsonl, har, http, syslog or text"

// Run redacts each log.
func (r *redactCommand) Run(g *globals) error {
	if r.PrintPolicy {
		_, err := g.stdout.Write(cautious)
		return err
	}
	cfg, err := r.prepare(g)
	if err != nil {
		return usage(err)
	}
	var defects rewrite.Defects
	d, err := r.desk(g, &defects)
	if err != nil {
		return usage(err)
	}
	cfg.Engine = d.engine
	watch := newProgress(g.stderr)
	cfg.Read = watch.step

	ctx := context.Background()
	if r.InPlace {
		var stop context.CancelFunc
		ctx, stop = signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
		defer stop()
	}
	o := &outcome{Policy: d.fingerprint}
	var all rewrite.Counts
	var failed []error
	read := false
	for _, name := range r.logs() {
		f, counts, err := r.log(ctx, g, name, cfg, watch)
		watch.end()
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", called(name), err))
		}
		if f != nil { // else nothing was read
			read = true
			all.Merge(&counts)
			o.add(name, f, &counts)
		}
		if ctx.Err() != nil {
			break
		}
	}
	o.close(&all, &defects)
	o.print(g.stderr)
	if r.Report != "" {
		failed = append(failed, o.save(r.Report))
	}
	err = errors.Join(failed...)
	switch {
	case err == nil:
		return nil
	case !read && ctx.Err() == nil:
		return usage(err)
	}
	return fault(err)
}

// logs are those that the command names.
func (r *redactCommand) logs() []string {
	if len(r.Files) == 0 {
		return []string{"-"}
	}
	return r.Files
}

// log redacts one.
func (r *redactCommand) log(ctx context.Context, g *globals, name string, cfg rewrite.Config, watch *progress) (*rewrite.Format, rewrite.Counts, error) {
	if name == "-" && !r.InPlace {
		watch.begin("stdin", 0)
		return r.stream(ctx, g.stdout, os.Stdin, cfg)
	}
	if r.InPlace {
		watch.begin(name, 0)
		return r.replace(ctx, name, cfg)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, rewrite.Counts{}, unquoted(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil {
		watch.begin(name, info.Size())
	}
	return r.stream(ctx, g.stdout, f, cfg)
}

// prepare checks the flags.
func (r *redactCommand) prepare(g *globals) (rewrite.Config, error) {
	cfg := rewrite.Config{Jobs: r.Jobs, Now: time.Now()}
	if r.Jobs < 0 || r.Jobs > rewrite.MaxJobs {
		return cfg, fmt.Errorf("--jobs is 1 to %d", rewrite.MaxJobs)
	}
	if r.Jobs == 0 {
		cfg.Jobs = min(runtime.GOMAXPROCS(0), rewrite.MaxJobs)
	}
	if r.InPlace && len(r.Files) == 0 {
		return cfg, errors.New("--in-place needs the name of a file")
	}
	if r.Report != "" && slices.ContainsFunc(r.Files, r.reports) {
		return cfg, errors.New("--report would overwrite a log")
	}
	var err error
	cfg.Format, err = readFormat("--format", r.Format)
	return cfg, err
}

// reports reports whether the report would go into a log.
func (r *redactCommand) reports(log string) bool {
	if filepath.Clean(log) == filepath.Clean(r.Report) {
		return true
	}
	a, err := os.Stat(log)
	if err != nil {
		return false
	}
	b, err := os.Stat(r.Report)
	return err == nil && os.SameFile(a, b)
}

// readFormat is the format that a flag names, nil where it is to be recognised.
func readFormat(flag, text string) (*rewrite.Format, error) {
	name, rest, custom := strings.Cut(text, " ")
	var t *capture.Template
	var err error
	switch {
	case text == "auto":
		return nil, nil
	case custom && name == "nginx":
		t, err = capture.Nginx(rest)
	case custom && name == "apache":
		t, err = capture.Apache(rest)
	case name == "nginx" || name == "apache":
		return nil, fmt.Errorf("%s %s needs the format behind it: %s '%s …'", flag, name, flag, name)
	default:
		f, err := rewrite.Named(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w; one of %s", flag, err, redactFormats)
		}
		return f, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return rewrite.Template(name, t), nil
}
