package relay

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"weir/redact/raw"
)

// ErrNoRoute is returned for a host that no upstream is configured for.
var ErrNoRoute = errors.New("relay: no upstream for this host")

// Hosts routes by the host that a request names, as a reverse listener does.
type Hosts struct {
	// To holds the targets by host, in lower case and without a port.
	To map[string]*Target
	// Default is for every other host; nil refuses them.
	Default *Target
}

// Route implements Router.
func (h *Hosts) Route(x *raw.Exchange) (*Target, error) {
	if len(h.To) > 0 {
		var b [256]byte
		if key, ok := hostKey(b[:0], x.Request.Peek(x.Request.Authority)); ok {
			if t := h.To[string(key)]; t != nil {
				return t, nil
			}
		}
	}
	if h.Default == nil {
		return nil, ErrNoRoute
	}
	return h.Default, nil
}

// hostKey appends the host of an authority in lower case, without port, final
// dot and brackets.
func hostKey(dst, authority []byte) ([]byte, bool) {
	host, _ := splitPort(authority)
	if len(host) > cap(dst) {
		return nil, false
	}
	if n := len(host); n > 1 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	} else if n > 1 && host[n-1] == '.' {
		host = host[:n-1]
	}
	for _, c := range host {
		dst = append(dst, lowered(c))
	}
	return dst, true
}

// splitPort cuts an authority at the colon before its port.
func splitPort(authority []byte) (host, port []byte) {
	for i := len(authority) - 1; i >= 0; i-- {
		switch authority[i] {
		case ':':
			return authority[:i], authority[i+1:]
		case ']':
			return authority, nil
		}
	}
	return authority, nil
}

// Anywhere routes to the host of an absolute target, as a forward listener
// does. Clients choose the hosts, so the table of targets is bounded: the one
// longest unused makes place.
type Anywhere struct {
	cfg   AnywhereConfig
	mu    sync.RWMutex
	table map[string]*place
}

type place struct {
	target *Target
	used   atomic.Int64 // in nanoseconds since the epoch
}

// AnywhereConfig is that of Anywhere.
type AnywhereConfig struct {
	// Target is what every target is made with, but for Scheme and Addresses; Counts
	// is of one that stands for all. Reserved addresses are forbidden beside those
	// that it forbids. Names are resolved whenever a connection is opened: in the
	// background, one would be asked for long after it was of use.
	Target TargetConfig
	// Size is how many targets are kept; 256 where it is 0.
	Size int
}

// Validate reports what NewAnywhere would not accept.
func (c *AnywhereConfig) Validate() error {
	if c.Size < 0 {
		return errors.New("relay: the table of targets must not have a negative size")
	}
	t := c.Target
	t.Scheme, t.Addresses, t.Resolve, t.Counts = "http", []string{"host:80"}, 0, nil
	return t.Validate()
}

// NewAnywhere returns a router that knows no target yet.
func NewAnywhere(cfg AnywhereConfig) (*Anywhere, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Size == 0 {
		cfg.Size = 256
	}
	own := cfg.Target.Forbidden
	cfg.Target.Forbidden = func(a netip.AddrPort) bool { return Reserved(a) || own != nil && own(a) }
	return &Anywhere{cfg: cfg, table: make(map[string]*place)}, nil
}

// Route implements Router.
func (a *Anywhere) Route(x *raw.Exchange) (*Target, error) {
	scheme, port := "http", "80"
	switch x.Request.Scheme {
	case raw.HTTP:
	case raw.HTTPS:
		scheme, port = "https", "443"
	default:
		return nil, &refusedError{UnknownScheme, 400}
	}
	var b [320]byte
	key := append(append(b[:0], scheme...), "://"...)
	host, given := splitPort(x.Request.Peek(x.Request.Authority))
	if len(host) == 0 || len(host) > 255 || len(given) > 5 {
		return nil, ErrNoRoute
	}
	for _, c := range host {
		key = append(key, lowered(c))
	}
	key = append(key, ':')
	if len(given) > 0 {
		key = append(key, given...)
	} else {
		key = append(key, port...)
	}
	a.mu.RLock()
	p := a.table[string(key)]
	a.mu.RUnlock()
	if p == nil {
		var err error
		if p, err = a.add(scheme, string(key)); err != nil {
			return nil, err
		}
	}
	p.used.Store(x.Started.UnixNano())
	return p.target, nil
}

func (a *Anywhere) add(scheme, key string) (*place, error) {
	cfg := a.cfg.Target
	cfg.Scheme, cfg.Addresses = scheme, []string{strings.TrimPrefix(key, scheme+"://")}
	if cfg.TLS != nil {
		cfg.TLS = cfg.TLS.Clone()
		cfg.TLS.ServerName = ""
	}
	t, err := NewTarget(cfg)
	if err != nil {
		return nil, fmt.Errorf("%w", ErrNoRoute) // its text could say which
	}
	p := &place{target: t}
	p.used.Store(time.Now().UnixNano())
	a.mu.Lock()
	defer a.mu.Unlock()
	if old := a.table[key]; old != nil {
		return old, nil
	}
	if len(a.table) >= a.cfg.Size {
		a.evict()
	}
	a.table[key] = p
	return p, nil
}

// evict drops the target that was longest unused. Exchanges that hold it still
// finish on it.
func (a *Anywhere) evict() {
	var oldest string
	for key, p := range a.table {
		if oldest == "" || p.used.Load() < a.table[oldest].used.Load() {
			oldest = key
		}
	}
	a.table[oldest].target.Close()
	delete(a.table, oldest)
}

// Close closes all idle connections.
func (a *Anywhere) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.table {
		p.target.Close()
	}
	clear(a.table)
}
