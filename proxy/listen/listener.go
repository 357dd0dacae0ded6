package listen

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Config is that of a Listener.
type Config struct {
	// Address is host:port; an empty host is every address, port 0 a free one.
	Address string
	// Trust says from which peers a PROXY header is read.
	Trust Trust
	// MaxConns is how many accepted connections may be open, MaxClientConns how many
	// of one client: an IPv4 address or an IPv6 network of 64 bits. Further ones are
	// closed at once, by a reset. 0 is no limit. Peers in Trust are not one client,
	// and so not counted.
	MaxConns, MaxClientConns int
	// Refused, where it is set, is told of each connection before it is closed at
	// once, and whether because of its client's number.
	Refused func(ofClient bool)
	// Failing, where it is set, is told when accepting fails and is tried again:
	// no descriptors are left, or no memory.
	Failing func(error)
}

// Validate reports what Listen would not accept.
func (c Config) Validate() error {
	_, port, err := net.SplitHostPort(c.Address)
	if err != nil {
		return fmt.Errorf("%q is not an address to listen on; write one like 127.0.0.1:8080 or :8080", c.Address)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%q has no port between 0 and 65535; write one like 127.0.0.1:8080 or :8080", c.Address)
	}
	if c.MaxConns < 0 || c.MaxClientConns < 0 {
		return errors.New("the number of connections is negative")
	}
	return nil
}

// Listener accepts connections.
type Listener struct {
	cfg   Config
	inner net.Listener
	addr  netip.AddrPort
	open  atomic.Int64
	done  chan struct{}
	close sync.Once

	mu      sync.Mutex
	clients map[netip.Addr]int // open connections of each; nil where there is no limit
}

// Listen binds the address. Its error names the address as configured and says
// what to do.
func Listen(cfg Config) (*Listener, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	inner, err := net.Listen("tcp", cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", cfg.Address, explain(err))
	}
	l := &Listener{cfg: cfg, inner: inner, done: make(chan struct{})}
	if a, ok := inner.Addr().(*net.TCPAddr); ok {
		l.addr = plain(a.AddrPort())
	}
	if cfg.MaxClientConns > 0 {
		l.clients = make(map[netip.Addr]int)
	}
	return l, nil
}

// explain says what to do about an error of listening.
func explain(err error) error {
	var dns *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w; stop what listens there or choose another port", syscall.EADDRINUSE)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("ports below 1024 need a privilege; choose a higher port or grant CAP_NET_BIND_SERVICE (%w)", syscall.EACCES)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("this machine has no such address (%w)", syscall.EADDRNOTAVAIL)
	case errors.As(err, &dns):
		return errors.New("the host has no address; write an address in its place")
	}
	return err
}

// Addr is the bound address, with the port that was chosen for port 0.
func (l *Listener) Addr() netip.AddrPort { return l.addr }

// Open is the number of accepted connections that are not closed.
func (l *Listener) Open() int { return int(l.open.Load()) }

// Accept waits for the next connection. What fails for want of descriptors or
// memory is tried again, 5 ms later and up to 1 s; the only error is
// net.ErrClosed. It never waits for what a peer sends.
func (l *Listener) Accept() (*Conn, error) {
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		nc, err := l.inner.Accept()
		if err == nil {
			c := NewConn(nc)
			if l.admit(c) {
				return c, nil
			}
			wait = 5 * time.Millisecond / 2
			continue
		}
		select {
		case <-l.done:
			return nil, net.ErrClosed
		default:
		}
		if errors.Is(err, net.ErrClosed) {
			return nil, net.ErrClosed
		}
		if errors.Is(err, syscall.ECONNABORTED) {
			wait = 5 * time.Millisecond / 2
			continue
		}
		if l.cfg.Failing != nil {
			l.cfg.Failing(acceptError(err))
		}
		select {
		case <-time.After(wait):
		case <-l.done:
			return nil, net.ErrClosed
		}
	}
}

// acceptError keeps the system's reason only.
func acceptError(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return fmt.Errorf("cannot accept connections: %w", errno)
	}
	return errors.New("cannot accept connections")
}

// Close stops accepting. Accepted connections stay open.
func (l *Listener) Close() error {
	l.close.Do(func() { close(l.done) })
	return l.inner.Close()
}

// admit counts c as open, or closes it.
func (l *Listener) admit(c *Conn) bool {
	open, ofClient := l.open.Add(1), false
	if l.cfg.MaxConns == 0 || open <= int64(l.cfg.MaxConns) {
		if ofClient = !l.admitClient(c); !ofClient {
			c.listener = l
			return true
		}
	}
	l.open.Add(-1)
	if l.cfg.Refused != nil { // before its client can know
		l.cfg.Refused(ofClient)
	}
	_ = c.SetLinger(0)
	_ = c.Close()
	return false
}

func (l *Listener) admitClient(c *Conn) bool {
	if l.clients == nil || l.cfg.Trust.Contains(c.peer.Addr()) {
		return true
	}
	client := clientOf(c.peer.Addr())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.clients[client] >= l.cfg.MaxClientConns {
		return false
	}
	l.clients[client]++
	return true
}

// closed is called once for each accepted connection.
func (l *Listener) closed(c *Conn) {
	l.open.Add(-1)
	if l.clients == nil || l.cfg.Trust.Contains(c.peer.Addr()) {
		return
	}
	client := clientOf(c.peer.Addr())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.clients[client]--; l.clients[client] == 0 {
		delete(l.clients, client)
	}
}

// clientOf is whom connections are counted for: who has one address of an IPv6
// network of 64 bits has all of them.
func clientOf(peer netip.Addr) netip.Addr {
	if peer.Is6() {
		if network, err := peer.WithZone("").Prefix(64); err == nil {
			return network.Addr()
		}
	}
	return peer
}

// plain unmaps an IPv4-mapped address.
func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
