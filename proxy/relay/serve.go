package relay

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"weir/proxy/http1"
	"weir/redact/raw"
)

// ConnInfo is what is known of a client's connection before its first request. It is
// handed over by its address: the runtime prints the arguments of functions when
// it gives up, and addresses of clients would be among them.
type ConnInfo struct {
	// Peer holds the connection. Client is who a PROXY header says is behind it;
	// the zero value is the peer itself.
	Peer, Client netip.AddrPort
	TLSVersion   uint16 // as in crypto/tls; 0 is plain
	// Certificate is whom the client's names; empty where it has shown none.
	Certificate raw.Text
}

// smalls holds what small bodies are read into. It holds nothing of an exchange
// longer than that lasts.
var smalls = sync.Pool{New: func() any { return new([smallBody + 1]byte) }}

// ServeConn carries the exchanges of an HTTP/1.x connection and returns when it
// has ended. nc is closed then, or was taken over by a tunnel that has ended too.
func (r *Relay) ServeConn(nc net.Conn, info *ConnInfo) {
	c := http1.NewServerConn(nc, &r.cfg.Limits, r.cfg.Sweeper)
	s := &seat{conn: c, socket: innermost(nc)}
	r.enter(s)
	defer r.leave(s)
	defer func() {
		_ = c.Close()  // nobody is left to hear of it
		_ = nc.Close() // where only the socket under it was, it has yet to hear
	}()
	for c.Wait() == nil && r.serveNext(c, s, info) {
	}
}

// serveNext carries the exchange whose first byte has come, and reports whether
// another may follow.
func (r *Relay) serveNext(c *http1.ServerConn, s *seat, info *ConnInfo) bool {
	j := r.journey(s, c, info)
	defer r.done(j)
	err := c.ReadRequest(&j.ex.Request)
	if err != nil && !refuses(err) {
		return false // it ended before there was a request
	}
	j.ex.Started = c.FirstByte()
	j.carry(err)
	return err == nil && c.KeepAlive()
}

// ServeStream carries the one exchange of an HTTP/2 stream. fill sets the head
// of the request; its error is why the request is refused.
func (r *Relay) ServeStream(c Client, fill func(*raw.Message) error, info *ConnInfo) {
	s := &seat{stream: c}
	r.enter(s)
	defer r.leave(s)
	j := r.journey(s, c, info)
	defer r.done(j)
	j.ex.Started = time.Now()
	err := fill(&j.ex.Request)
	if err != nil && !refuses(err) {
		c.Abort()
		return
	}
	j.carry(err)
}

// journey returns the state for an exchange on s.
func (r *Relay) journey(s *seat, c Client, info *ConnInfo) *journey {
	j, _ := r.free.Get().(*journey)
	if j == nil {
		j = &journey{relay: r}
	}
	j.reset()
	j.seat, j.client, j.info = s, c, *info
	if !info.Client.IsValid() {
		j.info.Client = info.Peer
	}
	return j
}

// done gives the state back.
func (r *Relay) done(j *journey) {
	j.seat, j.client, j.observer, j.taps = nil, nil, nil, nil
	r.free.Put(j)
}

// facts sets what is known of the exchange besides its two messages.
func (j *journey) facts() {
	x := &j.ex
	x.Direction, x.TLSVersion = j.relay.cfg.Direction, j.info.TLSVersion
	if j.info.Certificate.Len() > 0 {
		x.ClientCertificate = x.Request.Append(j.info.Certificate.Peek())
	}
	x.Peer = raw.AddressOf(j.info.Peer)
	client, trusted := j.relay.cfg.Trust.Client(j.info.Client, (*lines)(&x.Request))
	x.Client, x.Trusted = raw.AddressOf(client), trusted || j.info.Client != j.info.Peer
	m := &x.Request
	if m.Scheme == raw.SchemeUnknown {
		m.Scheme = raw.HTTP
		if x.TLSVersion != 0 {
			m.Scheme = raw.HTTPS
		}
	}
	j.proto, j.bodyRead = m.Proto, m.Framing == raw.NoBody
	method := m.Peek(m.Method)
	j.asksHead, j.tunnels = string(method) == "HEAD", string(method) == "CONNECT"
	switch string(method) { // RFC 9110 section 9.2.2
	case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE":
		j.idempotent = true
	default:
		j.idempotent = false
	}
}

// suits refuses a request that is not for this kind of listener. A forward
// listener forwards what names its target, nothing else; HTTP/2 does not tell
// the scheme that was asked for.
func (j *journey) suits() error {
	if j.ex.Direction == raw.Inbound {
		return nil
	}
	m := &j.ex.Request
	target := m.Peek(m.Target)
	if j.proto == raw.HTTP2 || len(target) == 0 || target[0] == '/' || target[0] == '*' {
		return &refusedError{NotForProxy, 400}
	}
	return nil
}
