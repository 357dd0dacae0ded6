package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"weir/proxy/http1"
	"weir/proxy/http2"
	"weir/proxy/telemetry"
)

// TargetConfig says what an upstream is and how it is reached.
type TargetConfig struct {
	// Scheme is "http", "https" or "h2c". An http upstream is spoken to in
	// HTTP/1.1, an h2c one in HTTP/2 with prior knowledge; an https one in
	// HTTP/1.1 for a client that speaks HTTP/1.x, for others in what it agrees to.
	Scheme string
	// Addresses are host:port, each an equal of the others.
	Addresses []string
	// TLS holds the roots and client certificates for https; nil is the system's
	// roots. The server name is the host of the address where none is given.
	TLS *tls.Config
	// Forbidden is asked of every address that a connection is opened to; nil
	// forbids none.
	Forbidden func(netip.AddrPort) bool
	// Connect bounds name resolution and connecting, and the wait for a connection
	// where Connections are in use; Handshake the TLS handshake. 10 s each where
	// they are 0.
	Connect, Handshake time.Duration
	// Connections is how many there may be to one endpoint at one time, 20,000 where
	// it is 0, and IdleTimeout how long an idle one is kept; 60 s where it is 0.
	Connections int
	IdleTimeout time.Duration
	// Resolve is how often names are resolved, in the background: each address
	// that a name has is an endpoint of its own then. Where it is 0 a name is one
	// endpoint and is resolved whenever a connection is opened.
	Resolve  time.Duration
	Resolver *net.Resolver // nil is that of this machine
	// EjectAfter is after how many failures one after the other an endpoint is
	// ejected, 3 where it is 0; EjectFor how long for the first time, 10 s where
	// it is 0.
	EjectAfter int
	EjectFor   time.Duration
	Limits     http1.Limits // zero: http1.Default
	Streams    http2.Limits
	Sweeper    *http1.Sweeper
	// Dial connects instead of the net package; Forbidden has no say then, and
	// names are Dial's to resolve. Nil for the net package.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Counts count attempts to reach each of Addresses; nil counts nothing.
	Counts []*telemetry.Upstream
	// Log is told of names that do not resolve and of ejections, with the address
	// as it is configured: nil where clients choose it.
	Log *telemetry.Log
}

// Validate reports what NewTarget would not accept.
func (c *TargetConfig) Validate() error {
	switch c.Scheme {
	case "http", "https", "h2c":
	default:
		return errors.New("relay: an upstream's scheme must be http, https or h2c")
	}
	if len(c.Addresses) == 0 {
		return errors.New("relay: an upstream needs an address")
	}
	for _, a := range c.Addresses {
		if host, port, err := net.SplitHostPort(a); err != nil || host == "" || port == "" {
			return errors.New("relay: an upstream's address must be host:port")
		}
	}
	switch {
	case c.TLS != nil && c.TLS.InsecureSkipVerify:
		return errors.New("relay: an upstream's certificate must be verified")
	case c.Sweeper == nil:
		return errors.New("relay: a target needs a sweeper")
	case c.Counts != nil && len(c.Counts) != len(c.Addresses):
		return errors.New("relay: not one counter for each address")
	case c.Connect < 0, c.Handshake < 0, c.IdleTimeout < 0, c.Connections < 0, c.Resolve < 0, c.EjectAfter < 0, c.EjectFor < 0:
		return errors.New("relay: a limit of an upstream is negative")
	}
	return nil
}

// Target is an upstream: its endpoints and the connections that are kept to them.
type Target struct {
	cfg       TargetConfig
	authority string // the first of Addresses, for a request that names no host
	dial      *dialer
	origins   []*origin
	born      time.Time
	turn      atomic.Uint32
	roster    atomic.Pointer[roster]
	mu        sync.Mutex // of who makes a roster
	closed    bool

	// Of the goroutine that resolves names, where there is one.
	known chan struct{} // closed when each name was resolved once, or was not
	kick  chan struct{} // resolve again soon
	stop  context.CancelFunc
}

// NewTarget returns a target that connects when it is first needed. Names are
// resolved from now on, until Close.
func NewTarget(cfg TargetConfig) (*Target, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.fill()
	t := &Target{cfg: cfg, authority: cfg.Addresses[0], dial: newDialer(&cfg), born: time.Now(),
		known: make(chan struct{}), kick: make(chan struct{}, 1)}
	names := false
	for i, a := range cfg.Addresses {
		o := newOrigin(&cfg, i)
		if cfg.Resolve > 0 && cfg.Dial == nil && !o.fixed {
			names = true
		} else {
			e, err := t.newEndpoint(o, a)
			if err != nil {
				return nil, err
			}
			o.fixed, o.endpoints = true, []*endpoint{e}
		}
		t.origins = append(t.origins, o)
	}
	t.enroll()
	var ctx context.Context
	ctx, t.stop = context.WithCancel(context.Background())
	if names {
		go t.resolve(ctx)
	} else {
		close(t.known)
	}
	return t, nil
}

func (c *TargetConfig) fill() {
	for _, d := range []struct {
		v  *time.Duration
		to time.Duration
	}{{&c.Connect, 10 * time.Second}, {&c.Handshake, 10 * time.Second}, {&c.IdleTimeout, time.Minute}, {&c.EjectFor, 10 * time.Second}} {
		if *d.v == 0 {
			*d.v = d.to
		}
	}
	for _, n := range []struct {
		v  *int
		to int
	}{{&c.Connections, 20000}, {&c.EjectAfter, 3}} {
		if *n.v == 0 {
			*n.v = n.to
		}
	}
	if c.Limits == (http1.Limits{}) {
		c.Limits = http1.Default()
	}
	c.Streams.Idle = c.IdleTimeout
}

// Close closes the connections that are idle; those in use end with their
// exchange. Who holds t can still use it, at the price of a connection each.
func (t *Target) Close() {
	t.stop()
	t.mu.Lock()
	t.closed = true
	all := t.roster.Load().all
	t.mu.Unlock()
	for _, e := range all {
		e.close()
	}
}

// State is what can be seen of one endpoint.
type State struct {
	Upstream string // host:port as configured
	Address  string // host:port that is connected to: the same, or resolved
	// Open counts its connections, idle ones included, Waiting the exchanges that
	// wait for one.
	Open, Idle, Waiting int
	Failures            int           // one after the other, until now
	Ejections           int           // since the start
	Ejected             time.Duration // how long it is still ejected; 0 where it is not
}

// State tells of each endpoint that there is at the moment.
func (t *Target) State() []State {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []State
	for _, e := range t.roster.Load().all {
		s := State{Upstream: e.origin.address, Address: e.address, Failures: int(e.fails.Load()), Ejections: e.ejections}
		s.Open, s.Idle, s.Waiting = e.one.Count()
		if until := e.until.Load(); until != 0 {
			s.Ejected = max(time.Duration(until-t.now()), 1)
		}
		all = append(all, s)
	}
	return all
}

// origin is one of a target's addresses, and the endpoints that it has.
type origin struct {
	address    string
	host, port string
	fixed      bool // it is not resolved in the background
	failing    bool // nor could it be when that was last tried
	tls        *tls.Config
	count      *telemetry.Upstream
	endpoints  []*endpoint
}

func newOrigin(cfg *TargetConfig, i int) *origin {
	o := &origin{address: cfg.Addresses[i]}
	o.host, o.port, _ = net.SplitHostPort(o.address) // Validate has looked at it
	_, err := netip.ParseAddr(o.host)
	o.fixed = err == nil
	if cfg.Counts != nil {
		o.count = cfg.Counts[i]
	}
	if cfg.Scheme == "https" {
		o.tls = &tls.Config{}
		if cfg.TLS != nil {
			o.tls = cfg.TLS.Clone()
		}
		if o.tls.ServerName == "" {
			o.tls.ServerName = o.host
		}
		o.tls.MinVersion = max(o.tls.MinVersion, tls.VersionTLS12)
	}
	return o
}

func (t *Target) newEndpoint(o *origin, address string) (*endpoint, error) {
	e := &endpoint{target: t, origin: o, address: address, asking: make(chan struct{}, 1)}
	if at, err := netip.ParseAddrPort(address); err == nil {
		e.ip = at.Addr()
	}
	cfg := &t.cfg
	var err error
	e.one, err = http1.NewPool(http1.PoolConfig{Dial: e.dialOne, Most: cfg.Connections, Wait: cfg.Connect, IdleTimeout: cfg.IdleTimeout,
		Limits: &cfg.Limits, Sweeper: cfg.Sweeper})
	if err == nil && cfg.Scheme != "http" {
		e.two, err = http2.NewClient(http2.ClientConfig{Limits: cfg.Streams, Dial: e.dialTwo, TLS: o.tls, Handshake: cfg.Handshake})
	}
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	if cfg.Scheme == "h2c" {
		e.speaks.Store(alsoTwo)
	}
	return e, nil
}
