package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"weir/policy"
	"weir/policy/source"
	"weir/proxy"
)

type checkCommand struct {
	Config string   `help:"How this instance runs." default:"weir.yaml" placeholder:"FILE" short:"c"`
	Files  []string `arg:"" optional:"" help:"Policy files, or folders of them, to check without a weir.yaml." type:"path"`
}

func (c *checkCommand) Run(g *globals) error {
	if len(c.Files) == 0 {
		return c.both(g)
	}
	var all []error
	for _, file := range c.Files {
		paths, err := policies(file)
		if err != nil {
			return usage(fmt.Errorf("%s: %w", file, unwrapPath(err)))
		}
		for _, path := range paths {
			all = append(all, checkPolicy(g, path))
		}
	}
	if err := errors.Join(all...); err != nil {
		return usage(err)
	}
	return nil
}

func (c *checkCommand) both(g *globals) error {
	cfg, err := proxy.ReadConfig(c.Config)
	if cfg == nil {
		return usage(configError(c.Config, cfg, err))
	}
	warnings, err := cfg.Check()
	for _, w := range warnings {
		fmt.Fprintln(g.stderr, "warning:", w)
	}
	if err != nil {
		return usage(err)
	}
	fmt.Fprintf(g.stdout, "%s: ok\n%s: ok\n", c.Config, cfg.Policy)
	return nil
}

func checkPolicy(g *globals, path string) error {
	p, err := policy.Load(path)
	if err != nil {
		return fileError(path, err)
	}
	for _, w := range p.Lint() {
		fmt.Fprintln(g.stderr, "warning:", w)
	}
	fmt.Fprintf(g.stdout, "%s: ok\n", path)
	return nil
}

// fileError names the file where the error does not do so itself.
func fileError(path string, err error) error {
	var located source.Errors
	if errors.As(err, &located) {
		return err
	}
	return fmt.Errorf("%s: %w", path, unwrapPath(err))
}

// policies are the policy files that a path names: itself, or every YAML file
// of a folder.
func policies(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var all []string
	for _, pattern := range []string{"*.yaml", "*.yml"} {
		found, err := filepath.Glob(filepath.Join(path, pattern))
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	if len(all) == 0 {
		return nil, errors.New("no .yaml file in this folder")
	}
	return all, nil
}
