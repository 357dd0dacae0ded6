package http1

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"weir/redact/raw"
)

// maxInformational bounds the 1xx responses before a final one.
const maxInformational = 64

// ClientConn is a connection to an upstream, for one exchange after the other.
// While one goroutine writes the request, another may read the response.
// Abort may be called from anywhere. Release ends its use, once both
// goroutines have come back.
type ClientConn struct {
	conn
	pool *Pool
	head head
	body body

	exchanges int
	to        asked
	upgrading bool
	wantClose bool
	answered  atomic.Bool // a byte of the response was read
	final     bool        // the final head was read
	persist   bool
	interim   int
	sent      atomic.Bool // the request is whole
	failed    atomic.Bool // the rest of the request will never be sent
	peeker    peeker

	// Of the pool.
	idle      bool
	idleSince int64
}

func (p *Pool) newClientConn(nc net.Conn) *ClientConn {
	c := &ClientConn{pool: p}
	c.init(nc, p.cfg.Limits, p.cfg.Sweeper, c)
	return c
}

// begin readies c for an exchange.
func (c *ClientConn) begin() {
	c.to, c.upgrading, c.wantClose, c.final, c.persist, c.interim = 0, false, false, false, false, 0
	c.answered.Store(false)
	c.sent.Store(false)
	c.failed.Store(false)
	c.body.done = false
	c.out.open = false
	c.exchanges++
}

// Reused reports whether the connection had carried an exchange before this one.
func (c *ClientConn) Reused() bool { return c.exchanges > 1 }

// WriteHead sends a request's head as HTTP/1.1. It waits for Flush, FinishRequest
// or a full buffer.
func (c *ClientConn) WriteHead(h *raw.Head) error {
	if c.out.open || c.sent.Load() {
		return errState
	}
	method, target := h.From.Peek(h.Method), h.From.Peek(h.Target)
	if !all(method, isToken) || !all(target, isTarget) {
		return errFieldLine
	}
	f := headFraming{close: h.Close, te: h.TE, upgrade: h.From.Peek(h.Upgrade), needHost: true}
	framing := h.Framing
	switch framing {
	case raw.NoBody:
	case raw.Length:
		f.length, f.needLength = h.Length, true
	case raw.Chunked, raw.Stream:
		framing = raw.Chunked
		f.length, f.coding = -1, true
	default:
		return errHead
	}
	if err := check(h, &f); err != nil {
		return err
	}
	switch {
	case string(method) == "HEAD":
		c.to = askedHead
	case string(method) == "CONNECT":
		c.to = askedConnect
	}
	c.upgrading, c.wantClose = len(f.upgrade) > 0, h.Close
	c.put(method)
	c.putString(" ")
	c.put(target)
	c.putString(" HTTP/1.1\r\n")
	c.putFields(h, &f)
	c.out.framing, c.out.none, c.out.left, c.out.open = framing, framing == raw.NoBody, h.Length, true
	return c.written(c.out.err)
}

// WriteBody sends payload; each call is one chunk where the body goes in chunks.
func (c *ClientConn) WriteBody(p []byte) error { return c.written(c.writeBody(p)) }

// Flush writes what is buffered.
func (c *ClientConn) Flush() error { return c.written(c.flush()) }

// FinishRequest ends the request: the last chunk with the lines of trailer,
// which may be nil, and a flush.
func (c *ClientConn) FinishRequest(trailer *raw.Head) error {
	if err := c.finish(trailer); err != nil {
		return c.written(err)
	}
	c.sent.Store(true)
	return nil
}

// written notes where the request comes to a halt: an answer to it is waited for
// no longer than one to a whole request.
func (c *ClientConn) written(err error) error {
	if err != nil {
		c.failed.Store(true)
	}
	return c.stale(err)
}

// stale turns the end of a reused connection that has not answered into ErrStale.
// After a write that failed so, ReadHead may still find an early answer.
func (c *ClientConn) stale(err error) error {
	if err != nil && c.Reused() && broken(err) && !c.answered.Load() {
		return ErrStale
	}
	return err
}

// ReadHead reads the next head of the response into m, which it resets: each
// informational one, then the final one. ErrStale is a reused connection that
// ended before it; io.ErrUnexpectedEOF one that ended within or, if it is
// fresh, before it. A *FramingError is a response that can't be followed.
func (c *ClientConn) ReadHead(m *raw.Message) error {
	if c.final {
		return errState
	}
	m.Reset()
	h := &c.head
	h.reset(c.lim, m, true)
	by := c.sw.due(c.lim.Answer, phaseAnswer)
	fresh := c.in.buffered() == 0
	for {
		if c.in.buffered() == 0 {
			if err := c.fill(by); err != nil {
				return c.stale(unexpected(err))
			}
		}
		if fresh {
			by, fresh = c.sw.due(c.lim.ReadHead, phaseHead), false
		}
		c.answered.Store(true)
		n, done, why := h.feed(c.in.window())
		c.in.advance(n)
		if why != 0 {
			return why.framing()
		}
		if done {
			return c.endHead(m)
		}
	}
}

func (c *ClientConn) endHead(m *raw.Message) error {
	h := &c.head
	if why := h.endResponse(c.to, c.upgrading); why != 0 {
		return why.framing()
	}
	if m.Status < 200 && m.Status != 101 {
		if c.interim++; c.interim > maxInformational {
			return tooManyInformational.framing()
		}
		return nil
	}
	c.final = true
	c.persist = h.persists() && m.Status != 101 && m.Framing != raw.UntilClose &&
		(c.to != askedConnect || m.Status >= 300)
	c.body.begin(&c.conn, m)
	return nil
}

// ReadBody reads payload of the response. io.EOF is its clean end; trailers then
// stand in the response's message. io.ErrUnexpectedEOF is a body that was cut, a
// *FramingError one that can't be followed.
func (c *ClientConn) ReadBody(p []byte) (int, error) {
	if !c.final {
		return 0, errState
	}
	return c.body.read(p)
}

// Buffered is how many bytes can be read without waiting, framing included.
func (c *ClientConn) Buffered() int { return c.in.buffered() }

// Takeover ends HTTP on the connection and returns it, after 101 or a CONNECT
// that succeeded. Releasing c has then no effect.
func (c *ClientConn) Takeover() (net.Conn, error) { return c.takeover() }

// Abort closes the connection at once.
func (c *ClientConn) Abort() { c.abort(false) }

// Release ends the exchange. The connection goes back to its pool if both
// messages ended cleanly, nothing stands behind the response and neither side wants it
// closed; else it is closed. c must not be used afterwards.
func (c *ClientConn) Release() {
	if c.final && c.body.done && c.sent.Load() && c.persist && !c.wantClose && c.out.err == nil &&
		c.in.buffered() == 0 && !c.closed.Load() && c.pool.put(c) {
		return
	}
	c.close()
}

// nothingHeld reports whether nothing stands between the socket and us that was
// not read. TLS takes more off the socket than it gives: the rest of a record,
// and records behind it, which a look at the socket doesn't see.
func (c *ClientConn) nothingHeld() bool {
	if c.bare {
		return true
	}
	// A deadline that has passed keeps the read from the socket, and TLS forgets it.
	if c.nc.SetReadDeadline(past) != nil {
		return false
	}
	var ne net.Error
	n, err := c.nc.Read(c.in.tiny[:])
	return n == 0 && errors.As(err, &ne) && ne.Timeout() && c.nc.SetReadDeadline(time.Time{}) == nil
}

func (c *ClientConn) close() {
	if c.leave() {
		_ = c.end.Close()
	}
	c.free()
}

// visit is the sweeper's look at the connection.
func (c *ClientConn) visit(now int64) int64 {
	if by := c.readBy.Load(); by != 0 && deadline(by) <= now && phase(by&phaseMask) == phaseAnswer {
		// The time for an answer counts from the last byte of the request.
		from := c.wrote.Load()
		if !c.sent.Load() && !c.failed.Load() {
			from = now
		}
		if until := (from+int64(c.lim.Answer))&^phaseMask | int64(phaseAnswer); deadline(until) > now {
			c.readBy.CompareAndSwap(by, until)
		}
	}
	next := c.expire(now)
	return min(next, c.pool.look(c, now))
}

func (c *ClientConn) String() string             { return raw.Placeholder }
func (c *ClientConn) GoString() string           { return raw.Placeholder }
func (c *ClientConn) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, raw.Placeholder) }
