package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"weir/policy"
	"weir/proxy"
	"weir/redact"
	"weir/redact/keys"
	"weir/redact/rewrite"
	"weir/redact/transform"
)

//go:embed redact_policy.yaml
var cautious []byte

// desk is what decides on logs.
type desk struct {
	engine      *redact.Engine
	fingerprint string
}

// desk makes the engine of the policy, the service, the hosts and the keys that
// the command or a weir.yaml names.
func (r *redactCommand) desk(g *globals, d *rewrite.Defects) (*desk, error) {
	path, dir, external, err := r.instance()
	if err != nil {
		return nil, err
	}
	p, err := r.readPolicy(g, path)
	if err != nil {
		return nil, err
	}
	if r.Service == "" {
		r.Service = "log"
	}
	p = p.For(r.Service)
	kept := p.Retentions()[0]
	if kept.Class == "" {
		return nil, fmt.Errorf("%s: nothing says how long entries are kept; write defaults: {retain: 30d}", path)
	}
	var ring transform.Keys = keys.NewFleeting()
	if dir != "" {
		of, err := keys.Open(keys.Config{Dir: dir, External: external})
		if err != nil {
			return nil, err
		}
		if err := of.Class(kept.Class, kept.Keep); err != nil {
			return nil, err
		}
		ring = of
	}
	e, err := redact.New(redact.Config{Decider: func() redact.Decider { return p }, Service: r.Service, Hosts: r.Host, Keys: ring, Metrics: d.Metrics()})
	if err != nil {
		return nil, err
	}
	return &desk{e, p.Fingerprint()}, nil
}

// instance reads the weir.yaml that is named, or the one that is there where no
// policy is named. What the command says goes before.
func (r *redactCommand) instance() (path, dir string, external bool, err error) {
	path, dir = r.Policy, r.Keys
	if r.Config == "" {
		if _, err := os.Stat("weir.yaml"); r.Policy != "" || errors.Is(err, fs.ErrNotExist) {
			return path, dir, false, nil
		}
		r.Config = "weir.yaml"
	}
	cfg, err := proxy.ReadConfig(r.Config)
	if err != nil {
		return "", "", false, configError(cfg, err)
	}
	if path == "" {
		path = cfg.Policy
	}
	if dir == "" {
		dir, external = cfg.Keys.Dir, cfg.Keys.External
	}
	if r.Service == "" {
		r.Service = cfg.Service
	}
	r.Host = append(r.Host, cfg.Hosts()...)
	return path, dir, external, nil
}

func (r *redactCommand) readPolicy(g *globals, path string) (*policy.Policy, error) {
	if path != "" {
		return policy.Load(path)
	}
	fmt.Fprintln(g.stderr, "no policy is named: weir's own, a cautious one, is used; --print-policy shows it")
	return policy.Parse("weir's own policy", cautious)
}
