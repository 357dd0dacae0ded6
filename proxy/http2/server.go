package http2

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
)

// Server serves connections that speak HTTP/2. They are accepted elsewhere and
// handed over once ALPN or the preface has said so.
type Server struct {
	cfg   Config
	http  *http.Server
	conns chan net.Conn
	live  sync.Map // net.Conn to the channel that is closed with it
	done  chan struct{}
	close sync.Once
}

// ConnInfo is what is known of the connection that a stream came by.
type ConnInfo struct {
	// Conn is the connection as it was accepted, without TLS around it.
	Conn net.Conn
	// TLSVersion is as in crypto/tls, 0 for plain.
	TLSVersion uint16
	// Verified are the chains of the client's certificate, empty where it has shown
	// none or none was asked for.
	Verified [][]*x509.Certificate
}

type connKey struct{}

// NewServer starts a server; Close or Shutdown ends it.
func NewServer(cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.Limits = cfg.Limits.filled()
	if cfg.ErrorLog == nil {
		cfg.ErrorLog = io.Discard
	}
	s := &Server{cfg: cfg, conns: make(chan net.Conn), done: make(chan struct{})}
	lim := cfg.Limits
	var protos http.Protocols
	protos.SetHTTP2(true)
	protos.SetUnencryptedHTTP2(true)
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.handle),
		Protocols:         &protos,
		ReadHeaderTimeout: lim.ReadHead,
		IdleTimeout:       lim.Idle,
		// net/http answers what is beyond this by itself, unlogged. What is
		// between our limit and its own is refused by us, with an entry.
		MaxHeaderBytes: 4 * lim.HeaderBytes,
		ErrorLog:       log.New(cfg.ErrorLog, "", 0),
		ConnContext:    connContext,
		ConnState:      s.state,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: lim.Streams,
			// net/http keeps a buffer of the largest frame that has come for as long
			// as the connection lasts; its own limit is 1 MiB.
			MaxReadFrameSize: 16 << 10,
			SendPingTimeout:  lim.Ping,
			PingTimeout:      lim.Ping,
			WriteByteTimeout: lim.Write,
			CountError:       s.countError,
		},
	}
	go func() { _ = s.http.Serve(acceptor{s}) }()
	return s, nil
}

// ServeTLS serves a connection whose ALPN chose h2 until it has ended. It must
// be a bare *tls.Conn: net/http dispatches by that type.
func (s *Server) ServeTLS(conn *tls.Conn) error { return s.hand(conn) }

// ServePlain serves a connection that begins with the HTTP/2 preface until it
// has ended. The preface must still be readable from it.
func (s *Server) ServePlain(conn net.Conn) error { return s.hand(conn) }

func (s *Server) hand(conn net.Conn) error {
	ended := make(chan struct{})
	s.live.Store(conn, ended)
	select {
	case s.conns <- conn:
		<-ended
		return nil
	case <-s.done:
		s.live.Delete(conn)
		_ = conn.Close()
		return ErrClosed
	}
}

// state is told by net/http when it is done with a connection.
func (s *Server) state(conn net.Conn, state http.ConnState) {
	if state != http.StateClosed {
		return
	}
	if ended, ok := s.live.LoadAndDelete(conn); ok {
		close(ended.(chan struct{}))
	}
}

// Shutdown tells every peer by GOAWAY to open no more streams and waits until
// those that are open have ended, or ctx has; then it closes what is left.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	return errors.Join(err, s.Close())
}

// Close closes every connection at once.
func (s *Server) Close() error {
	s.close.Do(func() { close(s.done) })
	err := s.http.Close()
	// One that was just being handed over net/http does not know of yet.
	s.live.Range(func(conn, _ any) bool {
		_ = conn.(net.Conn).Close()
		return true
	})
	return err
}

func (s *Server) countError(counted string) {
	if reason := refusedBy(counted); reason != "" && s.cfg.Refused != nil {
		s.cfg.Refused(reason)
	}
}

func connContext(ctx context.Context, c net.Conn) context.Context {
	info := &ConnInfo{Conn: c}
	if t, ok := c.(*tls.Conn); ok {
		info.Conn = t.NetConn()
		state := t.ConnectionState()
		info.TLSVersion, info.Verified = state.Version, state.VerifiedChains
	}
	return context.WithValue(ctx, connKey{}, info)
}

// handle runs one exchange. A handler's panic ends here: its value can hold
// what passed, and net/http would print it.
func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	st := newServerStream(s.cfg.Limits, w, r)
	finished := false
	defer func() {
		_ = recover()
		st.end()
		if !finished {
			panic(http.ErrAbortHandler)
		}
	}()
	s.cfg.Serve(st)
	finished = st.finished()
}

// acceptor is the listener that http.Server accepts from.
type acceptor struct{ s *Server }

func (a acceptor) Accept() (net.Conn, error) {
	select {
	case c := <-a.s.conns:
		return c, nil
	case <-a.s.done:
		return nil, net.ErrClosed
	}
}

// Close ends the handing over: http.Server calls it when it shuts down.
func (a acceptor) Close() error {
	a.s.close.Do(func() { close(a.s.done) })
	return nil
}

func (a acceptor) Addr() net.Addr { return noAddr{} }

type noAddr struct{}

func (noAddr) Network() string { return "handed" }
func (noAddr) String() string  { return "handed" }
