package proxy

import (
	"errors"
	"fmt"

	"weir/policy"
	"weir/policy/source"
)

// Check reports what is wrong with weir.yaml and with the policy that it names,
// all at once. The policy is nil where it can not be read. It opens and makes nothing.
func (c *Config) Check() (*policy.Policy, error) {
	for i := range c.Listen {
		c.certificate(&c.Listen[i], nil)
	}
	c.checkCollectors()
	if err := c.Admin.check(); err != nil {
		c.file.Refuse(c.Admin.at, err.Error(), "a file that weir alone can read")
	}
	if c.Descriptors != "" {
		if _, _, err := loadDescriptors(c.Descriptors); err != nil {
			c.file.Refuse(c.at.descriptors, err.Error(), asDescriptors)
		}
	}
	p, err := policy.Load(c.Policy)
	if err == nil {
		err = c.accept(p)
	}
	err = c.unread(err)
	return p, errors.Join(c.file.Err(), err)
}

// accept refuses a policy that this instance can not carry out.
func (c *Config) accept(p *policy.Policy) error {
	if wrong := append(retained(c.Policy, p), c.resident(p)...); len(wrong) > 0 {
		return wrong
	}
	return nil
}

// resident refuses logs outside the countries of the policy's residency, and collectors
// of which nothing says where they are.
func (c *Config) resident(p *policy.Policy) (wrong source.Errors) {
	r := p.Residency()
	for _, l := range c.Log {
		switch {
		case l.Country == "" && l.OTLP == nil, r.Allows(l.Country, nil):
			continue
		case l.Country == "":
			wrong = append(wrong, &source.Error{File: c.file.Name, Pos: l.at, Message: fmt.Sprintf("nothing says where this log is kept, and the policy's residency is %s", r), Instead: "country: DK, or another"})
		default:
			wrong = append(wrong, &source.Error{File: c.file.Name, Pos: l.at, Message: fmt.Sprintf("this log is kept in %s, and the policy's residency is %s", l.Country, r), Instead: "a log there"})
		}
	}
	return wrong
}

// retained refuses a policy that does not say how long entries are kept: no log
// of weir's is without an end.
func retained(path string, p *policy.Policy) source.Errors {
	if class, _ := p.Retain(); class != "" {
		return nil
	}
	return source.Errors{{File: path, Pos: source.Pos{Line: 1, Column: 1}, Message: "nothing says how long entries are kept", Instead: "defaults: {retain: 30d}"}}
}

// unread notes an error of reading the policy where weir.yaml names it. Errors
// within the policy have places of their own and are returned.
func (c *Config) unread(err error) error {
	var within source.Errors
	var defect *policy.Defect
	switch {
	case err == nil, c.Policy == "": // what is missing is told already
		return nil
	case errors.As(err, &within):
		return within
	case errors.As(err, &defect):
		return defect
	}
	c.file.Refuse(c.at.policy, "no policy: "+err.Error(), "the path of a policy.yaml")
	return nil
}
