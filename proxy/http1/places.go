package http1

import (
	"container/list"
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// ErrFull is returned where all connections that there may be stayed in use for
// as long as one is waited for.
var ErrFull = errors.New("http1: every connection is in use")

// waiter waits for a place, or where it takes one for a connection that
// somebody gives back. first is what it got, once ready is closed.
type waiter struct {
	kept  bool // an idle connection will do
	ready chan struct{}
	conn  *ClientConn
}

// Take waits for a place: the right to have one connection more. Whoever waits
// longest is served first. The place is given back by Leave, or by closing what
// Hold returned. The error is ErrFull or the cause of ctx's end.
func (p *Pool) Take(ctx context.Context) error {
	_, err := p.take(ctx, false)
	return err
}

// take is Take; where kept is set it may return a connection that was given
// back instead.
func (p *Pool) take(ctx context.Context, kept bool) (*ClientConn, error) {
	p.mu.Lock()
	for p.cfg.Most > 0 && p.open >= p.cfg.Most && len(p.idle) > 0 {
		if kept { // given back just now
			c := p.idle[len(p.idle)-1]
			p.remove(c)
			p.mu.Unlock()
			return c, nil
		}
		old := p.idle[0] // a fresh one takes its place, unless somebody else does
		p.remove(old)
		p.mu.Unlock()
		old.close()
		p.mu.Lock()
	}
	if p.cfg.Most == 0 || p.open < p.cfg.Most {
		p.open++
		p.crowded()
		p.mu.Unlock()
		return nil, nil
	}
	w := &waiter{kept: kept, ready: make(chan struct{})}
	at := p.queue.PushBack(w)
	p.mu.Unlock()

	t := time.NewTimer(p.cfg.Wait)
	defer t.Stop()
	err := ErrFull
	select {
	case <-w.ready:
		return w.conn, nil
	case <-t.C:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	p.mu.Lock()
	select {
	case <-w.ready: // just now
		p.mu.Unlock()
		return w.conn, nil
	default:
	}
	p.queue.Remove(at)
	p.mu.Unlock()
	return nil, err
}

// Leave gives a place back: to whoever waits longest, if anybody does.
func (p *Pool) Leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.first(); w != nil {
		p.serve(w, nil)
		return
	}
	p.open--
	p.crowded()
}

// first is who waits longest, nil where nobody does. It is called with mu held,
// as are serve and crowded.
func (p *Pool) first() *waiter {
	if at := p.queue.Front(); at != nil {
		return at.Value.(*waiter)
	}
	return nil
}

// serve gives w what it waits for: c, or a place where c is nil.
func (p *Pool) serve(w *waiter, c *ClientConn) {
	p.queue.Remove(p.queue.Front())
	w.conn = c
	close(w.ready)
}

// crowded notes whether who comes now would have to wait.
func (p *Pool) crowded() {
	if full := p.cfg.Most > 0 && p.open >= p.cfg.Most && len(p.idle) == 0; full != p.full.Load() {
		p.full.Store(full)
	}
}

// Full reports whether who asks for a connection now has to wait. It takes no lock.
func (p *Pool) Full() bool { return p.full.Load() }

// Count is how many connections there are, those that are being made and those
// that are taken over included, how many of them are idle, and how many who
// wait for one.
func (p *Pool) Count() (open, idle, waiting int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open, len(p.idle), p.queue.Len()
}

// Hold returns nc such that closing it gives back the place that was taken for
// it, and calls ended where that is not nil.
func (p *Pool) Hold(nc net.Conn, ended func()) net.Conn {
	return &held{Conn: nc, pool: p, ended: ended}
}

// held is a connection that holds a place.
type held struct {
	net.Conn
	pool  *Pool
	ended func()
	left  atomic.Bool
	cut   atomic.Bool // the peer ended its direction
}

// Read notes the end of the connection: TLS gives it for the end of what was
// said inside, which the peer has to announce (RFC 8446 section 6.1).
func (h *held) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	if err == io.EOF {
		h.cut.Store(true)
	}
	return n, err
}

// Close closes the connection, and leaves its place the first time.
func (h *held) Close() error {
	err := h.Conn.Close()
	if !h.left.Swap(true) {
		h.pool.Leave()
		if h.ended != nil {
			h.ended()
		}
	}
	return err
}

// NetConn and Buffered say that reading the connection itself is the same.
func (h *held) NetConn() net.Conn { return h.Conn }
func (h *held) Buffered() int     { return 0 }

// CloseWrite ends our direction; where the connection has no such thing, it closes.
func (h *held) CloseWrite() error {
	if w, ok := h.Conn.(closeWriter); ok {
		return w.CloseWrite()
	}
	return h.Close()
}

// CloseRead ends the peer's direction, where the connection has such a thing.
func (h *held) CloseRead() error {
	if r, ok := h.Conn.(interface{ CloseRead() error }); ok {
		return r.CloseRead()
	}
	return nil
}

// queue is of those who wait, the longest first.
type queue = list.List
