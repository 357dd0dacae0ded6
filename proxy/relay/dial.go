package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// ErrForbidden is why an address is not connected to.
var ErrForbidden = errors.New("address is not allowed")

// dialer opens the connections of one target. What it may not reach is judged
// by the address that is connected to, so that no name leads around it.
type dialer struct {
	net       net.Dialer
	open      func(ctx context.Context, network, address string) (net.Conn, error)
	connect   time.Duration
	handshake time.Duration
}

func newDialer(cfg *TargetConfig) *dialer {
	d := &dialer{net: net.Dialer{Resolver: cfg.Resolver}, connect: cfg.Connect, handshake: cfg.Handshake}
	if d.open = cfg.Dial; d.open == nil {
		d.open = d.net.DialContext
	}
	if cfg.Forbidden != nil {
		d.net.Control = Judge(cfg.Forbidden)
	}
	return d
}

// Judge returns a net.Dialer's Control that refuses the addresses that are
// forbidden. It is asked when a name was resolved, of the very address that is
// connected to next.
func Judge(forbidden func(netip.AddrPort) bool) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		a, err := netip.ParseAddrPort(address)
		if err != nil || forbidden(netip.AddrPortFrom(a.Addr().Unmap(), a.Port())) {
			return ErrForbidden
		}
		return nil
	}
}

// plain opens a TCP connection.
func (d *dialer) plain(ctx context.Context, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.connect)
	defer cancel()
	return d.open(ctx, "tcp", address)
}

// secure opens TLS on nc, having agreed on one of protocols, or on none. The upstream's certificate is always verified.
func (d *dialer) secure(ctx context.Context, nc net.Conn, cfg *tls.Config, protocols []string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.handshake)
	defer cancel()
	cfg = cfg.Clone()
	cfg.NextProtos = protocols
	c := tls.Client(nc, cfg)
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Reserved reports whether a is an address that no client may have a forward
// proxy reach: link-local ones, which hold most clouds' metadata services, the
// rest of those, multicast, and no address at all; also behind NAT64.
func Reserved(a netip.AddrPort) bool {
	ip := a.Addr().Unmap().WithZone("")
	if nat64.Contains(ip) || nat64Own.Contains(ip) {
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	return !ip.IsValid() || ip.IsUnspecified() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || slices.Contains(metadataServices[:], ip)
}

var (
	nat64    = netip.MustParsePrefix("64:ff9b::/96")   // RFC 6052
	nat64Own = netip.MustParsePrefix("64:ff9b:1::/48") // RFC 8215; the address is mostly at the end
)

// metadataServices are the services that are not link-local: of Amazon, Google and
// Scaleway over IPv6, Alibaba, Oracle's older one, and Azure's.
var metadataServices = [...]netip.Addr{netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("fd20:ce::254"), netip.MustParseAddr("fd00:42::42"), netip.MustParseAddr("100.100.100.200"),
	netip.MustParseAddr("192.0.0.192"), netip.MustParseAddr("168.63.129.16")}

// Own returns a test for the addresses that lead back to one of listeners. One
// that listens on all addresses is reached by each that this machine has.
func Own(listeners []netip.AddrPort) func(netip.AddrPort) bool {
	return func(a netip.AddrPort) bool {
		ip := a.Addr().Unmap().WithZone("")
		for _, l := range listeners {
			if l.Port() != a.Port() {
				continue
			}
			at := l.Addr().Unmap().WithZone("")
			switch {
			case at == ip:
				return true
			case at.IsUnspecified() || ip.IsUnspecified():
				if ip.IsUnspecified() || ip.IsLoopback() || local(ip) {
					return true
				}
			}
		}
		return false
	}
}

// local reports whether this machine has ip. It is asked of addresses whose
// port is that of a listener, which is seldom.
func local(ip netip.Addr) bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return true // not known: no loop is risked
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok {
			if b, ok := netip.AddrFromSlice(n.IP); ok && b.Unmap() == ip {
				return true
			}
		}
	}
	return false
}
