package proxy

import (
	"context"
	"time"

	"weir/policy/source"
	"weir/proxy/telemetry"
)

// RetireInterval is how often keys that are over are destroyed and the ring is looked
// at for changes that the file system did not tell; so long, too, a key outlives its
// last entry.
const RetireInterval = 15 * time.Minute

// gone says, for each retention class, before which time no entry was left when
// that was last looked at.
type gone map[string]time.Time

// retire destroys pseudonym keys when the last entry written under them is gone by
// the clock and by the log: the earlier of both counts. What is destroyed must have
// been gone a round before too, so that a clock that is set ahead by mistake, and
// back in time, destroys nothing.
func (p *Proxy) retire(ctx context.Context) {
	tick := time.NewTicker(RetireInterval)
	defer tick.Stop()
	seen := make(gone)
	for {
		p.reloadKeys() // where a file system tells nothing of changes
		for _, class := range p.ring.Classes() {
			if err := p.retireClass(class, time.Now(), seen); err != nil {
				p.log.Error("keys_not_retired", telemetry.ConfigErr(err))
			}
		}
		p.metrics.Epochs.Set(int64(p.ring.Alive()))
		p.metrics.KeysFrom(p.ring.From())
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// retireClass serves a class of the policy in use or of an earlier one: its
// name says how long its entries live.
func (p *Proxy) retireClass(class string, now time.Time, seen gone) error {
	keep, ok := source.ParseDuration(class)
	if !ok {
		return nil // of a ring that others use too
	}
	if err := p.ring.Class(class, keep); err != nil {
		return err
	}
	before := now.Add(-keep)
	for _, s := range p.sinks {
		if oldest, ok := s.oldest(class); ok && oldest.Before(before) {
			before = oldest
		}
	}
	last, ok := seen[class]
	seen[class] = before
	if !ok {
		return nil
	}
	if last.Before(before) {
		before = last
	}
	return p.ring.Retire(class, before)
}
