package relay

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"weir/proxy/http1"
	"weir/redact/raw"
)

// open gets a connection to an endpoint of t and lets Shutdown and the client's
// departure end it. again asks for one that has carried nothing yet, at another
// endpoint than before where there is one.
func (j *journey) open(t *Target, again bool) error {
	var tried []*endpoint
	if again {
		tried = []*endpoint{j.endpoint}
	}
	e := t.pick(tried)
	if e != nil && !again {
		if up := e.kept(j.relay.ctx, j.proto); up != nil {
			j.ex.Attempts++
			if e.origin.count != nil {
				e.origin.count.Reused.Add(1)
			}
			return j.use(e, up)
		}
	}
	if e == nil && again {
		e = j.endpoint
	}
	e, up, err := j.reach(t, e, again)
	if err != nil {
		return err
	}
	return j.use(e, up)
}

// reach is open where there is no connection to be had at once. An endpoint that
// cannot be connected to has seen nothing of the request, so another is tried,
// and as many as there are while the time to connect lasts. The client is
// watched meanwhile.
func (j *journey) reach(t *Target, e *endpoint, fresh bool) (*endpoint, Upstream, error) {
	ctx, cancel := context.WithCancelCause(j.relay.ctx)
	defer cancel(nil)
	j.client.Watch(left(cancel))
	defer j.client.Unwatch()
	if e == nil {
		var err error
		if e, err = t.await(ctx); err != nil {
			return nil, nil, err
		}
	}
	began := time.Now()
	var tried []*endpoint
	for {
		j.ex.Attempts++
		up, err := e.open(ctx, j.relay.ctx, j.proto, fresh)
		if err == nil {
			if e.origin.count != nil {
				e.origin.count.Fresh.Add(1)
			}
			return e, up, nil
		}
		if cause := context.Cause(ctx); cause != nil {
			return nil, nil, cause
		}
		if errors.Is(err, http1.ErrFull) { // the time to wait is over
			return nil, nil, err
		}
		if e.origin.count != nil {
			e.origin.count.Failed.Add(1)
		}
		t.failed(e)
		t.resolveAgain()
		tried = append(tried, e)
		if e = t.pick(tried); e == nil || len(tried) > 1 && time.Since(began) > t.cfg.Connect {
			return nil, nil, err
		}
	}
}

// await returns an endpoint as soon as names were resolved.
func (t *Target) await(ctx context.Context) (*endpoint, error) {
	select {
	case <-t.known:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if e := t.pick(nil); e != nil {
		return e, nil
	}
	t.resolveAgain()
	return nil, errUnresolved
}

// use makes up the upstream's side of this exchange.
func (j *journey) use(e *endpoint, up Upstream) error {
	if !j.hold(up) {
		up.Abort()
		up.Release()
		return errStopped
	}
	j.endpoint = e
	j.relays(e.origin, e.ip)
	j.client.Watch(up)
	return nil
}

// relays notes whom the request goes on to. Where a client chooses, the request says so.
func (j *journey) relays(o *origin, ip netip.Addr) {
	if j.ex.Direction == raw.Inbound {
		j.ex.To, j.ex.Recipient = o.host, ip
	}
}

// left ends what is waited for when the client has left.
type left context.CancelCauseFunc

func (f left) Abort() { f(errGone) }

// dropUpstream ends the connection in use.
func (j *journey) dropUpstream() {
	if up := j.letGo(); up != nil {
		j.client.Unwatch()
		up.Abort()
		up.Release()
	}
}

var errStopped = errors.New("weir is stopping")
