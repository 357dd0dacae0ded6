package proxy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/elazarl/goproxy"

	"weir/proxy/intercept"
	"weir/proxy/listen"
	"weir/proxy/relay"
	"weir/proxy/telemetry"
	"weir/redact/raw"
)

// connectConfig is that of CONNECT on one forward listener.
type connectConfig struct {
	// Forbidden is asked of every address that a target resolves to. It has no
	// say where Dial is set.
	Forbidden func(netip.AddrPort) bool
	// Dial reaches targets instead of the net package; nil for that.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Resolver resolves names; nil for this machine's.
	Resolver *net.Resolver
	// Connect bounds name resolution and connecting, Idle the silence in a tunnel.
	Connect, Idle time.Duration
	Log           *telemetry.Log
}

func (c *connectConfig) Validate() error {
	switch {
	case c.Dial == nil && c.Forbidden == nil:
		return errors.New("connect: nothing says what may not be reached")
	case c.Connect <= 0, c.Idle <= 0:
		return errors.New("connect: a time limit is missing")
	}
	return nil
}

// connector serves CONNECT. goproxy decides what becomes of a tunnel; its
// handlers always end in ConnectHijack, so nothing of its own transport,
// interception and certificates is ever used. The target is the one that http1
// parsed and the gate was asked about: no other field leads anywhere.
type connector struct {
	cfg    connectConfig
	engine *goproxy.ProxyHttpServer
}

// newConnector satisfies relay's ConnectHandler.
func newConnector(cfg connectConfig) (*connector, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := &connector{cfg: cfg}
	if cfg.Dial == nil {
		d := &net.Dialer{Control: relay.Judge(cfg.Forbidden), Resolver: cfg.Resolver}
		c.cfg.Dial = d.DialContext
	}
	// Not by its constructor, which logs to stderr, reads the environment for
	// proxies and verifies nothing.
	c.engine = &goproxy.ProxyHttpServer{
		Logger: cfg.Log.Foreign("goproxy"),
		Tr:     &http.Transport{DialContext: noDial},
		ConnectDial: func(string, string) (net.Conn, error) {
			return nil, errNotByEngine
		},
	}
	hijack := &goproxy.ConnectAction{Action: goproxy.ConnectHijack, Hijack: c.tunnel}
	c.engine.OnRequest().HandleConnectFunc(func(host string, _ *goproxy.ProxyCtx) (*goproxy.ConnectAction, string) {
		return hijack, host
	})
	return c, nil
}

var errNotByEngine = errors.New("connect: the engine must not dial")

func noDial(context.Context, string, string) (net.Conn, error) { return nil, errNotByEngine }

// Connect serves one CONNECT request to the end of its tunnel. Where there was
// none it returns the status to answer with, and the outcome stands in x.
func (c *connector) Connect(x *raw.Exchange, client relay.Client) (status int) {
	x.Visibility = raw.SeenTunnel
	a := &attempt{x: x, client: client, target: string(x.Request.Peek(x.Request.Authority))}
	c.engine.ServeHTTP(a, &http.Request{
		Method: http.MethodConnect, URL: &url.URL{Host: a.target}, Host: a.target, RequestURI: a.target,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: make(http.Header), Body: http.NoBody,
	})
	if !a.decided {
		a.fail(raw.UpstreamUnreachable, http.StatusBadGateway)
	}
	return a.status
}

// tunnel is where goproxy's handlers end.
func (c *connector) tunnel(_ *http.Request, client net.Conn, _ *goproxy.ProxyCtx) {
	h, ok := client.(*held)
	if !ok {
		return
	}
	a := h.a
	up, err := c.dial(a)
	if err != nil {
		a.unreachable(err)
		return
	}
	defer up.Close()
	nc, err := a.established()
	if err != nil {
		a.decided, a.x.Outcome = true, raw.ClientGone
		return
	}
	a.carry(nc, up, c.cfg.Idle)
}

// dial reaches the target, unless the client leaves first.
func (c *connector) dial(a *attempt) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), c.cfg.Connect)
	defer cancel()
	a.client.Watch(aborter(cancel))
	defer a.client.Unwatch()
	a.x.Attempts++
	return c.cfg.Dial(ctx, "tcp", a.target)
}

// aborter ends a dial.
type aborter context.CancelFunc

func (f aborter) Abort() { f() }

// attempt is one CONNECT on its way through goproxy: the ResponseWriter whose
// connection it hijacks.
type attempt struct {
	x       *raw.Exchange
	client  relay.Client
	target  string
	decided bool
	status  int // to be answered; 0 where the connection was taken over
}

// Format tells nothing of where it leads.
func (a *attempt) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, raw.Placeholder) }

// Header satisfies http.ResponseWriter. Nothing of it is sent.
func (a *attempt) Header() http.Header { return make(http.Header) }

// WriteHeader takes a status that goproxy answers with by itself.
func (a *attempt) WriteHeader(status int) { a.fail(raw.UpstreamUnreachable, status) }

// Write drops goproxy's own words: they can hold what passed.
func (a *attempt) Write(p []byte) (int, error) { return len(p), nil }

// Hijack returns the client's connection. It is taken over only when the target
// has been reached, so that a refusal is an answer like any other, by the relay.
func (a *attempt) Hijack() (net.Conn, *bufio.ReadWriter, error) { return &held{a: a}, nil, nil }

// held stands for the connection until it is taken over. Closing it before is
// without effect: the relay answers.
type held struct {
	net.Conn
	a *attempt
}

func (h *held) Close() error { return nil }

func (a *attempt) fail(outcome raw.Outcome, status int) {
	a.decided, a.status, a.x.Outcome = true, status, outcome
}

// unreachable tells apart why there is no connection to the target. The cause
// names addresses, so nothing of it goes on.
func (a *attempt) unreachable(err error) {
	var ne net.Error
	switch {
	case a.client.Gone():
		a.fail(raw.ClientGone, http.StatusBadGateway)
	case errors.Is(err, relay.ErrForbidden):
		a.x.Reason = relay.ForbiddenAddress
		a.fail(raw.Refused, http.StatusForbidden)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		a.fail(raw.UpstreamTimeout, http.StatusGatewayTimeout)
	default:
		a.fail(raw.UpstreamUnreachable, http.StatusBadGateway)
	}
}

// established answers 200 and takes the connection over; what the client sent
// early is read from it first.
func (a *attempt) established() (net.Conn, error) {
	m := &a.x.Response
	m.Reset()
	m.Proto, m.Status, m.Reason = raw.HTTP11, http.StatusOK, m.AppendString("Connection Established")
	a.x.FirstByte = time.Since(a.x.Started)
	if err := a.client.WriteHead(&raw.Head{From: m, Status: m.Status, Reason: m.Reason}); err != nil {
		return nil, err
	}
	if err := a.client.Flush(); err != nil {
		return nil, err
	}
	return a.client.Takeover()
}

// carry is the tunnel itself. A server name is recorded beside the target, as
// the client's word; where Encrypted Client Hello hides it there is none.
func (a *attempt) carry(client, up net.Conn, idle time.Duration) {
	a.decided = true
	seen := intercept.Tunnel(client, up, idle)
	x := a.x
	x.BytesUp, x.BytesDown = seen.Up, seen.Down
	if seen.Hello.ServerName.Len() > 0 {
		x.ServerName = x.Request.AppendString(seen.Hello.ServerName.Peek())
	}
	// A reset is how many end what was said to its end inside. It is a fault only
	// where nothing had come back.
	switch {
	case seen.Err == listen.ErrIdle:
		x.Outcome = raw.ClientTimeout
	case seen.Down > 0:
	case seen.Err == listen.ErrClient:
		x.Outcome = raw.ClientGone
	case seen.Err == listen.ErrUpstream:
		x.Outcome = raw.UpstreamBroken
	}
}
