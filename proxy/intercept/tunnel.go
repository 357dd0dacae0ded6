package intercept

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"weir/proxy/listen"
)

// Result is what was seen of a tunnel.
type Result struct {
	// TLS is whether the client began with a ClientHello that could be read;
	// Hello is what it said.
	TLS   bool
	Hello Hello
	// Up and Down count the bytes from the client and to it.
	Up, Down int64
	Duration time.Duration
	// Err is nil where both sides ended, or one of listen.Splice.
	Err error
}

// Tunnel carries bytes between client and upstream as they are, until both sides
// have ended or nothing has moved for idle, and closes both. It looks at the
// client's first bytes as they pass: nothing waits for them, so a protocol in
// which the server speaks first works too.
func Tunnel(client, upstream net.Conn, idle time.Duration) Result {
	start := time.Now()
	w := &watched{Conn: client}
	up, down, err := listen.Splice(w, upstream, idle)
	return Result{TLS: w.r.state == complete, Hello: w.r.hello, Up: up, Down: down, Duration: time.Since(start), Err: err}
}

// watched is a client's connection whose first bytes are looked at as they are
// read. It embeds net.Conn, whose Read nothing passes by.
type watched struct {
	net.Conn
	r reader
}

// Format tells nothing of what was read.
func (w *watched) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, placeholder) }

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 && w.r.state == reading {
		w.r.feed(p[:n])
	}
	return n, err
}

// NetConn and Buffered let the socket beneath be read directly once there is
// nothing more to look at.
func (w *watched) NetConn() net.Conn { return w.Conn }

// Buffered is not 0 as long as the bytes to come must be looked at.
func (w *watched) Buffered() int {
	if w.r.state == reading {
		return 1
	}
	return 0
}

func (w *watched) CloseWrite() error {
	if h, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return errors.ErrUnsupported
}
