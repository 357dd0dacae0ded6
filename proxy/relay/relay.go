package relay

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"weir/proxy/http1"
	"weir/proxy/listen"
	"weir/proxy/telemetry"
	"weir/redact/raw"
)

// Config is that of one listener's relay.
type Config struct {
	Gate      Gate
	Direction raw.Direction
	Router    Router
	// Forwarded says what becomes of the client's address in the request.
	Forwarded Forwarded
	// Trust says whose word on the client's address is believed.
	Trust listen.Trust
	// Connect serves CONNECT on a forward listener; nil refuses it, as every
	// reverse listener does.
	Connect ConnectHandler
	// Durable has each entry written before the end of its answer goes to the
	// client. Where the observer waits for the disk, what was answered is there.
	Durable bool
	Limits  http1.Limits // zero: http1.Default
	Sweeper *http1.Sweeper
	// TunnelIdle is how long an upgraded connection may be silent; 1 h where it is 0.
	TunnelIdle time.Duration
	// Tracing has spans made of exchanges; nil of none.
	Tracing *Tracing
	Log     *telemetry.Log // nil writes nothing
	// Count counts the listener's exchanges; nil counts nothing.
	Count *telemetry.Listener
}

// Validate reports what New would not accept.
func (c *Config) Validate() error {
	switch {
	case c.Gate == nil:
		return errors.New("relay: no gate")
	case c.Router == nil:
		return errors.New("relay: no router")
	case c.Sweeper == nil:
		return errors.New("relay: no sweeper")
	case c.Connect != nil && c.Direction != raw.Outbound:
		return errors.New("relay: only a forward listener can serve CONNECT")
	case c.TunnelIdle < 0:
		return errors.New("relay: the idle time of a tunnel is negative")
	case c.Forwarded > ForwardedDrop:
		return errors.New("relay: unknown forwarded mode")
	}
	if err := c.Tracing.validate(); err != nil {
		return err
	}
	if c.Limits == (http1.Limits{}) {
		return nil
	}
	return c.Limits.Validate()
}

// Relay carries the exchanges of one listener.
type Relay struct {
	cfg      Config
	ctx      context.Context // of dials and streams; ended by Shutdown's deadline
	cancel   context.CancelFunc
	draining atomic.Bool
	free     sync.Pool // of *journey

	mu   sync.Mutex
	live map[*seat]struct{}
	idle chan struct{} // closed while draining and live is empty
}

// New returns a relay that waits for connections.
func New(cfg Config) (*Relay, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Limits == (http1.Limits{}) {
		cfg.Limits = http1.Default()
	}
	if cfg.TunnelIdle == 0 {
		cfg.TunnelIdle = time.Hour
	}
	r := &Relay{cfg: cfg, live: make(map[*seat]struct{}), idle: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r, nil
}

// Drain lets every connection end with the exchange it carries: idle ones now.
// It returns at once and can be called again.
func (r *Relay) Drain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.draining.Swap(true) {
		return
	}
	for s := range r.live {
		if s.conn != nil {
			s.conn.Drain()
		}
	}
	r.settled()
}

// Shutdown drains, and returns when every exchange has ended and was observed.
// Where that lasts longer than ctx, the rest is cut off with the outcome
// stopped; the error is ctx's then.
func (r *Relay) Shutdown(ctx context.Context) error {
	r.Drain()
	select {
	case <-r.settling():
		r.cancel()
		return nil
	case <-ctx.Done():
	}
	r.mu.Lock()
	for s := range r.live {
		s.cut() // before its streams end with r's context, which would look like the upstream's doing
	}
	r.cancel()
	r.mu.Unlock()
	<-r.settling()
	return ctx.Err()
}

// enter puts s into Shutdown's reach. One that enters late is told at once.
func (r *Relay) enter(s *seat) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live[s] = struct{}{}
	if r.isSettled() { // until this one came
		r.idle = make(chan struct{})
	}
	if s.conn != nil && r.draining.Load() {
		s.conn.Drain()
	}
	if r.ctx.Err() != nil {
		s.cut()
	}
}

func (r *Relay) leave(s *seat) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.live, s)
	r.settled()
}

// settling is closed when nothing is left.
func (r *Relay) settling() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.idle
}

// settled tells Shutdown when nothing is left. It is called with mu held.
func (r *Relay) settled() {
	if r.draining.Load() && len(r.live) == 0 && !r.isSettled() {
		close(r.idle)
	}
}

// isSettled is called with mu held.
func (r *Relay) isSettled() bool {
	select {
	case <-r.idle:
		return true
	default:
		return false
	}
}
