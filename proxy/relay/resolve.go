package relay

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"time"

	"weir/proxy/telemetry"
)

const (
	// soon is how long a name that has no address yet, or whose addresses cannot
	// be connected to, waits to be resolved again.
	soon = time.Second
	// mostEndpoints is how many addresses of one name are used.
	mostEndpoints = 256
)

// errUnresolved is an upstream of which no address is known yet. Its cause is
// told in weir's own log.
var errUnresolved = errors.New("upstream has no address")

// resolve keeps the endpoints of names up to date. An answer that does not come
// changes nothing: the last good one is kept.
func (t *Target) resolve(ctx context.Context) {
	for first := true; ; first = false {
		began := time.Now()
		wait := t.cfg.Resolve
		if !t.resolveAll(ctx) {
			wait = min(wait, soon)
		}
		if first {
			close(t.known)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-t.kick:
			timer.Reset(min(wait, soon-time.Since(began)))
			select {
			case <-ctx.Done():
			case <-timer.C:
			}
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// resolveAgain has names resolved before their time: what they lead to cannot be
// connected to.
func (t *Target) resolveAgain() {
	select {
	case t.kick <- struct{}{}:
	default:
	}
}

// resolveAll resolves each name once, all at the same time, and reports whether
// every one has an address.
func (t *Target) resolveAll(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, t.cfg.Connect)
	defer cancel()
	r := t.cfg.Resolver
	if r == nil {
		r = net.DefaultResolver
	}
	type answer struct {
		at  *origin
		ips []netip.Addr
		err error
	}
	answers, asked := make(chan answer, len(t.origins)), 0
	for _, o := range t.origins {
		if o.fixed {
			continue
		}
		asked++
		go func() {
			ips, err := r.LookupNetIP(ctx, "ip", o.host)
			if err == nil && len(ips) == 0 {
				err = errUnresolved
			}
			answers <- answer{o, ips, err}
		}()
	}
	all := true
	for range asked {
		a := <-answers
		if a.err == nil {
			t.lead(a.at, a.ips)
		}
		t.tellResolved(a.at, a.err)
		all = all && len(a.at.endpoints) > 0
	}
	return all
}

// tellResolved tells the log when a name ceases to resolve, and when it does again.
func (t *Target) tellResolved(o *origin, err error) {
	switch {
	case errors.Is(err, context.Canceled), (err != nil) == o.failing:
		return
	case err != nil:
		t.cfg.Log.Warn("upstream_not_resolved", telemetry.Name("upstream", o.address), telemetry.Err(err))
	default:
		t.cfg.Log.Info("upstream_resolved", telemetry.Name("upstream", o.address), telemetry.Int("addresses", len(o.endpoints)))
	}
	o.failing = err != nil
}

// lead has o lead to those addresses. An endpoint that stays keeps its
// connections; one that is gone ends with the exchanges that it carries.
func (t *Target) lead(o *origin, ips []netip.Addr) {
	for i := range ips {
		ips[i] = ips[i].Unmap()
	}
	slices.SortFunc(ips, netip.Addr.Compare)
	ips = slices.Compact(ips)
	if len(ips) > 1 {
		if routed := slices.DeleteFunc(slices.Clone(ips), func(ip netip.Addr) bool { return !hasRoute(ip) }); len(routed) > 0 {
			ips = routed
		}
	}
	ips = ips[:min(len(ips), mostEndpoints)]

	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	var next []*endpoint
	for _, ip := range ips {
		address := net.JoinHostPort(ip.String(), o.port)
		at := slices.IndexFunc(o.endpoints, func(e *endpoint) bool { return e.address == address })
		if at >= 0 {
			next = append(next, o.endpoints[at])
			continue
		}
		if e, err := t.newEndpoint(o, address); err == nil { // its configuration was accepted before
			next = append(next, e)
		}
	}
	gone := slices.DeleteFunc(slices.Clone(o.endpoints), func(e *endpoint) bool { return slices.Contains(next, e) })
	if len(gone) == 0 && len(next) == len(o.endpoints) {
		return
	}
	o.endpoints = next
	t.enroll()
	for _, e := range gone {
		e.close()
	}
}

// hasRoute reports whether this machine has a way to ip at all: a name that has
// addresses of IPv6 too is common where there is none. Connecting a datagram
// socket sends nothing.
func hasRoute(ip netip.Addr) bool {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip, 9)))
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}
