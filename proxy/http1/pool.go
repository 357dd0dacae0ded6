package http1

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// PoolConfig says how connections to one upstream are made and kept.
type PoolConfig struct {
	// Dial makes a connection, TLS handshake included. Required.
	Dial    func(context.Context) (net.Conn, error)
	Limits  *Limits  // required
	Sweeper *Sweeper // required
	// MaxIdle is how many idle connections are kept, IdleTimeout how long; 0 is
	// none, and for ever.
	MaxIdle     int
	IdleTimeout time.Duration
}

// Validate reports what is missing.
func (c *PoolConfig) Validate() error {
	switch {
	case c.Dial == nil || c.Limits == nil || c.Sweeper == nil:
		return errors.New("http1: a pool needs Dial, Limits and Sweeper")
	case c.MaxIdle < 0 || c.IdleTimeout < 0:
		return fmt.Errorf("http1: max idle %d and idle timeout %v must not be negative", c.MaxIdle, c.IdleTimeout)
	}
	return c.Limits.Validate()
}

// Pool keeps the idle connections to one upstream; the last used is used first.
type Pool struct {
	cfg    PoolConfig
	mu     sync.Mutex
	idle   []*ClientConn
	closed bool
}

// NewPool makes a pool. It dials nothing.
func NewPool(cfg PoolConfig) (*Pool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Pool{cfg: cfg}, nil
}

// Get returns an idle connection, else a fresh one. ctx is for dialling alone.
// One that the upstream closed meanwhile, or wrote to unasked, is not returned.
// The error is Dial's.
func (p *Pool) Get(ctx context.Context) (*ClientConn, error) {
	for {
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return nil, errPoolClosed
		}
		n := len(p.idle)
		if n == 0 {
			p.mu.Unlock()
			return p.Fresh(ctx)
		}
		c := p.idle[n-1]
		p.idle[n-1] = nil
		p.idle = p.idle[:n-1]
		c.idle = false
		p.mu.Unlock()
		// Also right after its last use: a body behind a response to HEAD must not
		// become the next response's head.
		if c.prober.probe(c.sock) == quiet && c.nothingHeld() {
			c.begin()
			return c, nil
		}
		c.close()
	}
}

// Fresh returns a connection that was not used before.
func (p *Pool) Fresh(ctx context.Context) (*ClientConn, error) {
	nc, err := p.cfg.Dial(ctx)
	if err != nil {
		return nil, err
	}
	c := p.newClientConn(nc)
	c.begin()
	return c, nil
}

// put keeps c if there is room.
func (p *Pool) put(c *ClientConn) bool {
	c.free()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle) >= p.cfg.MaxIdle {
		return false
	}
	c.idle, c.idleSince = true, c.sw.clock.Load()
	p.idle = append(p.idle, c)
	return true
}

// look closes c if it is idle and has been for too long, or if the upstream
// ended it or wrote to it.
func (p *Pool) look(c *ClientConn, now int64) (next int64) {
	p.mu.Lock()
	next = never
	if c.idle && p.cfg.IdleTimeout > 0 {
		next = c.idleSince + int64(p.cfg.IdleTimeout)
	}
	drop := c.idle && (next <= now || c.prober.probe(c.sock) != quiet)
	if drop {
		p.remove(c)
	}
	p.mu.Unlock()
	if drop {
		c.close()
	}
	return next
}

func (p *Pool) remove(c *ClientConn) {
	for i, other := range p.idle {
		if other == c {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			break
		}
	}
	c.idle = false
}

// Idle is the number of idle connections.
func (p *Pool) Idle() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.idle)
}

// Close closes the idle connections, and those in use when they are released.
func (p *Pool) Close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	for _, c := range idle {
		c.idle = false
	}
	p.mu.Unlock()
	for _, c := range idle {
		c.close()
	}
}
