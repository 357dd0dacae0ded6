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
	"weir/redact/raw"
)

// TargetConfig says what an upstream is and how it is reached.
type TargetConfig struct {
	// Scheme is "http", "https" or "h2c". An http upstream is spoken to in
	// HTTP/1.1, an h2c one in HTTP/2 with prior knowledge; an https one in
	// HTTP/1.1 for a client that speaks HTTP/1.x, for others in what it agrees to.
	Scheme string
	// Address is host:port.
	Address string
	// TLS holds the roots and client certificates for https; nil is the system's
	// roots. The server name is the host of Address where none is given.
	TLS *tls.Config
	// Forbidden is asked of every address that Address resolves to; nil forbids none.
	Forbidden func(netip.AddrPort) bool
	// Connect bounds name resolution and connecting, Handshake the TLS
	// handshake; 10 s each where they are 0.
	Connect, Handshake time.Duration
	// MaxIdle is how many idle HTTP/1.1 connections are kept, 256 where it is 0,
	// IdleTimeout how long; 30 s where it is 0.
	MaxIdle     int
	IdleTimeout time.Duration
	Limits      http1.Limits // zero: http1.Default
	Streams     http2.Limits
	Sweeper     *http1.Sweeper
	// Dial connects instead of the net package; Forbidden has no say then. Nil
	// for the net package.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Count counts attempts to reach the upstream; nil counts nothing.
	Count *telemetry.Upstream
}

// Validate reports what NewTarget would not accept.
func (c *TargetConfig) Validate() error {
	switch c.Scheme {
	case "http", "https", "h2c":
	default:
		return errors.New("relay: an upstream's scheme must be http, https or h2c")
	}
	host, port, err := net.SplitHostPort(c.Address)
	if err != nil || host == "" || port == "" {
		return errors.New("relay: an upstream's address must be host:port")
	}
	switch {
	case c.TLS != nil && c.TLS.InsecureSkipVerify:
		return errors.New("relay: an upstream's certificate must be verified")
	case c.Sweeper == nil:
		return errors.New("relay: a target needs a sweeper")
	case c.Connect < 0, c.Handshake < 0, c.IdleTimeout < 0, c.MaxIdle < 0:
		return errors.New("relay: a limit of an upstream is negative")
	}
	return nil
}

// Target is an upstream and the connections that are kept to it.
type Target struct {
	scheme    string
	authority string // Address, for a request that names no host
	dial      *dialer
	count     *telemetry.Upstream
	one       *http1.Pool
	two       *http2.Client

	// What an https upstream was found to speak, and the connection on which
	// that was found out, until someone takes it.
	speaks atomic.Uint32
	closed atomic.Bool
	mu     sync.Mutex
	spare  *tls.Conn
}

const (
	notAsked uint32 = iota
	onlyOne
	alsoTwo
)

var alpn = []string{http2.ALPN, "http/1.1"}

// NewTarget returns a target that connects when it is first needed.
func NewTarget(cfg TargetConfig) (*Target, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.fill()
	t := &Target{scheme: cfg.Scheme, authority: cfg.Address, dial: newDialer(&cfg), count: cfg.Count}
	if cfg.Scheme == "https" {
		host, _, _ := net.SplitHostPort(cfg.Address) // Validate has looked at it
		t.dial.tls = &tls.Config{}
		if cfg.TLS != nil {
			t.dial.tls = cfg.TLS.Clone()
		}
		if t.dial.tls.ServerName == "" {
			t.dial.tls.ServerName = host
		}
		t.dial.tls.MinVersion = max(t.dial.tls.MinVersion, tls.VersionTLS12)
	}
	var err error
	if cfg.Scheme != "h2c" {
		t.one, err = http1.NewPool(http1.PoolConfig{Dial: t.dialOne, MaxIdle: cfg.MaxIdle, IdleTimeout: cfg.IdleTimeout,
			Limits: &cfg.Limits, Sweeper: cfg.Sweeper})
		if err != nil {
			return nil, fmt.Errorf("relay: %w", err)
		}
	}
	if cfg.Scheme != "http" {
		t.two, err = http2.NewClient(http2.ClientConfig{Limits: cfg.Streams, Dial: t.dialTwo, TLS: t.dial.tls, Handshake: cfg.Handshake})
		if err != nil {
			return nil, fmt.Errorf("relay: %w", err)
		}
	}
	return t, nil
}

func (c *TargetConfig) fill() {
	for _, d := range []struct {
		v  *time.Duration
		to time.Duration
	}{{&c.Connect, 10 * time.Second}, {&c.Handshake, 10 * time.Second}, {&c.IdleTimeout, 30 * time.Second}} {
		if *d.v == 0 {
			*d.v = d.to
		}
	}
	if c.MaxIdle == 0 {
		c.MaxIdle = 256
	}
	if c.Limits == (http1.Limits{}) {
		c.Limits = http1.Default()
	}
}

// Close closes the connections that are idle; those in use end with their exchange.
func (t *Target) Close() {
	t.closed.Store(true)
	if t.one != nil {
		t.one.Close()
	}
	if t.two != nil {
		t.two.Close()
	}
	if c := t.takeSpare(); c != nil {
		_ = c.Close()
	}
}

// open returns the upstream's side of an exchange with a client that speaks
// proto. fresh asks for a connection that has carried nothing yet.
func (t *Target) open(ctx context.Context, proto raw.Proto, fresh bool) (Upstream, error) {
	two := t.scheme == "h2c"
	if t.scheme == "https" && proto == raw.HTTP2 {
		var err error
		if two, err = t.agree(ctx); err != nil {
			return nil, err
		}
	}
	if two {
		return t.two.Open(ctx), nil
	}
	get := t.one.Get
	if fresh || t.closed.Load() {
		get = t.one.Fresh
	}
	up, err := get(ctx)
	if err != nil && t.closed.Load() && !fresh { // just now
		up, err = t.one.Fresh(ctx)
	}
	if err != nil {
		return nil, err // not a nil *ClientConn in an interface
	}
	return up, nil
}

// tell counts one attempt to reach the upstream.
func (t *Target) tell(up Upstream, err error) {
	switch {
	case t.count == nil:
	case err != nil:
		t.count.Failed.Add(1)
	case up.Reused():
		t.count.Reused.Add(1)
	default:
		t.count.Fresh.Add(1)
	}
}

// agree reports whether the upstream speaks HTTP/2. Where that is not known it
// is asked by connecting, and the connection is kept for who comes next.
func (t *Target) agree(ctx context.Context) (bool, error) {
	if s := t.speaks.Load(); s != notAsked {
		return s == alsoTwo, nil
	}
	c, err := t.dial.secure(ctx, alpn)
	if err != nil {
		return false, err
	}
	speaks := onlyOne
	if c.ConnectionState().NegotiatedProtocol == http2.ALPN {
		speaks = alsoTwo
	}
	t.keepSpare(c)
	t.speaks.Store(speaks)
	return speaks == alsoTwo, nil
}

// spareLife is how long a connection is kept for who comes next. Nobody looks at
// it meanwhile, and the upstream ends it when it has waited long enough.
const spareLife = time.Second

func (t *Target) keepSpare(c *tls.Conn) {
	t.mu.Lock()
	old := t.spare
	t.spare = c
	t.mu.Unlock()
	if old != nil {
		_ = old.Close()
	}
	time.AfterFunc(spareLife, func() {
		t.mu.Lock()
		unused := t.spare == c
		if unused {
			t.spare = nil
		}
		t.mu.Unlock()
		if unused {
			_ = c.Close()
		}
	})
}

// forget has the upstream asked again what it speaks.
func (t *Target) forget() { t.speaks.Store(notAsked) }

func (t *Target) takeSpare() *tls.Conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.spare
	t.spare = nil
	return c
}

// dialOne connects for HTTP/1.1.
func (t *Target) dialOne(ctx context.Context) (net.Conn, error) {
	if t.scheme != "https" {
		return t.dial.plain(ctx)
	}
	if c := t.takeSpare(); c != nil {
		if c.ConnectionState().NegotiatedProtocol != http2.ALPN {
			return c, nil
		}
		_ = c.Close()
	}
	return t.dial.secure(ctx, alpn[1:])
}

// dialTwo connects for HTTP/2.
func (t *Target) dialTwo(ctx context.Context) (net.Conn, error) {
	if t.scheme == "h2c" {
		return t.dial.plain(ctx)
	}
	if c := t.takeSpare(); c != nil {
		return c, nil
	}
	return t.dial.secure(ctx, alpn[:1])
}
