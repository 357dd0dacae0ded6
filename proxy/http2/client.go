package http2

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// ALPN is the protocol that both sides must agree on over TLS.
const ALPN = "h2"

// Client opens streams to one upstream. Connections are pooled.
type Client struct {
	cfg    ClientConfig
	http   *http.Transport
	scheme string
}

// upstreamHost keys net/http's pool. A Client has one upstream, which Dial
// knows; the name goes nowhere.
const upstreamHost = "upstream"

// NewClient returns a client that connects when it is first asked to.
func NewClient(cfg ClientConfig) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.Limits = cfg.Limits.filled()
	if cfg.Handshake == 0 {
		cfg.Handshake = 10 * time.Second
	}
	c := &Client{cfg: cfg, scheme: "http"}
	var protos http.Protocols
	lim := cfg.Limits
	c.http = &http.Transport{
		Protocols:              &protos,
		DisableCompression:     true,
		IdleConnTimeout:        lim.Idle,
		MaxResponseHeaderBytes: int64(lim.HeaderBytes),
		HTTP2: &http.HTTP2Config{
			SendPingTimeout:  lim.Ping,
			PingTimeout:      lim.Ping,
			WriteByteTimeout: lim.Write,
		},
	}
	if cfg.TLS == nil {
		protos.SetUnencryptedHTTP2(true)
		c.http.DialContext = c.dial
		return c, nil
	}
	c.scheme = "https"
	protos.SetHTTP2(true)
	c.cfg.TLS = cfg.TLS.Clone()
	c.cfg.TLS.NextProtos = []string{ALPN}
	c.http.DialTLSContext = c.dialTLS
	return c, nil
}

// dial is called by net/http in a goroutine of its own, in which a panic would
// end the process and print its value.
func (c *Client) dial(ctx context.Context, _, _ string) (conn net.Conn, err error) {
	defer func() {
		if recover() != nil {
			conn, err = nil, dialError("panicked", ErrPanicked)
		}
	}()
	if conn, err = c.cfg.Dial(ctx); err != nil {
		return nil, dialError("connect", err)
	}
	return conn, nil
}

func (c *Client) dialTLS(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := c.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	tc, ok := conn.(*tls.Conn)
	if !ok {
		tc = tls.Client(conn, c.cfg.TLS)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Handshake)
	defer cancel()
	if err := tc.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, dialError("tls", err)
	}
	if tc.ConnectionState().NegotiatedProtocol != ALPN {
		_ = tc.Close()
		return nil, dialError("not_http2", errNoALPN)
	}
	return tc, nil
}

// Open begins one exchange. Nothing is sent before WriteHead; ctx bounds the
// whole exchange.
func (c *Client) Open(ctx context.Context) *ClientStream { return newClientStream(ctx, c) }

// Close closes idle connections; open streams end by themselves.
func (c *Client) Close() { c.http.CloseIdleConnections() }
