package proxy

import (
	"context"
	"time"

	"weir/policy/source"
	"weir/proxy/telemetry"
)

// retire destroys pseudonym keys, at once and then each hour, when the last
// entry written under them is gone by the clock and by the log: the earlier of
// both counts.
func (p *Proxy) retire(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		for _, class := range p.ring.Classes() {
			if err := p.retireClass(class); err != nil {
				p.log.Error("keys_not_retired", telemetry.ConfigErr(err))
			}
		}
		p.metrics.Epochs.Set(int64(p.ring.Alive()))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// retireClass serves a class of the policy in use or of an earlier one: its
// name says how long its entries live.
func (p *Proxy) retireClass(class string) error {
	keep, ok := source.ParseDuration(class)
	if !ok {
		return nil // of a ring that others use too
	}
	if err := p.ring.Class(class, keep); err != nil {
		return err
	}
	before := time.Now().Add(-keep)
	for _, s := range p.sinks {
		if oldest, ok := s.oldest(class); ok && oldest.Before(before) {
			before = oldest
		}
	}
	return p.ring.Retire(class, before)
}
