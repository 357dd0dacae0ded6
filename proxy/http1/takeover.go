package http1

import (
	"fmt"
	"io"
	"net"

	"weir/redact/raw"
)

// Tunnel is a connection that HTTP has ended on: what was read early comes
// first, then the rest. It passes half-closes on where the connection under it
// has them. It doesn't embed *net.TCPConn, whose ReadFrom and WriteTo would
// bypass Read.
type Tunnel struct {
	net.Conn
	early []byte
}

func (c *conn) takeover() (net.Conn, error) {
	if c.flush() != nil {
		return nil, c.out.err
	}
	if !c.leave() {
		return nil, safe(net.ErrClosed)
	}
	t := &Tunnel{Conn: c.nc}
	if c.in.buffered() > 0 {
		t.early = append(t.early, c.in.window()...)
	}
	c.free()
	return t, nil
}

// Read gives the early bytes first.
func (t *Tunnel) Read(p []byte) (int, error) {
	if len(t.early) > 0 {
		n := copy(p, t.early)
		if t.early = t.early[n:]; len(t.early) == 0 {
			t.early = nil
		}
		return n, nil
	}
	return t.Conn.Read(p)
}

// Buffered is the number of early bytes left. Once it is 0, Read is NetConn's.
func (t *Tunnel) Buffered() int { return len(t.early) }

// NetConn is the connection under t.
func (t *Tunnel) NetConn() net.Conn { return t.Conn }

// CloseWrite ends our direction; where the connection has no such thing, it closes.
func (t *Tunnel) CloseWrite() error {
	if w, ok := t.Conn.(closeWriter); ok {
		return w.CloseWrite()
	}
	return t.Close()
}

// CloseRead ends the peer's direction, where the connection has such a thing.
func (t *Tunnel) CloseRead() error {
	if r, ok := t.Conn.(interface{ CloseRead() error }); ok {
		return r.CloseRead()
	}
	return nil
}

// Takeover ends HTTP on the connection and returns it, for an upgrade or a
// tunnel; what was written is flushed before. The ServerConn is at its end;
// closing it has no effect.
func (s *ServerConn) Takeover() (net.Conn, error) { return s.takeover() }

func (t *Tunnel) String() string             { return raw.Placeholder }
func (t *Tunnel) GoString() string           { return raw.Placeholder }
func (t *Tunnel) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, raw.Placeholder) }
