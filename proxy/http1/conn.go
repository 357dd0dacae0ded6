package http1

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// past is a deadline that has passed.
var past = time.Unix(1, 0)

// conn is a connection in either role. One goroutine at a time reads it, one at
// a time writes it; abort and the sweeper come from elsewhere.
type conn struct {
	nc   net.Conn
	base net.Conn // innermost: the socket itself
	end  net.Conn // what closes it without waiting: the outermost but for TLS
	// sock is the socket where there is one. clear says that writing it is the same
	// as writing nc. bare says so of reading, and is the reader's: until then
	// replay holds bytes that were read before us.
	sock   syscall.RawConn
	clear  bool
	bare   bool
	replay replayer

	lim *Limits
	sw  *Sweeper
	e   entry

	// Clock times with their phase in the low bits; 0 is none.
	readBy, writeBy atomic.Int64
	wrote           atomic.Int64 // when something was last written
	closed          atomic.Bool

	in  input
	out output
}

// replayer is a wrapper that gives bytes read early first and then what the
// connection under it gives, unchanged.
type replayer interface {
	NetConn() net.Conn
	Buffered() int
}

func (c *conn) init(nc net.Conn, lim *Limits, sw *Sweeper, owner swept) {
	c.nc, c.base, c.end, c.lim, c.sw = nc, nc, nc, lim, sw
	transparent := true
	for {
		under, ok := c.base.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		if r, ok := c.base.(replayer); ok && transparent && c.replay == nil {
			c.replay = r
		} else {
			transparent = false
		}
		c.base = under.NetConn()
		if _, ok := c.end.(*tls.Conn); ok { // its Close says goodbye first
			c.end = c.base
		}
	}
	if s, ok := c.base.(syscall.Conn); ok {
		c.sock, _ = s.SyscallConn()
	}
	c.clear = transparent && c.sock != nil
	if !c.clear {
		c.replay = nil
	}
	c.bare = c.clear && c.replay == nil
	c.in.try, c.out.try = c.tryRead, c.tryWrite
	c.e = entry{owner: owner, slot: -1}
	sw.add(&c.e)
}

// cut reports whether a connection under TLS ended, where TLS itself was not
// ended: what was read last may not be all.
func (c *conn) cut() bool {
	t, ok := c.nc.(*tls.Conn)
	if !ok {
		return false
	}
	h, ok := t.NetConn().(*held)
	return ok && h.cut.Load()
}

// armRead sets the time by which the next byte must have come.
func (c *conn) armRead(by int64) {
	c.readBy.Store(by)
	if deadline(by)-c.sw.clock.Load() < int64(period) {
		c.sw.hurry(&c.e, deadline(by))
	}
}

func (c *conn) armWrite() {
	by := c.sw.due(c.lim.Write, 0)
	c.writeBy.Store(by)
	if deadline(by)-c.sw.clock.Load() < int64(period) {
		c.sw.hurry(&c.e, deadline(by))
	}
}

// expire strikes where a deadline has passed and returns the next one. What it
// takes away, the connection's own goroutine finds gone when it comes back, and
// knows that its time was up.
func (c *conn) expire(now int64) (next int64) {
	next = never
	if by := c.readBy.Load(); by != 0 {
		if deadline(by) > now {
			next = deadline(by)
		} else if c.readBy.CompareAndSwap(by, 0) {
			_ = c.base.SetReadDeadline(past)
		}
	}
	if by := c.writeBy.Load(); by != 0 {
		if deadline(by) > now {
			next = min(next, deadline(by))
		} else if c.writeBy.CompareAndSwap(by, 0) {
			_ = c.base.SetWriteDeadline(past)
		}
	}
	return next
}

// leave ends the sweeper's care for c and reports whether this call did.
func (c *conn) leave() bool {
	if !c.closed.CompareAndSwap(false, true) {
		return false
	}
	c.sw.remove(&c.e)
	return true
}

// abort closes at once, from any goroutine: the peer gets a reset where reset
// is set, or where something it sent was not read.
func (c *conn) abort(reset bool) {
	if !c.leave() {
		return
	}
	if l, ok := c.base.(interface{ SetLinger(int) error }); ok && reset {
		_ = l.SetLinger(0)
	}
	_ = c.end.Close()
}

// free gives the buffers back. No other goroutine may be reading or writing.
func (c *conn) free() {
	c.in.release()
	c.out.release()
}

const bufferSize = 16 << 10

type buffer [bufferSize]byte

var buffers = sync.Pool{New: func() any { return new(buffer) }}
