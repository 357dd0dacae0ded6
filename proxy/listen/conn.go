package listen

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
)

// MaxPeek is how much can be peeked at: the largest ClientHello that is looked
// at and its record headers.
const MaxPeek = 16<<10 + 64

// ErrPeek is returned for more than MaxPeek.
var ErrPeek = errors.New("listen: more is asked for than can be peeked at")

// Conn is a connection whose first bytes can be looked at before they are read.
// It embeds net.Conn and no concrete type, whose promoted ReadFrom and WriteTo
// would pass by what was peeked. Read, Peek and Sniff belong to one goroutine.
type Conn struct {
	net.Conn
	early    []byte // peeked, not read yet: a part of store
	store    *[MaxPeek]byte
	peer     netip.AddrPort
	client   netip.AddrPort
	asked    bool // the PROXY header, or its absence, is known
	listener *Listener
	closed   atomic.Bool
}

// stores holds what is peeked at.
var stores = sync.Pool{New: func() any { return new([MaxPeek]byte) }}

// NewConn makes nc peekable. A *Conn is returned as it is.
func NewConn(nc net.Conn) *Conn {
	if c, ok := nc.(*Conn); ok {
		return c
	}
	c := &Conn{Conn: nc}
	if a, ok := nc.RemoteAddr().(*net.TCPAddr); ok {
		c.peer = plain(a.AddrPort())
	}
	c.client = c.peer
	return c
}

// Peer is who holds the connection.
func (c *Conn) Peer() netip.AddrPort { return c.peer }

// Client is who a PROXY header said is behind a trusted peer, else the peer.
// It is what Trust.Client is to be asked about, after Sniff.
func (c *Conn) Client() netip.AddrPort { return c.client }

// Read returns what was peeked at first.
func (c *Conn) Read(p []byte) (int, error) {
	if len(c.early) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.early)
	c.discard(n)
	return n, nil
}

// discard drops n bytes that were peeked at, and gives the store back with the last.
func (c *Conn) discard(n int) {
	c.early = c.early[n:]
	if len(c.early) == 0 {
		stores.Put(c.store)
		c.early, c.store = nil, nil
	}
}

// Peek returns at least the next n bytes without reading them, and whatever
// else has arrived with them. With an error it returns what there is. The bytes
// are valid until the next Read.
func (c *Conn) Peek(n int) ([]byte, error) {
	if n > MaxPeek {
		return c.early, ErrPeek
	}
	for len(c.early) < n {
		if err := c.fill(); err != nil {
			return c.early, err
		}
	}
	return c.early, nil
}

// fill reads once. What is left of an earlier peek moves to the front, so that
// MaxPeek bytes fit in every case.
func (c *Conn) fill() error {
	if c.store == nil {
		c.store = stores.Get().(*[MaxPeek]byte)
	}
	at := copy(c.store[:], c.early)
	n, err := c.Conn.Read(c.store[at:])
	c.early = c.store[:at+n]
	switch {
	case n > 0:
		return nil
	case err == nil:
		err = io.ErrNoProgress
	}
	if at == 0 {
		c.discard(0)
	}
	return err
}

// Buffered is the number of bytes that were peeked at and not read.
func (c *Conn) Buffered() int { return len(c.early) }

// NetConn is the connection beneath. Bytes that were peeked at are not in it.
func (c *Conn) NetConn() net.Conn { return c.Conn }

// CloseWrite tells the peer that nothing more will be sent.
func (c *Conn) CloseWrite() error {
	if h, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return errors.ErrUnsupported
}

// CloseRead drops what the peer goes on to send.
func (c *Conn) CloseRead() error {
	if h, ok := c.Conn.(interface{ CloseRead() error }); ok {
		return h.CloseRead()
	}
	return errors.ErrUnsupported
}

// SetLinger is that of the connection beneath: 0 makes Close send a reset.
func (c *Conn) SetLinger(seconds int) error {
	if h, ok := c.Conn.(interface{ SetLinger(int) error }); ok {
		return h.SetLinger(seconds)
	}
	return errors.ErrUnsupported
}

// SyscallConn is that of the connection beneath.
func (c *Conn) SyscallConn() (syscall.RawConn, error) {
	if s, ok := c.Conn.(syscall.Conn); ok {
		return s.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

// Close closes the connection; it may be called by any goroutine, and again.
func (c *Conn) Close() error {
	err := c.Conn.Close()
	if c.closed.CompareAndSwap(false, true) && c.listener != nil {
		c.listener.closed(c)
	}
	return err
}

// A connection holds addresses and what was peeked at, so it prints as neither.

func (c *Conn) String() string             { return placeholder }
func (c *Conn) GoString() string           { return placeholder }
func (c *Conn) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, placeholder) }

const placeholder = "[connection]"
