package policy

import "weir/policy/source"

// Lint returns what is allowed and probably not meant, in the file's order.
func (p *Policy) Lint() []*source.Error { return nil }
