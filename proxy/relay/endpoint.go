package relay

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"weir/proxy/http1"
	"weir/proxy/http2"
	"weir/redact/raw"
)

// endpoint is one address of an upstream and the connections that are kept to it.
type endpoint struct {
	target  *Target
	origin  *origin
	address string      // host:port
	ip      netip.Addr  // of address, where that is no name
	one     *http1.Pool // holds the places of HTTP/2's connections too
	two     *http2.Client

	// What an https upstream was found to speak, how many connections of HTTP/2
	// there are, and the one on which the former was found out or which was
	// opened to have one, until net/http takes it.
	speaks atomic.Uint32
	live   atomic.Int32
	asking chan struct{} // held by who opens it
	mu     sync.Mutex
	spare  net.Conn

	// How it fares. fails counts failures one after the other. until is when it
	// may be tried again, in nanoseconds since the target was made; 0 where it is
	// not ejected.
	fails atomic.Int32
	until atomic.Int64
	// Of whoever holds the target's mu.
	trying    bool  // an exchange was sent to see whether it is back
	backAt    int64 // when it last came back
	streak    int   // ejections, the next one shortly after the last
	ejections int
}

const (
	notAsked uint32 = iota
	onlyOne
	alsoTwo
)

var alpn = []string{http2.ALPN, "http/1.1"}

// streams reports whether a client that speaks proto is to be carried over
// HTTP/2 where the upstream speaks it.
func (e *endpoint) streams(proto raw.Proto) bool {
	return e.two != nil && (e.target.cfg.Scheme == "h2c" || proto == raw.HTTP2)
}

// kept returns the upstream's side of an exchange with a client that speaks
// proto where that needs no waiting, else nil. A stream ends with ctx.
func (e *endpoint) kept(ctx context.Context, proto raw.Proto) Upstream {
	if e.streams(proto) {
		switch s := e.speaks.Load(); {
		case s == notAsked, s == alsoTwo && e.live.Load() == 0:
			return nil
		case s == alsoTwo:
			return e.two.Open(ctx)
		}
	}
	if up := e.one.Kept(); up != nil {
		return up
	}
	return nil // not a nil *ClientConn in an interface
}

// open is kept where there may be waiting, as long as ctx lasts. fresh asks for
// a connection that has carried nothing yet.
func (e *endpoint) open(ctx, streams context.Context, proto raw.Proto, fresh bool) (Upstream, error) {
	if e.streams(proto) {
		two, err := e.agree(ctx)
		switch {
		case err != nil:
			return nil, err
		case two:
			return e.two.Open(streams), nil
		}
		if c := e.spareOne(); c != nil {
			return e.one.Adopt(c), nil
		}
	}
	get := e.one.Get
	if fresh {
		get = e.one.Fresh
	}
	up, err := get(ctx)
	if err != nil {
		return nil, err
	}
	return up, nil
}

// agree reports whether the upstream speaks HTTP/2, and if it does sees to it
// that there is a connection: one that cannot be had is found out before anything
// of an exchange was used up.
func (e *endpoint) agree(ctx context.Context) (bool, error) {
	if err := e.ask(ctx); err != nil {
		return false, err
	}
	defer func() { <-e.asking }()
	switch s := e.speaks.Load(); {
	case s == onlyOne:
		return false, nil
	case s == alsoTwo && e.live.Load() > 0: // meanwhile
		return true, nil
	}
	if err := e.one.Take(ctx); err != nil {
		return false, err
	}
	c, err := e.connect(ctx, alpn, e.lives())
	if err != nil {
		return false, err
	}
	speaks := alsoTwo
	if e.target.cfg.Scheme == "https" && agreed(c) != http2.ALPN {
		speaks = onlyOne
	}
	e.keepSpare(c)
	e.speaks.Store(speaks)
	return speaks == alsoTwo, nil
}

// ask waits to be the one who opens, as long as connecting may last: they would
// wait in vain one after the other otherwise.
func (e *endpoint) ask(ctx context.Context) error {
	select {
	case e.asking <- struct{}{}:
		return nil
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, e.target.cfg.Connect)
	defer cancel()
	select {
	case e.asking <- struct{}{}:
		return nil
	case <-ctx.Done():
	}
	if err := context.Cause(ctx); err != context.DeadlineExceeded || !e.one.Full() {
		return err
	}
	return http1.ErrFull
}

// lives counts a connection that is for HTTP/2 until what it returns is called.
func (e *endpoint) lives() (ended func()) {
	e.live.Add(1)
	return func() { e.live.Add(-1) }
}

// agreed is the protocol that was agreed on with TLS.
func agreed(c net.Conn) string {
	if t, ok := c.(*tls.Conn); ok {
		return t.ConnectionState().NegotiatedProtocol
	}
	return ""
}

// forget has the upstream asked again what it speaks.
func (e *endpoint) forget() {
	if e.target.cfg.Scheme == "https" {
		e.speaks.Store(notAsked)
	}
}

// spareLife is how long a connection is kept for who comes next. Nobody looks at
// it meanwhile, and the upstream ends it when it has waited long enough.
const spareLife = time.Second

func (e *endpoint) keepSpare(c net.Conn) {
	e.mu.Lock()
	old := e.spare
	e.spare = c
	e.mu.Unlock()
	if old != nil {
		_ = old.Close()
	}
	time.AfterFunc(spareLife, func() {
		e.mu.Lock()
		unused := e.spare == c
		if unused {
			e.spare = nil
		}
		e.mu.Unlock()
		if unused {
			_ = c.Close()
		}
	})
}

func (e *endpoint) takeSpare() net.Conn {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.spare
	e.spare = nil
	return c
}

// spareOne takes the connection on which the upstream said that it speaks
// HTTP/1.1. It has a place: to wait for another could be to wait for its end.
func (e *endpoint) spareOne() net.Conn {
	c := e.takeSpare()
	if c != nil && agreed(c) == http2.ALPN { // it was asked again meanwhile
		_ = c.Close()
		return nil
	}
	return c
}

// dialOne connects for HTTP/1.1, in a place that is taken.
func (e *endpoint) dialOne(ctx context.Context) (net.Conn, error) {
	return e.connect(ctx, alpn[1:], nil)
}

// dialTwo connects for HTTP/2.
func (e *endpoint) dialTwo(ctx context.Context) (net.Conn, error) {
	if c := e.takeSpare(); c != nil {
		return c, nil
	}
	if err := e.one.Take(ctx); err != nil {
		return nil, err
	}
	return e.connect(ctx, alpn[:1], e.lives())
}

// connect opens a connection in a place that is taken, and leaves that where it
// fails or panics. ended is called when there is no connection any more.
func (e *endpoint) connect(ctx context.Context, protocols []string, ended func()) (opened net.Conn, err error) {
	var nc net.Conn
	defer func() {
		switch {
		case opened != nil:
		case nc != nil:
			_ = nc.Close()
		default:
			e.one.Leave()
			if ended != nil {
				ended()
			}
		}
	}()
	c, err := e.target.dial.plain(ctx, e.address)
	if err != nil {
		return nil, err
	}
	nc = e.one.Hold(c, ended)
	if e.origin.tls == nil {
		return nc, nil
	}
	return e.target.dial.secure(ctx, nc, e.origin.tls, protocols)
}

// close closes the connections that are idle.
func (e *endpoint) close() {
	e.one.Close()
	if e.two != nil {
		e.two.Close()
	}
	if c := e.takeSpare(); c != nil {
		_ = c.Close()
	}
}
