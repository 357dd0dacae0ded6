package proxy

import (
	"context"
	"net"
	"time"

	"weir/policy/source"
	"weir/proxy/accesslog"
	"weir/proxy/http1"
	"weir/proxy/listen"
	"weir/proxy/otlp"
	"weir/proxy/telemetry"
	"weir/redact"
	"weir/redact/keys"
)

// Options are what a caller adds to weir.yaml.
type Options struct {
	// Version is weir's own, for its metrics.
	Version string
	// Log is weir's own log; nil writes nothing.
	Log *telemetry.Log
	// Dial reaches upstreams instead of the net package; nil for that.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Resolver resolves the names of upstreams; nil for this machine's.
	Resolver *net.Resolver
	// Tap is given every entry beside the sinks of weir.yaml.
	Tap redact.Sink
}

// Proxy is one instance of weir.
type Proxy struct {
	cfg     *Config
	opt     Options
	log     *telemetry.Log
	health  *telemetry.Health
	serving *telemetry.Check
	metrics *telemetry.Metrics
	policy  *reloader
	// descriptors may be nil.
	descriptors *descriptors
	ring        *keys.Ring
	sinks       []sink
	engine      *redact.Engine
	sweeper     *http1.Sweeper
	posts       []*station
	// certificates are those of posts, in their order.
	certificates []*certificate
	admin        *admin
	// What admin serves on; each may be nil.
	adminSocket *listen.Listener
	adminPath   net.Listener
	// What is told to collectors, nil where nothing is, and what of this process
	// is named there.
	push     *otlp.Push
	spans    *accesslog.Stream
	instance string

	// hurried ends when a drain is to wait no longer.
	hurried context.Context
	hurry   context.CancelFunc
}

// New opens everything that cfg names, or nothing. The error tells all that is
// wrong at once, located in the file that it is wrong in.
func New(cfg *Config, opt Options) (*Proxy, error) {
	p := &Proxy{cfg: cfg, opt: opt, log: opt.Log, health: telemetry.NewHealth()}
	p.hurried, p.hurry = context.WithCancel(context.Background())
	if err := p.open(); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// Addr is the bound address of the i-th listener of weir.yaml, from 0.
func (p *Proxy) Addr(i int) string { return p.posts[i].listener.Addr().String() }

// AdminAddr is the bound address of health and metrics, "" where there is none.
func (p *Proxy) AdminAddr() string {
	if p.adminSocket == nil {
		return ""
	}
	return p.adminSocket.Addr().String()
}

// Run serves until ctx ends, then drains: it is unready at once, refuses new
// connections a moment later, and returns when every exchange has ended or
// limits.drain has passed.
func (p *Proxy) Run(ctx context.Context) error {
	if p.admin != nil {
		p.admin.serve()
	}
	if p.push != nil {
		p.push.Start(p.cfg.Telemetry.Metrics.Every)
	}
	for _, s := range p.posts {
		s.conns.Go(s.serve)
		p.log.Info("listening", telemetry.Name("address", s.listener.Addr().String()), telemetry.Enum("direction", s.direction))
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go p.policy.watch(watching)
	go p.watchCertificates(watching)
	go p.descriptors.watch(watching)
	go p.watchKeys(watching)
	go p.retire(watching)
	p.serving.Set(true)
	p.log.Info("serving", telemetry.Int("listeners", len(p.posts)), telemetry.Name("service", p.cfg.Service),
		telemetry.Name("admin", p.AdminAddr()), telemetry.Name("policy", p.policy.now().Fingerprint()))
	<-ctx.Done()
	return p.drain()
}

// Reload reads the policy, the certificates, the descriptors and the key ring again. What is bad is
// told in weir's own log, and the last good one stays in use.
func (p *Proxy) Reload() {
	_ = p.policy.reload(true) // told by it, as by the next
	_ = p.reloadCertificates(true)
	_ = p.descriptors.reload(true)
	p.reloadKeys()
}

// Hurry has a drain, one under way or a later one, wait no longer: exchanges are
// cut off, and their entries written.
func (p *Proxy) Hurry() { p.hurry() }

func (p *Proxy) drain() error {
	p.health.Drain()
	p.log.Info("draining", telemetry.Duration("at_most", p.cfg.Limits.Drain))
	for _, s := range p.posts {
		s.drain()
	}
	// Load balancers take a moment to see that weir is unready.
	select {
	case <-time.After(min(time.Second, p.cfg.Limits.Drain/10)):
	case <-p.hurried.Done():
	}
	ctx, cancel := context.WithTimeout(p.hurried, p.cfg.Limits.Drain)
	defer cancel()
	cut := make(chan error, len(p.posts))
	for _, s := range p.posts {
		go func() { cut <- s.shutdown(ctx) }()
	}
	for range p.posts {
		if err := <-cut; err != nil {
			p.log.Warn("exchanges_cut_off")
		}
	}
	p.posts = nil
	err := p.close()
	p.log.Info("stopped")
	return err
}

// close releases what was opened, in the order in which it is no longer needed.
func (p *Proxy) close() error {
	for _, s := range p.posts {
		_ = s.shutdown(canceled())
	}
	if p.sweeper != nil {
		p.sweeper.Close()
	}
	var failed error
	for _, s := range p.sinks {
		if err := s.close(); err != nil {
			p.log.Error("log_not_closed", telemetry.ConfigErr(err))
			failed = err
		}
	}
	p.closeTelemetry()
	if p.admin != nil {
		p.admin.close()
	}
	if p.adminSocket != nil {
		_ = p.adminSocket.Close()
	}
	if p.adminPath != nil {
		_ = p.adminPath.Close()
	}
	return failed
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// refuse notes what is wrong with a value of weir.yaml.
func (p *Proxy) refuse(at source.Pos, err error, instead string) {
	p.cfg.file.Refuse(at, err.Error(), instead)
}
