package proxy

import (
	"context"

	"weir/proxy/telemetry"
)

// watchKeys reads the key ring again when another process changed it: a chain was
// broken or shredded, or its owner put the next state of an external ring there.
func (p *Proxy) watchKeys(ctx context.Context) {
	watchFolders(ctx, []string{p.cfg.Keys.Dir}, p.reloadKeys, func(err error) {
		p.log.Warn("keys_not_watched", telemetry.ConfigErr(err))
	})
}

// reloadKeys keeps the ring that is in use where the one on disk is bad.
func (p *Proxy) reloadKeys() {
	changed, err := p.ring.Reload()
	if err == nil && changed {
		// A class that was shredded begins anew with the next exchange at the latest.
		err = p.taken(p.policy.now())
	}
	switch {
	case err != nil:
		p.log.Error("keys_refused", telemetry.ConfigErr(err))
	case changed:
		p.log.Info("keys_reloaded")
		p.metrics.Epochs.Set(int64(p.ring.Alive()))
		p.metrics.KeysFrom(p.ring.From())
	}
}
