package proxy

import (
	"errors"

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
		err = retained(c.Policy, p)
	}
	err = c.unread(err)
	return p, errors.Join(c.file.Err(), err)
}

// retained refuses a policy that does not say how long entries are kept: no log
// of weir's is without an end.
func retained(path string, p *policy.Policy) error {
	if class, _ := p.Retain(); class != "" {
		return nil
	}
	return source.Errors{{File: path, Pos: source.Pos{Line: 1, Column: 1}, Message: "nothing says how long entries are kept", Instead: "defaults: {retain: 30d}"}}
}

// unread notes an error of reading the policy where weir.yaml names it. Errors
// within the policy have places of their own and are returned.
func (c *Config) unread(err error) error {
	var within source.Errors
	switch {
	case err == nil, c.Policy == "": // what is missing is told already
		return nil
	case errors.As(err, &within):
		return within
	}
	c.file.Refuse(c.at.policy, "no policy: "+err.Error(), "the path of a policy.yaml")
	return nil
}
