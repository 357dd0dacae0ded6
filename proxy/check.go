package proxy

import (
	"errors"
	"fmt"
	"os"
	"time"

	"weir/policy"
	"weir/policy/source"
)

// Check reports what is wrong with weir.yaml and with the policy that it names,
// all at once, and what is odd about the policy. It opens and makes nothing.
func (c *Config) Check() (warnings []string, err error) {
	now := time.Now()
	for i := range c.Listen {
		c.serverTLS(&c.Listen[i], now)
	}
	p, policyErr := policy.Load(c.Policy)
	if policyErr == nil {
		for _, w := range p.Lint() {
			warnings = append(warnings, w.Error())
		}
		policyErr = retained(c.Policy, p)
	}
	return warnings, errors.Join(c.file.Err(), located(c, policyErr))
}

// retained refuses a policy that does not say how long entries are kept: no log
// of weir's is without an end.
func retained(path string, p *policy.Policy) error {
	if class, _ := p.Retain(); class != "" {
		return nil
	}
	return source.Errors{{File: path, Pos: source.Pos{Line: 1, Column: 1}, Message: "nothing says how long entries are kept", Instead: "defaults: {retain: 30d}"}}
}

// located gives an error of reading the policy the place where weir.yaml names
// it; errors within the policy have places of their own.
func located(c *Config, err error) error {
	var within source.Errors
	switch {
	case err == nil, c.Policy == "": // what is missing is told already
		return nil
	case errors.As(err, &within):
		return within
	}
	var p *os.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return &source.Error{File: c.file.Name, Pos: c.at.policy,
		Message: fmt.Sprintf("cannot read the policy: %v", err), Instead: "the path of a policy.yaml"}
}
