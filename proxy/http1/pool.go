package http1

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// PoolConfig says how connections to one upstream are made and kept.
type PoolConfig struct {
	// Dial makes a connection, TLS handshake included, in the place that was
	// taken for it: the socket under it is what Hold returned, and where there is
	// none the place was left. Required.
	Dial    func(context.Context) (net.Conn, error)
	Limits  *Limits  // required
	Sweeper *Sweeper // required
	// Most is how many connections there may be at one time, idle ones included; 0
	// is no bound. Wait is how long one is waited for beyond that.
	Most int
	Wait time.Duration
	// IdleTimeout is how long an idle connection is kept; 0 is for ever.
	IdleTimeout time.Duration
}

// Validate reports what is missing.
func (c *PoolConfig) Validate() error {
	switch {
	case c.Dial == nil || c.Limits == nil || c.Sweeper == nil:
		return errors.New("http1: a pool needs Dial, Limits and Sweeper")
	case c.Most < 0 || c.Wait < 0 || c.IdleTimeout < 0:
		return fmt.Errorf("http1: most %d, wait %v and idle timeout %v must not be negative", c.Most, c.Wait, c.IdleTimeout)
	}
	return c.Limits.Validate()
}

// Pool keeps the idle connections to one upstream; the last used is used first.
type Pool struct {
	cfg    PoolConfig
	mu     sync.Mutex
	idle   []*ClientConn
	open   int   // places taken
	queue  queue // of *waiter; while there are any, idle is empty
	full   atomic.Bool
	closed bool
}

// NewPool makes a pool. It dials nothing.
func NewPool(cfg PoolConfig) (*Pool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Pool{cfg: cfg}, nil
}

// Kept returns an idle connection, nil where there is none. One that the upstream
// closed meanwhile, or wrote to unasked, is not returned.
func (p *Pool) Kept() *ClientConn {
	for {
		p.mu.Lock()
		n := len(p.idle)
		if n == 0 {
			p.mu.Unlock()
			return nil
		}
		c := p.idle[n-1]
		p.idle[n-1] = nil
		p.idle = p.idle[:n-1]
		c.idle = false
		p.crowded()
		p.mu.Unlock()
		if c.good() {
			return c
		}
	}
}

// good readies a connection that was idle. It closes one that is no good any more.
func (c *ClientConn) good() bool {
	// Also right after its last use: a body behind a response to HEAD must not
	// become the next response's head.
	if c.peeker.quiet(c.sock) && c.nothingHeld() {
		c.begin()
		return true
	}
	c.close()
	return false
}

// Get returns an idle connection, else a fresh one, for which it waits where
// there are as many as there may be. ctx is for waiting and dialling alone. The
// error is Take's or Dial's.
func (p *Pool) Get(ctx context.Context) (*ClientConn, error) {
	for {
		if c := p.Kept(); c != nil {
			return c, nil
		}
		c, err := p.take(ctx, true)
		if err != nil {
			return nil, err
		}
		if c == nil {
			return p.dial(ctx)
		}
		if c.good() {
			return c, nil
		}
	}
}

// Fresh returns a connection that was not used before. The error is Take's or Dial's.
func (p *Pool) Fresh(ctx context.Context) (*ClientConn, error) {
	if err := p.Take(ctx); err != nil {
		return nil, err
	}
	return p.dial(ctx)
}

// dial makes a connection in the place that was taken.
func (p *Pool) dial(ctx context.Context) (*ClientConn, error) {
	nc, err := p.cfg.Dial(ctx)
	if err != nil {
		return nil, err
	}
	return p.Adopt(nc), nil
}

// Adopt readies a connection that Dial did not make, in the place that it holds.
func (p *Pool) Adopt(nc net.Conn) *ClientConn {
	c := p.newClientConn(nc)
	c.begin()
	return c
}

// put keeps c, or gives it to whoever waits for one. One who waits for a fresh
// connection gets c's place instead, when it is closed, and so does everybody where
// c is no good any more: who was given it would lose the turn.
func (p *Pool) put(c *ClientConn) bool {
	c.free()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	if w := p.first(); w != nil {
		if !w.kept || !c.peeker.quiet(c.sock) {
			return false
		}
		p.serve(w, c)
		return true
	}
	c.idle, c.idleSince = true, c.sw.clock.Load()
	p.idle = append(p.idle, c)
	p.crowded()
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
	drop := c.idle && (next <= now || !c.peeker.quiet(c.sock))
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
	p.crowded()
}

// Idle is the number of idle connections.
func (p *Pool) Idle() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.idle)
}

// Close closes the idle connections, and those in use when they are released.
// Who asks for one from now on gets a fresh one.
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
