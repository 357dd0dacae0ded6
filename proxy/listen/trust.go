package listen

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Trust is the list of peers that are believed when they say who is behind
// them. The zero Trust believes nobody.
type Trust struct{ prefixes []netip.Prefix }

// ParseTrust reads addresses and prefixes in CIDR form. The error names every
// entry that is wrong and what to write instead.
func ParseTrust(entries []string) (Trust, error) {
	var t Trust
	var errs []error
	for _, e := range entries {
		p, err := parsePrefix(e)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		t.prefixes = append(t.prefixes, p)
	}
	if len(errs) > 0 {
		return Trust{}, errors.Join(errs...)
	}
	return t, nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil || a.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%q is not an address or a prefix; write one like 10.0.0.0/8 or fd00::/8", s)
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not a prefix; write one like 10.0.0.0/8 or fd00::/8", s)
	}
	if p.Addr().Is4In6() {
		if p.Bits() < 96 {
			return netip.Prefix{}, fmt.Errorf("%q reaches beyond the IPv4 addresses; write the IPv4 prefix itself", s)
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	if m := p.Masked(); m != p {
		return netip.Prefix{}, fmt.Errorf("%q has bits set behind its prefix; write %s", s, m)
	}
	return p, nil
}

// Contains reports whether a is trusted.
func (t Trust) Contains(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, p := range t.prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Len is the number of prefixes.
func (t Trust) Len() int { return len(t.prefixes) }
