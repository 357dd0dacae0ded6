package transform

import (
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Hosts are the hosts that may be written whole: those of the configuration
// and the parties that the policy declares.
type Hosts struct {
	known  map[string]string
	beside func() map[string]string
}

// NewHosts makes Hosts of names such as "www.nordhost.example". Case is
// ignored, a port is not part of a host.
func NewHosts(names []string) (*Hosts, error) {
	h := &Hosts{known: make(map[string]string, len(names))}
	for _, name := range names {
		lower := strings.ToLower(strings.TrimSuffix(name, "."))
		if _, err := netip.ParseAddr(lower); err != nil && !hostname([]byte(lower)) {
			return nil, fmt.Errorf("%q is not a host name; write it without scheme, port or path", name)
		}
		h.known[lower] = lower
	}
	return h, nil
}

// Beside is h with others that may be written whole as well, in lower case, without a
// dot at their ends: those that declared gives when a host is looked for.
func (h *Hosts) Beside(declared func() map[string]string) *Hosts {
	return &Hosts{h.known, declared}
}

// Known returns the host's configured or declared text, if there is one.
func (h *Hosts) Known(host []byte) (string, bool) {
	if name, ok := h.known[string(host)]; ok {
		return name, true // as most write it
	}
	var space [256]byte
	lower, ok := lowerHost(space[:0], host)
	if !ok {
		return "", false
	}
	name, ok := h.known[string(lower)]
	if !ok && h.beside != nil {
		name, ok = h.beside()[string(lower)]
	}
	return name, ok
}

// maxHost is the most bytes of a host name (RFC 1035 section 2.3.4).
const maxHost = 253

// lowerHost appends host in lower case without a trailing dot.
func lowerHost(dst, host []byte) ([]byte, bool) {
	if n := len(host); n > 0 && host[n-1] == '.' {
		host = host[:n-1]
	}
	if len(host) == 0 || len(host) > maxHost {
		return nil, false
	}
	for _, c := range host {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst, true
}

// hostname reports whether b, in lower case, can be a name in the DNS: labels
// of letters, digits, - and _, the last of which does not start with a digit
// (so that no spelling of an IPv4 address is one).
func hostname(b []byte) bool {
	label, last := 0, 0
	for i, c := range b {
		switch {
		case c == '.':
			if label == 0 {
				return false
			}
			label, last = 0, i+1
			continue
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
		label++
		if label > 63 {
			return false
		}
	}
	return label > 0 && (b[last] < '0' || b[last] > '9')
}

// registrable is the registrable domain of a host in lower case: the public
// suffix and one label. A host that has none, or is an address, has no answer.
func registrable(host []byte) ([]byte, bool) {
	if !hostname(host) {
		return nil, false
	}
	suffix, _ := publicsuffix.PublicSuffix(string(host))
	at := len(host) - len(suffix) - 1
	if at <= 0 {
		return nil, false
	}
	for at > 0 && host[at-1] != '.' {
		at--
	}
	return host[at:], true
}

// listed reports whether a host is below a suffix of the public list, or a name
// that RFC 2606 reserves and nobody has.
func listed(host []byte) bool {
	var space [256]byte
	lower, ok := lowerHost(space[:0], host)
	if !ok {
		return false
	}
	suffix, icann := publicsuffix.PublicSuffix(string(lower))
	switch suffix {
	case "example", "test", "invalid", "localhost":
		return true
	}
	return icann || strings.Contains(suffix, ".")
}
