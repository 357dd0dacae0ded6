package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"sync"
	"time"

	"weir/proxy/http2"
	"weir/proxy/listen"
	"weir/proxy/relay"
	"weir/proxy/telemetry"
	"weir/redact/raw"
)

// station is one listener at work: it accepts, finds out what is spoken, and
// hands each connection to the relay.
type station struct {
	listener *listen.Listener
	relay    *relay.Relay
	http2    *http2.Server
	// certificate ends TLS; nil: plain.
	certificate *certificate
	allow       listen.Trust
	sniff       time.Duration
	handshake   time.Duration
	log         *telemetry.Log
	count       *telemetry.Listener
	gate        relay.Gate
	direction   raw.Direction
	targets     []*relay.Target // of a reverse listener
	closers     []func()

	conns sync.WaitGroup

	mu      sync.Mutex
	opening map[*listen.Conn]struct{} // those that have not said yet what they want
	ended   bool                      // none may open any more
}

// serve accepts until the listener is closed.
func (s *station) serve() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.conns.Go(func() { s.carry(c) })
	}
}

// refusedConn is told of a connection beyond the limits.
func (s *station) refusedConn(ofClient bool) {
	s.count.Refused()
	if ofClient {
		s.log.Warn("client_connections_exceeded")
	} else {
		s.log.Warn("connections_exceeded")
	}
}

// carry serves one connection to its end.
func (s *station) carry(c *listen.Conn) {
	s.count.Opened()
	defer s.count.Closed()
	defer c.Close()
	defer func() {
		if v := recover(); v != nil {
			s.log.Panic("connection_panicked", v)
		}
	}()
	if s.allow.Len() > 0 && !s.allow.Contains(c.Peer().Addr()) {
		s.log.Warn("client_not_allowed")
		return
	}
	if !s.opens(c) {
		return
	}
	defer s.opened(c)
	kind, err := c.Sniff(s.sniff)
	if errors.Is(err, listen.ErrProxyHeader) {
		s.log.Warn("proxy_header_refused")
		return
	}
	if err != nil {
		return // it left without a word
	}
	info := relay.ConnInfo{Peer: c.Peer(), Client: c.Client()}
	switch {
	case s.certificate != nil:
		s.secure(c, &info)
	case kind == listen.HTTP2:
		s.opened(c)
		_ = s.http2.ServePlain(c)
	default:
		s.opened(c)
		s.relay.ServeConn(c, &info)
	}
}

// opens reports whether c may still be asked what it wants.
func (s *station) opens(c *listen.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	if s.opening == nil {
		s.opening = make(map[*listen.Conn]struct{})
	}
	s.opening[c] = struct{}{}
	return true
}

func (s *station) opened(c *listen.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.opening, c)
}

// secure ends TLS and carries on with what was agreed inside it.
func (s *station) secure(c *listen.Conn, info *relay.ConnInfo) {
	t := tls.Server(c, s.certificate.now())
	ctx, cancel := context.WithTimeout(context.Background(), s.handshake)
	err := t.HandshakeContext(ctx)
	cancel()
	if err != nil {
		s.unsecured(err)
		return
	}
	s.opened(c)
	state := t.ConnectionState()
	if state.NegotiatedProtocol == http2.ALPN {
		_ = s.http2.ServeTLS(t)
		return
	}
	info.TLSVersion, info.Certificate = state.Version, identity(state.VerifiedChains)
	s.relay.ServeConn(t, info)
}

// unsecured tells of a handshake that failed. Of the client's certificate, if it
// failed by that, nothing is told.
func (s *station) unsecured(err error) {
	s.count.HandshakesFailed.Add(1)
	var refused *tls.CertificateVerificationError
	switch {
	case errors.As(err, &refused):
		s.count.ClientsRefused.Add(1)
		s.log.Warn("client_certificate_refused", telemetry.Err(err))
	case err.Error() == "tls: client didn't provide a certificate": // it has no type
		s.count.ClientsRefused.Add(1)
		s.log.Warn("client_certificate_missing")
	default:
		s.log.Debug("handshake_failed", telemetry.Err(err))
	}
}

// stream carries one HTTP/2 stream.
func (s *station) stream(c *http2.ServerStream) {
	from := c.Info()
	info := relay.ConnInfo{TLSVersion: from.TLSVersion, Certificate: identity(from.Verified)}
	if lc, ok := from.Conn.(*listen.Conn); ok {
		info.Peer, info.Client = lc.Peer(), lc.Client()
	}
	s.relay.ServeStream(c, c.Request, &info)
}

// refused writes the entry of a request that HTTP/2's server answered by
// itself, of which nothing but the reason is known.
func (s *station) refused(reason string) {
	x := &raw.Exchange{Direction: s.direction, Outcome: raw.Refused, Reason: reason, Started: time.Now()}
	x.Request.Reset()
	x.Response.Reset()
	x.Request.Proto = raw.HTTP2
	_, observer := s.gate.Begin(x)
	observer.Observe(x)
}

// drain lets each HTTP/1.x connection end with what it carries, new ones too.
func (s *station) drain() { s.relay.Drain() }

// shutdown returns when every exchange has ended, cut off where it lasts longer
// than ctx. HTTP/2 is told by GOAWAY only now: its server then takes no more
// connections, and until the listener is closed there are some to come.
func (s *station) shutdown(ctx context.Context) error {
	_ = s.listener.Close()
	if s.relay == nil || s.http2 == nil {
		return nil // never began
	}
	ended := make(chan struct{})
	go func() {
		_ = s.http2.Shutdown(context.Background())
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done(): // the relay goes first, so that entries say why
	}
	err := s.relay.Shutdown(ctx)
	_ = s.http2.Close()
	s.endOpening()
	s.conns.Wait()
	for _, stop := range slices.Backward(s.closers) {
		stop()
	}
	return err
}

// endOpening closes those that have not said yet what they want, and those that
// are just coming: silent ones hold nothing up.
func (s *station) endOpening() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for c := range s.opening {
		_ = c.Close()
	}
}
