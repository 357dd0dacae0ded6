package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"weir/policy"
	"weir/policy/source"
	"weir/proxy"
)

type checkCommand struct {
	Config string   `help:"How an instance runs; weir.yaml where no file is named." short:"c" placeholder:"FILE"`
	Files  []string `arg:"" optional:"" help:"Policy files, or folders of them, to check without a weir.yaml."`
}

func (c *checkCommand) Run(g *globals) error {
	var wrong []error
	if c.Config != "" || len(c.Files) == 0 {
		if c.Config == "" {
			c.Config = "weir.yaml"
		}
		wrong = append(wrong, checkBoth(g, c.Config))
	}
	for _, file := range c.Files {
		paths, err := files(file)
		wrong = append(wrong, err)
		for _, path := range paths {
			wrong = append(wrong, checkFile(g, path))
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return usage(err)
	}
	return nil
}

// checkBoth checks a weir.yaml and the policy that it names.
func checkBoth(g *globals, path string) error {
	cfg, err := proxy.ReadConfig(path)
	if cfg == nil {
		return configError(cfg, err)
	}
	warnings, err := cfg.Check()
	for _, w := range warnings {
		fmt.Fprintln(g.stderr, "warning:", w)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(g.stdout, "%s: ok\n%s: ok\n", path, cfg.Policy)
	return nil
}

// checkFile checks a policy, or a weir.yaml that was named in its place.
func checkFile(g *globals, path string) error {
	data, err := source.ReadBytes(path)
	if err != nil {
		return err
	}
	if runs(path, data) {
		return checkBoth(g, path)
	}
	p, err := policy.Parse(path, data)
	if err != nil {
		return err
	}
	for _, w := range p.Lint() {
		fmt.Fprintln(g.stderr, "warning:", w)
	}
	fmt.Fprintf(g.stdout, "%s: ok\n", path)
	return nil
}

// runs reports whether a file says how an instance runs: it has what no policy
// has, and nothing that every policy has.
func runs(name string, data []byte) bool {
	f := source.Parse(name, data)
	if !f.Root().Is("a mapping") {
		return false
	}
	m := f.Root().Entries()
	return m.Get("listen").Exists() && !m.Get("controller").Exists()
}

// files are those that a path names: itself, or every YAML file of a folder.
func files(path string) ([]string, error) {
	info, err := os.Stat(path)
	var reason *fs.PathError
	switch {
	case errors.As(err, &reason):
		return nil, fmt.Errorf("%s: %w", path, reason.Err)
	case err != nil:
		return nil, err
	case !info.IsDir():
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && slices.Contains([]string{".yaml", ".yml"}, ext) {
			all = append(all, filepath.Join(path, e.Name()))
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no .yaml file in this folder", path)
	}
	return all, nil
}
