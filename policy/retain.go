package policy

import "weir/redact/raw"

// Retentions are those that entries can have, `defaults.retain` first.
func (p *Policy) Retentions() []raw.Retention {
	return []raw.Retention{{Class: p.class, Keep: p.retain}}
}

// Retained is which of Retentions the entry of x has, which has ended.
func (p *Policy) Retained(*raw.Exchange) int { return 0 }
