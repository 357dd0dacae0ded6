package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"weir/policy"
	"weir/policy/policytest"
	"weir/policy/source"
	"weir/proxy"
)

type explainCommand struct {
	Config  string `help:"The weir.yaml whose policy and service are meant where no policy is named." short:"c" placeholder:"FILE"`
	Service string `help:"The service that the exchange is of; that of weir.yaml, else www. A case says its own." placeholder:"NAME"`
	Case    string `help:"The name of the case, in a file of cases." placeholder:"NAME"`
	Index   int    `help:"Which exchange of the file, from 0." placeholder:"N"`
	At      string `help:"The day by whose law is judged where the exchange has none; today where it is left out." placeholder:"DATE"`
	Format  string `help:"pretty or json." enum:"pretty,json" default:"pretty"`
	Policy  string `arg:"" optional:"" help:"A policy, or a folder of one; that of weir.yaml where it is left out, else policy.yaml."`
	File    string `arg:"" optional:"" help:"The exchange: HTTP/1.1 as text, its answer behind it, an HTTP Archive or a file of cases; - is standard input, as where it is left out."`
}

// Run is kong's.
func (c *explainCommand) Run(g *globals) error {
	at, err := dayOf(c.At)
	if err != nil {
		return usage(err)
	}
	named, file := c.files()
	path, service, err := policyOf(c.Config, named)
	if err != nil {
		return usage(err)
	}
	if c.Service != "" {
		service = c.Service
	}
	p, policyErr := policy.Load(path)
	t, err := c.traffic(file, service)
	if err := errors.Join(policyErr, err); err != nil {
		return usage(err)
	}
	e, err := policytest.Explain(path, p, t, at)
	if err != nil {
		return fault(err)
	}
	if c.Format == "json" {
		err = e.JSON(g.stdout)
	} else {
		err = e.Pretty(layoutOf(g.stdout))
	}
	if err != nil {
		return fault(err)
	}
	return nil
}

// files tells the policy from the exchange. One argument alone is the exchange, unless it
// is a policy or a folder.
func (c *explainCommand) files() (named, file string) {
	switch {
	case c.File != "":
		return c.Policy, c.File
	case c.Policy == "" || isPolicy(c.Policy):
		return c.Policy, "-"
	}
	return "", c.Policy
}

// isPolicy reports whether a path is that of a folder, or of a file of YAML that is no list,
// as cases are.
func isPolicy(path string) bool {
	info, err := os.Stat(path)
	if path == "-" || err != nil {
		return false
	}
	if info.IsDir() {
		return true
	}
	if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" {
		return false
	}
	data, err := source.ReadBytes(path)
	return err == nil && !policytest.IsList(data)
}

// policyOf is the policy file that is meant, and the service it is asked for.
func policyOf(config, named string) (path, service string, err error) {
	service = policytest.DefaultService
	if named == "" || config != "" {
		if config == "" {
			config = "weir.yaml"
			if _, err := os.Stat(config); errors.Is(err, os.ErrNotExist) {
				return "policy.yaml", service, nil
			}
		}
		cfg, err := proxy.ReadConfig(config)
		if cfg == nil {
			return "", "", err
		}
		if cfg.Service != "" {
			service = cfg.Service
		}
		if named == "" {
			if named = cfg.Policy; named == "" {
				return "", "", fmt.Errorf("%s: names no policy", config)
			}
		}
	}
	all, err := policytest.FindPolicies(named)
	if err != nil {
		return "", "", err
	}
	if len(all) > 1 {
		return "", "", fmt.Errorf("%s: there are several policies in this folder; name one", named)
	}
	return all[0], service, nil
}

// traffic is the exchange that is meant.
func (c *explainCommand) traffic(file, service string) (*policytest.Traffic, error) {
	all, err := readTraffic(file, service)
	if err != nil {
		return nil, err
	}
	if c.Case != "" {
		for _, t := range all {
			if t.Case() == c.Case {
				return t, nil
			}
		}
		return nil, fmt.Errorf("%s: no case has the name that --case asks for", file)
	}
	if c.Index < 0 || c.Index >= len(all) {
		return nil, fmt.Errorf("%s: --index: there are %d exchanges in it, the first is 0", file, len(all))
	}
	if len(all) > 1 && c.Index == 0 {
		fmt.Fprintf(os.Stderr, "%s: the first of %d exchanges; --index N or --case NAME asks for another\n", file, len(all))
	}
	return all[c.Index], nil
}

// mostTraffic bounds a file of traffic, in bytes.
const mostTraffic = 64 << 20

// readTraffic reads a file of exchanges; - is standard input.
func readTraffic(file, service string) ([]*policytest.Traffic, error) {
	in, name := os.Stdin, "standard input"
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("%s: cannot be read: %w", file, unquoted(err))
		}
		defer f.Close()
		in, name = f, file
	} else if onTerminal(in) {
		return nil, errors.New("an exchange is expected on standard input; name a file, or type it and end with Ctrl-D behind `-`")
	}
	data, err := io.ReadAll(io.LimitReader(in, mostTraffic+1))
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", name, unquoted(err))
	}
	if len(data) > mostTraffic {
		return nil, fmt.Errorf("%s: is larger than 64 MiB", name)
	}
	return policytest.ReadTraffic(name, data, policytest.Given{}, service)
}

func dayOf(text string) (time.Time, error) {
	if text == "" {
		return time.Now().UTC().Truncate(time.Second), nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return at, errors.New("--at: expected a day, such as 2027-01-01")
	}
	return at, nil
}

func onTerminal(f *os.File) bool {
	_, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	return err == nil
}

// plainWidth is that of a report which goes to no terminal, in characters.
const plainWidth = 100

// layoutOf is as wide as the terminal, which is coloured unless NO_COLOR is set.
func layoutOf(f *os.File) *policytest.Layout {
	l := &policytest.Layout{W: f, Width: plainWidth}
	if ws, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ); err == nil && ws.Col > 0 {
		l.Width, l.Color = min(int(ws.Col), 160), os.Getenv("NO_COLOR") == ""
	}
	return l
}
