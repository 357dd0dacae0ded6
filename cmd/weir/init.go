package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"weir/policy/library"
)

type initCommand struct {
	Dir         string `arg:"" optional:"" help:"The folder to write to; this one where none is named."`
	From        string `help:"A ready policy: ${policies}; ${policy} where nothing is named." placeholder:"NAME"`
	FromTraffic string `help:"Propose a policy from what passed: an HTTP Archive, HTTP as text, or a log of exchanges in a format that weir redact reads." placeholder:"FILE"`
	LogFormat   string `help:"How that log is written, as weir redact --format has it." default:"auto" placeholder:"FORMAT"`
	Service     string `help:"The name of the service." default:"www" placeholder:"NAME"`
	Force       bool   `help:"Overwrite files that are there."`
}

// starter is a weir.yaml to begin with.
//
//go:embed init_weir.yaml
var starter []byte

// draft is a file that is to be written.
type draft struct {
	name string
	text []byte
}

// serviceName is what weir.yaml takes for one.
var serviceName = regexp.MustCompile(`^[a-z0-9]([a-z0-9_.-]{0,62}[a-z0-9])?$`)

// Run writes a weir.yaml, a policy.yaml and what belongs to that.
func (c *initCommand) Run(g *globals) error {
	if c.From != "" && c.FromTraffic != "" {
		return usage(errors.New("a policy is taken from the library or from traffic: name one of --from and --from-traffic"))
	}
	if !serviceName.MatchString(c.Service) {
		return usage(errors.New("the name of a service is of a-z, 0-9, -, _ and ., at most 64 of them"))
	}
	if info, err := os.Stat(c.Dir); err == nil && !info.IsDir() {
		return usage(fmt.Errorf("%s: is a file, and a folder to write to is expected; a policy is proposed from it by weir init --from-traffic %[1]s", c.Dir))
	}
	drafts := []draft{{"weir.yaml", bytes.ReplaceAll(starter, []byte("SERVICE"), []byte(c.Service))}}
	if c.FromTraffic != "" {
		format, err := readFormat("--log-format", c.LogFormat)
		if err != nil {
			return usage(err)
		}
		proposed, none, err := propose(c.FromTraffic, c.Service, format)
		if err != nil {
			return usage(fmt.Errorf("%s: %w", c.FromTraffic, err))
		}
		if none > 0 {
			fmt.Fprintf(g.stderr, "%s: lines in it that are of no exchange: %d\n", c.FromTraffic, none)
		}
		drafts = append(drafts, proposed...)
	} else {
		ready, err := fromLibrary(c.From)
		if err != nil {
			return usage(err)
		}
		drafts = append(drafts, ready...)
	}
	drafts, err := described(drafts)
	if err != nil {
		return fault(err)
	}
	if err := c.write(drafts); err != nil {
		return err
	}
	if err := waive(c.Dir, time.Now()); err != nil {
		return fault(err)
	}
	for _, d := range drafts {
		fmt.Fprintln(g.stdout, filepath.Join(c.Dir, d.name))
	}
	fmt.Fprintf(g.stderr, "Put your own names and hosts into %s and %s, then run weir check and weir test.\n",
		filepath.Join(c.Dir, "weir.yaml"), filepath.Join(c.Dir, "policy.yaml"))
	return nil
}

// fromLibrary is a ready policy. Its page is called policy.md, since the folder may
// have a README.md of its own.
func fromLibrary(name string) ([]draft, error) {
	if name == "" {
		name = library.Default
	}
	folder, err := library.Open(name)
	if err != nil {
		return nil, fmt.Errorf("there is no policy %q in the library: there are %s", name, strings.Join(library.Names(), ", "))
	}
	var all []draft
	for _, file := range [][2]string{{"policy.yaml", "policy.yaml"}, {"privacy.md", "privacy.md"}, {"cases.yaml", "cases.yaml"}, {"README.md", "policy.md"}} {
		text, err := fs.ReadFile(folder, file[0])
		if err != nil {
			return nil, fault(err)
		}
		all = append(all, draft{file[1], text})
	}
	return all, nil
}

// write writes all drafts, or none where one of them is there already. A link is not followed.
func (c *initCommand) write(drafts []draft) error {
	dir := c.Dir
	if dir == "" {
		dir = "."
	}
	var there []string
	for _, d := range drafts {
		if _, err := os.Lstat(filepath.Join(dir, d.name)); err == nil {
			there = append(there, filepath.Join(c.Dir, d.name))
		}
	}
	if len(there) > 0 && !c.Force {
		return usage(fmt.Errorf("%s: already there, and nothing was written; --force overwrites", strings.Join(there, ", ")))
	}
	for _, d := range drafts {
		path := filepath.Join(dir, d.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fault(unquoted(err))
		}
		if slices.Contains(there, filepath.Join(c.Dir, d.name)) {
			if err := os.Remove(path); err != nil {
				return fault(unquoted(err))
			}
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return fault(unquoted(err))
		}
		_, err = f.Write(d.text)
		if err := errors.Join(err, f.Close()); err != nil {
			return fault(unquoted(err))
		}
	}
	return nil
}
