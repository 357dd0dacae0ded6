package listen

import (
	"time"
)

// Kind is what a connection begins with.
type Kind uint8

const (
	HTTP1 Kind = iota // anything that is neither of the others
	HTTP2             // the preface of HTTP/2 (RFC 9113 section 3.4)
	TLS               // a handshake record (RFC 8446 section 5.1)
)

func (k Kind) String() string {
	switch k {
	case HTTP2:
		return "http2"
	case TLS:
		return "tls"
	}
	return "http1"
}

var preface = []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

// Sniff reads the PROXY header, where the peer is trusted and sends one, and
// then looks at what the connection begins with, which is still to be read. It
// gives the peer the time of timeout for all of that, 0 for no limit; the read
// deadline is cleared afterwards. io.EOF means that the peer left without a
// word, ErrProxyHeader that the connection must be closed.
func (c *Conn) Sniff(timeout time.Duration) (Kind, error) {
	if timeout > 0 {
		if err := c.SetReadDeadline(time.Now().Add(timeout)); err != nil {
			return HTTP1, err
		}
		defer func() { _ = c.SetReadDeadline(time.Time{}) }()
	}
	if err := c.readProxyHeader(); err != nil {
		return HTTP1, err
	}
	b, err := c.Peek(1)
	if err != nil {
		return HTTP1, err
	}
	switch b[0] {
	case 0x16:
		if b, err = c.Peek(2); err != nil || b[1] != 3 {
			return HTTP1, nil // too little for either: the codec says so
		}
		return TLS, nil
	case 'P':
		for len(b) < len(preface) && prefixes(b, preface) {
			if b, err = c.Peek(len(b) + 1); err != nil {
				return HTTP1, nil
			}
		}
		if prefixes(b, preface) {
			return HTTP2, nil
		}
	}
	return HTTP1, nil
}

// readProxyHeader takes the header off the connection. An untrusted peer's is
// left where it is: what it says would be a lie, and no codec accepts it.
func (c *Conn) readProxyHeader() error {
	if c.asked || c.listener == nil || !c.listener.cfg.Trust.Contains(c.peer.Addr()) {
		return nil
	}
	for {
		h, need, err := parseProxy(c.early)
		if err != nil {
			return err
		}
		if need == 0 {
			c.asked = true
			if h.told {
				c.client = h.client
			}
			if h.size > 0 {
				c.discard(h.size)
			}
			return nil
		}
		if _, err := c.Peek(need); err != nil {
			return err
		}
	}
}
