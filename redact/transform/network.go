package transform

import "net/netip"

// carriers are the networks of IPv6 whose addresses have an IPv4 address in them,
// and the bit at which it begins.
var carriers = [...]struct {
	network netip.Prefix
	at      int
}{
	{netip.MustParsePrefix("2002::/16"), 16},       // 6to4, RFC 3056 section 2
	{netip.MustParsePrefix("2001::/32"), 96},       // Teredo: the client's, inverted, RFC 4380 section 4
	{netip.MustParsePrefix("64:ff9b::/96"), 96},    // NAT64, RFC 6052 section 2.1
	{netip.MustParsePrefix("64:ff9b:1::/48"), 48},  // NAT64, RFC 8215: after the first 48 bits or later
	{netip.MustParsePrefix("::ffff:0:0:0/96"), 96}, // translated, RFC 2765 section 2.1
	{netip.MustParsePrefix("::/96"), 96},           // compatible, RFC 4291 section 2.5.5.1
}

// networkOf is the network that a, without zone and not mapped, is in: of v4 bits or
// of v6. Of an IPv4 address that stands within one of IPv6 no more than v4 bits are left.
func networkOf(a netip.Addr, v4, v6 int) (netip.Addr, bool) {
	bits := v4
	if a.Is6() {
		bits = v6
		if at, ok := carried(a); ok && v4 < 32 {
			bits = min(v6, at+v4)
		}
	}
	network, err := a.Prefix(bits)
	return network.Addr(), err == nil
}

// carried is the bit at which an IPv4 address may begin within one of IPv6.
func carried(a netip.Addr) (at int, ok bool) {
	for i := range carriers {
		if carriers[i].network.Contains(a) {
			return carriers[i].at, true
		}
	}
	b := a.As16()
	return 96, b[8]&^2 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe // ISATAP, RFC 5214 section 6.1
}
