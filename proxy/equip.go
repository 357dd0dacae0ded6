package proxy

import (
	"net/netip"

	"weir/proxy/http1"
	"weir/proxy/http2"
	"weir/proxy/relay"
	"weir/proxy/telemetry"
)

// equip gives a bound listener what it serves with.
func (p *Proxy) equip(s *station, l *Listener) error {
	s.gate, s.direction = p.engine, direction(l)
	s.count = p.metrics.Listener(l.Address())
	if s.certificate != nil {
		s.certificate.counted(s.count)
	}
	cfg := relay.Config{
		Gate: p.engine, Direction: s.direction, Forwarded: forwardedModes[p.cfg.Forwarded], Trust: trusting(p.cfg.Trust),
		Limits: p.cfg.Limits.http1(), Sweeper: p.sweeper, TunnelIdle: p.cfg.Limits.Stall, Log: p.log, Count: s.count,
		Durable: p.cfg.durable(), Tracing: p.cfg.tracing(),
	}
	var err error
	if l.Forward != "" {
		// `forwarded` is about the service: the world is told nothing of who asks.
		cfg.Forwarded = relay.ForwardedPass
		err = p.equipForward(s, &cfg)
	} else {
		cfg.Router, err = p.equipReverse(s, l)
	}
	if err != nil {
		return err
	}
	if s.relay, err = relay.New(cfg); err != nil {
		return err
	}
	s.http2, err = http2.NewServer(http2.Config{
		Limits: p.cfg.Limits.http2(), Serve: s.stream, Refused: s.refused, ErrorLog: p.log.Foreign("http2"),
	})
	return err
}

var forwardedModes = map[string]relay.Forwarded{
	"append": relay.ForwardedAppend, "pass": relay.ForwardedPass, "drop": relay.ForwardedDrop,
}

func (p *Proxy) equipReverse(s *station, l *Listener) (relay.Router, error) {
	hosts := &relay.Hosts{To: map[string]*relay.Target{}}
	for _, u := range l.To {
		cfg := p.target()
		cfg.Scheme, cfg.Resolve, cfg.Log = u.URLs[0].Scheme, p.cfg.Limits.Resolve, p.log
		for _, to := range u.URLs {
			cfg.Addresses = append(cfg.Addresses, address(to))
			cfg.Counts = append(cfg.Counts, p.metrics.Upstream(name(to)))
		}
		cfg.Forbidden = relay.Own([]netip.AddrPort{s.listener.Addr()}) // a listener that is its own upstream is a loop
		t, err := relay.NewTarget(cfg)
		if err != nil {
			return nil, err
		}
		s.targets = append(s.targets, t)
		s.closers = append(s.closers, t.Close)
		if u.Host == "" {
			hosts.Default = t
		} else {
			hosts.To[u.Host] = t
		}
	}
	return hosts, nil
}

func (p *Proxy) equipForward(s *station, cfg *relay.Config) error {
	own := relay.Own(p.addresses())
	forbidden := func(a netip.AddrPort) bool { return own(a) || relay.Reserved(a) }
	target := p.target()
	target.Forbidden = forbidden
	target.Counts = []*telemetry.Upstream{p.metrics.Upstream("")}
	anywhere, err := relay.NewAnywhere(relay.AnywhereConfig{Target: target})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, anywhere.Close)
	cfg.Router = anywhere
	cfg.Connect, err = newConnector(connectConfig{
		Forbidden: forbidden, Dial: p.opt.Dial, Resolver: p.opt.Resolver, Connect: p.cfg.Limits.Connect, Idle: p.cfg.Limits.Stall, Log: p.log,
	})
	return err
}

// addresses are all that weir itself listens on.
func (p *Proxy) addresses() []netip.AddrPort {
	var all []netip.AddrPort
	for _, s := range p.posts {
		all = append(all, s.listener.Addr())
	}
	if p.adminSocket != nil {
		all = append(all, p.adminSocket.Addr())
	}
	return all
}

// target is what every upstream is reached with.
func (p *Proxy) target() relay.TargetConfig {
	l := &p.cfg.Limits
	return relay.TargetConfig{
		Connect: l.Connect, Handshake: l.Handshake, Limits: l.http1(), Streams: l.http2(), Sweeper: p.sweeper,
		Connections: l.UpstreamConnections, IdleTimeout: l.UpstreamIdle, EjectAfter: l.EjectAfter, EjectFor: l.EjectFor,
		Dial: p.opt.Dial, Resolver: p.opt.Resolver,
	}
}

func (l *Limits) http1() http1.Limits {
	h := http1.Default()
	h.HeaderBytes, h.HeaderCount, h.URLBytes, h.TrailerBytes = l.HeaderBytes, l.HeaderCount, l.URLBytes, l.TrailerBytes
	h.ReadHead, h.Idle, h.Answer, h.Read, h.Write = l.ReadHead, l.Idle, l.Answer, l.Stall, l.Stall
	return h
}

func (l *Limits) http2() http2.Limits {
	h := http2.Default()
	h.HeaderBytes, h.HeaderCount, h.URLBytes, h.TrailerBytes, h.Streams = l.HeaderBytes, l.HeaderCount, l.URLBytes, l.TrailerBytes, l.Streams
	h.ReadHead, h.Idle, h.Answer, h.Read, h.Write = l.ReadHead, l.Idle, l.Answer, l.Stall, l.Stall
	return h
}
