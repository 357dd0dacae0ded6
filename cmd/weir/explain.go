package main

import (
	"context"
	"errors"
	"fmt"
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
	Config    string `help:"The weir.yaml whose service and hosts are meant, and its policy where none is named." short:"c" placeholder:"FILE"`
	Service   string `help:"The service that the exchange is of; that of weir.yaml, else www. A case says its own." placeholder:"NAME"`
	Client    string `help:"The address of who sent the exchange, where it does not say that itself." placeholder:"ADDRESS"`
	LogFormat string `help:"How a log is written, as weir redact --format has it." default:"auto" placeholder:"FORMAT"`
	Case      string `help:"The name of the case, in a file of cases." placeholder:"NAME"`
	Index     int    `help:"Which exchange of the file, from 0." placeholder:"N"`
	At        string `help:"The day by whose law is judged where the exchange has none; today where it is left out." placeholder:"DATE"`
	Format    string `help:"pretty or json." enum:"pretty,json" default:"pretty"`
	Policy    string `arg:"" optional:"" help:"A policy, or a folder of one; that of weir.yaml where it is left out, else policy.yaml."`
	File      string `arg:"" optional:"" help:"The exchange: HTTP/1.1 as text, its answer behind it, an HTTP Archive, an access log or a file of cases; - is standard input, as where it is left out."`
}

// Run is kong's.
func (c *explainCommand) Run(g *globals) error {
	at, err := dayOf(c.At)
	if err != nil {
		return usage(err)
	}
	named, file := c.files()
	m, err := meantBy(c.Config, named)
	if err != nil {
		return usage(err)
	}
	if c.Service != "" {
		m.service = c.Service
	}
	by, policyErr := m.load()
	r, err := newTrafficReader(m.service, c.LogFormat, c.Client)
	if err != nil {
		return usage(errors.Join(policyErr, err))
	}
	t, err := c.traffic(g, file, r)
	if err := errors.Join(policyErr, err); err != nil {
		return usage(err)
	}
	e, err := policytest.Explain(by, t, at)
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

// meant is a policy, and what a weir.yaml says beside it.
type meant struct {
	path    string // of the policy file
	service string
	hosts   []string // that may be written whole
}

// meantBy is the policy file that is meant, with the service and the hosts of the weir.yaml
// that is named, or that is there where no policy is named.
func meantBy(config, named string) (meant, error) {
	m := meant{service: policytest.DefaultService}
	if named == "" || config != "" {
		if config == "" {
			config = "weir.yaml"
			if _, err := os.Stat(config); errors.Is(err, os.ErrNotExist) {
				m.path = "policy.yaml"
				return m, nil
			}
		}
		cfg, err := proxy.ReadConfig(config)
		if cfg == nil {
			return m, err
		}
		if cfg.Service != "" {
			m.service = cfg.Service
		}
		m.hosts = cfg.Hosts()
		if named == "" {
			if named = cfg.Policy; named == "" {
				return m, fmt.Errorf("%s: names no policy", config)
			}
		}
	}
	all, err := policytest.FindPolicies(named)
	if err != nil {
		return m, err
	}
	if len(all) > 1 {
		return m, fmt.Errorf("%s: there are several policies in this folder; name one", named)
	}
	m.path = all[0]
	return m, nil
}

// load reads the policy.
func (m *meant) load() (policytest.Compared, error) {
	p, err := policy.Load(m.path)
	return policytest.Compared{Name: m.path, Policy: p, Hosts: m.hosts}, err
}

// traffic is the exchange that is meant.
func (c *explainCommand) traffic(g *globals, file string, r *trafficReader) (*policytest.Traffic, error) {
	var meant *policytest.Traffic
	count := 0
	skipped, err := r.read(context.Background(), file, func(t *policytest.Traffic) error {
		if meant == nil && (c.Case != "" && t.Case() == c.Case || c.Case == "" && count == c.Index) {
			meant = t
		}
		count++
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case meant == nil && c.Case != "":
		return nil, fmt.Errorf("%s: no case has the name that --case asks for", file)
	case meant == nil:
		return nil, fmt.Errorf("%s: --index: there are %d exchanges in it, the first is 0", file, count)
	case count > 1 && c.Index == 0 && c.Case == "":
		fmt.Fprintf(g.stderr, "%s: the first of %d exchanges; --index N or --case NAME asks for another\n", file, count)
	}
	if skipped > 0 {
		fmt.Fprintf(g.stderr, "%s: lines in it that are of no exchange: %d\n", file, skipped)
	}
	return meant, nil
}

// dayOf is the day that --at names, now where it names none.
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
