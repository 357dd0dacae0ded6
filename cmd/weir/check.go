package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"weir/policy"
	"weir/policy/policytest"
	"weir/policy/source"
	"weir/proxy"
)

type checkCommand struct {
	Config string   `help:"How an instance runs. Without it and any file: weir.yaml, else policy.yaml." short:"c" placeholder:"FILE"`
	At     string   `help:"Check as it will be on that day, or was: by its law, agreements and waivers. Today where none is named." placeholder:"YYYY-MM-DD"`
	Format string   `help:"pretty or json." enum:"pretty,json" default:"pretty"`
	Files  []string `arg:"" optional:"" help:"Policies, files of cases, or folders of them, to check without a weir.yaml."`
}

func (c *checkCommand) Run(g *globals) error {
	at, err := dayOf(c.At)
	if err != nil {
		return usage(err)
	}
	k := &checker{at: at}
	if c.Config != "" || len(c.Files) == 0 {
		path := cmp.Or(c.Config, "weir.yaml")
		if _, err := os.Stat(path); c.Config == "" && errors.Is(err, os.ErrNotExist) {
			c.Files = []string{"policy.yaml"} // as `weir test` does
		} else {
			k.guarded(path, k.instance)
		}
	}
	for _, file := range c.Files {
		paths, err := files(file)
		k.wrong("", err)
		for _, path := range paths {
			k.guarded(path, k.file)
		}
	}
	told := k.pretty
	if c.Format == "json" {
		told = k.json
	}
	if err := told(g); err != nil {
		return fault(err)
	}
	if k.defect {
		return fault(errFailed)
	}
	if k.failed() {
		return usage(errFailed)
	}
	return nil
}

// checker gathers what is found in files.
type checker struct {
	at       time.Time
	files    []string // all that were read, in their order
	findings []finding
	defect   bool // weir failed over a file
}

// guarded checks the file at path. That weir fails over it is one more finding.
func (k *checker) guarded(path string, check func(path string)) {
	defer func() {
		if recover() != nil {
			k.read(path)
			k.wrong(path, &policy.Defect{File: path, At: "its check"})
		}
	}()
	check(path)
}

// instance checks a weir.yaml and the policy that it names.
func (k *checker) instance(path string) {
	cfg, err := proxy.ReadConfig(path)
	if cfg == nil {
		k.wrong(path, configError(cfg, err))
		return
	}
	p, err := cfg.Check()
	k.read(path)
	if cfg.Policy != "" {
		k.read(cfg.Policy)
	}
	k.wrong(path, err)
	k.lint(p)
}

// file checks a policy, or what was named in its place: a weir.yaml, or cases.
func (k *checker) file(path string) {
	data, err := source.ReadBytes(path)
	if err != nil {
		k.wrong(path, err)
		return
	}
	switch f := source.Parse(path, data); {
	case f.Root().Is("a list"):
		k.read(path)
		_, err := policytest.ParseCases(path, data)
		k.wrong(path, err)
	case runs(f):
		k.instance(path)
	default:
		k.read(path)
		p, err := policy.Parse(path, data)
		k.wrong(path, err)
		k.lint(p)
	}
}

// runs reports whether a file says how an instance runs: it has what no policy
// has, and nothing that every policy has.
func runs(f *source.File) bool {
	if !f.Root().Is("a mapping") {
		return false
	}
	m := f.Root().Entries()
	return m.Get("listen").Exists() && !m.Get("controller").Exists()
}

// files are those that a path names: itself, or every YAML file of a folder but those that
// others of it include, and where it has none, those of its folders.
func files(path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, unquoted(err))
	case !info.IsDir():
		return []string{path}, nil
	}
	all, below, err := yamlIn(path)
	if err != nil || len(all) > 0 {
		return all, err
	}
	for _, folder := range below {
		inner, _, err := yamlIn(folder)
		if err != nil {
			return nil, err
		}
		all = append(all, inner...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no .yaml file in this folder", path)
	}
	return all, nil
}

// yamlIn are the YAML files of a folder that stand for themselves, and its folders.
func yamlIn(folder string) (all, folders []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", folder, unquoted(err))
	}
	var parts []string
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		switch {
		case e.IsDir():
			folders = append(folders, path)
		case slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(path)):
			all = append(all, path)
			data, err := source.ReadBytes(path)
			if err != nil {
				return nil, nil, err
			}
			parts = append(parts, policy.Files(path, data)...)
		}
	}
	whole := slices.DeleteFunc(slices.Clone(all), func(path string) bool { return slices.Contains(parts, path) })
	if len(whole) == 0 {
		return all, folders, nil // each is included by another
	}
	return whole, folders, nil
}
