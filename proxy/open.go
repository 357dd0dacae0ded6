package proxy

import (
	"cmp"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"weir/policy"
	"weir/proxy/http1"
	"weir/proxy/http2"
	"weir/proxy/listen"
	"weir/proxy/relay"
	"weir/proxy/telemetry"
	"weir/redact"
	"weir/redact/category"
	"weir/redact/keys"
	"weir/redact/raw"
)

// open opens everything. What is wrong is noted with its position and the next
// thing is tried, so that all of it is told at once.
func (p *Proxy) open() error {
	first, policyErr := policy.Load(p.cfg.Policy)
	if policyErr == nil {
		policyErr = p.cfg.accept(first)
	}
	p.bind()
	if err := p.measure(); err != nil {
		return err
	}
	p.openSinks()
	p.openTelemetry()
	p.openKeys()
	p.openDescriptors()
	policyErr = p.cfg.unread(policyErr)
	if err := errors.Join(p.cfg.file.Err(), policyErr); err != nil {
		return err
	}
	p.policy = &reloader{path: p.cfg.Policy, log: p.log, metrics: p.metrics, service: p.cfg.Service, accept: p.cfg.accept, taken: p.taken}
	if err := p.policy.use(first); err != nil {
		p.refuse(p.cfg.at.keys, err, "a ring that has this policy's retention classes")
		return p.cfg.file.Err()
	}
	if err := p.start(); err != nil {
		return err
	}
	p.serving = p.health.Check("serving", "")
	return nil
}

// bind takes every address that is listened on.
func (p *Proxy) bind() {
	trust := trusting(p.cfg.Trust)
	for i := range p.cfg.Listen {
		l := &p.cfg.Listen[i]
		s := &station{certificate: p.cfg.certificate(l, p.log), allow: trusting(l.Allow), sniff: p.cfg.Limits.ReadHead, handshake: p.cfg.Limits.Handshake, log: p.log}
		var err error
		s.listener, err = listen.Listen(listen.Config{
			Address: l.Address(), Trust: trust, MaxConns: p.cfg.Limits.Connections, MaxClientConns: p.cfg.Limits.ClientConnections,
			Refused: s.refusedConn, Failing: p.acceptFailing,
		})
		if err != nil {
			p.refuse(l.at, err, "") // it says itself what to do
			continue
		}
		p.posts = append(p.posts, s)
		if s.certificate != nil {
			p.certificates = append(p.certificates, s.certificate)
		}
	}
	p.bindAdmin(&p.cfg.Admin)
}

// bindAdmin takes what health, metrics and the rest are asked for at.
func (p *Proxy) bindAdmin(a *Admin) {
	var err error
	if a.Listen != "" {
		if p.adminSocket, err = listen.Listen(listen.Config{Address: a.Listen, MaxConns: 256}); err != nil {
			p.refuse(a.listenAt, err, "")
		}
	}
	if a.Socket != "" {
		if p.adminPath, err = openSocket(a.Socket); err != nil {
			p.refuse(a.at, err, "the path of a socket in a folder that weir can write to")
		}
	}
	if err := a.check(); err != nil {
		p.refuse(a.at, err, "a file that weir alone can read")
	}
}

func (p *Proxy) acceptFailing(err error) { p.log.Warn("accept_failing", telemetry.Err(err)) }

func trusting(prefixes []netip.Prefix) listen.Trust {
	entries := make([]string, len(prefixes))
	for i, n := range prefixes {
		entries[i] = n.String()
	}
	t, _ := listen.ParseTrust(entries) // prefixes are well-formed
	return t
}

// measure makes the metrics, whose labels are all fixed here.
func (p *Proxy) measure() error {
	cfg := telemetry.MetricsConfig{Service: p.cfg.Service, Version: p.opt.Version, Log: p.log, Health: p.health, Categories: category.All()}
	for i := range p.cfg.Listen {
		l := &p.cfg.Listen[i]
		cfg.Listeners = append(cfg.Listeners, telemetry.ListenerLabels{Name: l.Address(), Direction: direction(l).String(), Scheme: scheme(l)})
		for _, u := range l.To {
			for _, to := range u.URLs {
				if !slices.Contains(cfg.Upstreams, name(to)) {
					cfg.Upstreams = append(cfg.Upstreams, name(to))
				}
			}
		}
	}
	for i := range p.cfg.Log {
		cfg.Sinks = append(cfg.Sinks, p.cfg.Log[i].name())
	}
	for o := range raw.OutcomeCount {
		cfg.Outcomes = append(cfg.Outcomes, raw.Outcome(o).String())
	}
	for v := range raw.ProtoCount {
		cfg.Protocols = append(cfg.Protocols, raw.Proto(v).String())
	}
	cfg.Reasons = slices.Concat(http1.Reasons(), http2.Reasons(), relay.Reasons, []string{redact.LogFull})
	slices.Sort(cfg.Reasons)
	cfg.Reasons = slices.Compact(cfg.Reasons)
	for s := range redact.StageCount {
		cfg.Stages = append(cfg.Stages, redact.Stage(s).String())
	}
	var err error
	p.metrics, err = telemetry.NewMetrics(cfg)
	return err
}

func direction(l *Listener) raw.Direction {
	if l.Forward != "" {
		return raw.Outbound
	}
	return raw.Inbound
}

// scheme is what clients of a listener speak.
func scheme(l *Listener) string {
	if l.TLS != nil {
		return "https"
	}
	return "http"
}

func (p *Proxy) openKeys() {
	var err error
	if p.ring, err = keys.Open(keys.Config{Dir: p.cfg.Keys.Dir, External: p.cfg.Keys.External}); err != nil {
		p.refuse(p.cfg.at.keys, err, "") // it says itself what to do
	}
}

// taken makes the ring ready for every retention class that a policy can give.
func (p *Proxy) taken(next *policy.Policy) error {
	for _, r := range next.Retentions() {
		if err := p.ring.Class(r.Class, r.Keep); err != nil {
			return err
		}
	}
	return nil
}

// start makes what works between the listeners and the log.
func (p *Proxy) start() error {
	sinks := make([]redact.Sink, 0, len(p.sinks)+1)
	for _, s := range p.sinks {
		sinks = append(sinks, s)
	}
	if p.spans != nil {
		sinks = append(sinks, spans{p.spans})
	}
	if p.opt.Tap != nil {
		sinks = append(sinks, p.opt.Tap)
	}
	var err error
	p.engine, err = redact.New(redact.Config{
		Decider: func() redact.Decider { return p.policy.now() },
		Service: p.cfg.Service, Hosts: p.cfg.Hosts(), Keys: p.ring, Sinks: sinks, Strict: p.cfg.Strict, Metrics: counted{p.metrics},
		Descriptors: p.descriptors.now,
	})
	if err != nil {
		return err
	}
	p.sweeper = http1.NewSweeper()
	for i, s := range p.posts {
		if err := p.equip(s, &p.cfg.Listen[i]); err != nil {
			return err
		}
	}
	all := p.reaches()
	watch(p.metrics, all)
	if p.adminSocket != nil || p.adminPath != nil {
		more := &desk{upstreams: func() []seen { return look(all) }, reload: func() (string, []error) {
			refused := p.reloadCertificates(true)
			if err := p.policy.reload(true); err != nil {
				refused = append([]error{err}, refused...)
			}
			if err := p.descriptors.reload(true); err != nil {
				refused = append(refused, err)
			}
			return p.policy.now().Fingerprint(), refused
		}}
		p.admin = newAdmin(&p.cfg.Admin, p.adminSocket, p.adminPath, p.health.Handler(p.metrics.Handler()), more, p.log)
	}
	return nil
}

// counted lets the engine count in the process's metrics.
type counted struct{ *telemetry.Metrics }

func (c counted) Fault(s redact.Stage) { c.Metrics.Fault(s.String()) }

// Hosts are those of the service itself, which may be written whole.
func (c *Config) Hosts() []string {
	var all []string
	for i := range c.Listen {
		for _, u := range c.Listen[i].To {
			if u.Host != "" {
				all = append(all, u.Host)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// name is an upstream in metrics: as configured, without a final slash.
func name(to *url.URL) string { return strings.TrimSuffix(to.String(), "/") }

// address is host:port of an upstream.
func address(to *url.URL) string {
	port := cmp.Or(to.Port(), map[string]string{"https": "443"}[to.Scheme], "80")
	return net.JoinHostPort(to.Hostname(), port)
}
