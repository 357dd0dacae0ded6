package source

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Prefix returns a network such as 10.0.0.0/8 or 2001:db8::/32. A single
// address is the network of it alone.
func (n Node) Prefix() netip.Prefix {
	n.recordForm(`^[0-9a-fA-F.:]+(/[0-9]+)?$`)
	t, ok := n.scalar()
	if !ok {
		return netip.Prefix{}
	}
	if a, err := netip.ParseAddr(t.Value); err == nil && a.Zone() == "" && !a.Is4In6() {
		return netip.PrefixFrom(a, a.BitLen())
	}
	p, err := netip.ParsePrefix(t.Value)
	switch {
	case err != nil || p.Addr().Is4In6():
		n.Refuse(quote(t.Value)+" is not a network", "an address and a prefix length, such as 10.0.0.0/8 or 2001:db8::/32")
	case p.Masked() != p:
		n.Refuse(quote(t.Value)+" has bits set behind its prefix", p.Masked().String())
	default:
		return p
	}
	return netip.Prefix{}
}

// Prefixes returns a list of networks.
func (n Node) Prefixes() []netip.Prefix {
	var out []netip.Prefix
	for _, e := range n.List() {
		if p := e.Prefix(); p.IsValid() {
			out = append(out, p)
		}
	}
	return out
}

// Address returns a host and port to listen on or to connect to, "host:port". The host
// may be missing: ":8080" is every address of the machine.
func (n Node) Address() string {
	n.recordForm(`:[0-9]+$`)
	if n.Is("a number") {
		n.Refuse(quote(n.key)+": expected an address and a port", strconv.Quote(":"+n.node.GetToken().Value))
		return ""
	}
	t, ok := n.scalar()
	if !ok {
		return ""
	}
	const instead = `such as ":8080", 127.0.0.1:8080 or "[::1]:8080"`
	host, port, err := net.SplitHostPort(t.Value)
	if err != nil {
		n.Refuse(quote(t.Value)+" is not an address and a port", instead)
		return ""
	}
	if p, err := strconv.ParseUint(port, 10, 16); err != nil || port != strconv.FormatUint(p, 10) {
		n.Refuse(quote(t.Value)+" has no port from 0 to 65535", instead)
		return ""
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" && !hostName(host) {
		n.Refuse(quote(t.Value)+" has no address or name of a host", instead)
		return ""
	}
	return t.Value
}

// URL returns an absolute URL of one of the schemes, with a host. Messages do
// not quote it, since it may hold a password.
func (n Node) URL(schemes ...string) *url.URL {
	n.recordForm("^(" + strings.Join(schemes, "|") + ")://")
	t, ok := n.scalar()
	if !ok {
		return nil
	}
	instead := "such as " + schemes[0] + "://127.0.0.1:3000"
	u, err := url.Parse(t.Value)
	switch {
	case err != nil || u.Scheme == "" || u.Opaque != "":
		n.Refuse(fmt.Sprintf("%s: expected a URL", quote(n.key)), instead)
	case !contains(schemes, u.Scheme):
		n.Refuse(fmt.Sprintf("%s: the scheme of this URL is not %s", quote(n.key), strings.Join(schemes, " or ")), instead)
	case u.Hostname() == "":
		n.Refuse(fmt.Sprintf("%s: this URL has no host", quote(n.key)), instead)
	case u.Port() != "" && !portNumber(u.Port()):
		n.Refuse(fmt.Sprintf("%s: the port of this URL is not from 1 to 65535", quote(n.key)), instead)
	default:
		return u
	}
	return nil
}

// Host returns a host's name or address, in lower case, without a port.
func (n Node) Host() string {
	t, ok := n.scalar()
	if !ok {
		return ""
	}
	host := strings.ToLower(t.Value)
	if _, err := netip.ParseAddr(host); err != nil && !hostName(host) {
		n.Refuse(quote(t.Value)+" is not the name of a host", "such as www.nordhost.example")
		return ""
	}
	return host
}

// Path returns the path of a file or folder, as it is written.
func (n Node) Path() string {
	t, ok := n.scalar()
	if !ok {
		return ""
	}
	return t.Value
}

// scalar is Word, and whether it is there.
func (n Node) scalar() (Text, bool) {
	if !n.Exists() {
		return Text{}, false
	}
	t := n.Word()
	return t, t.file != nil
}

func portNumber(s string) bool {
	p, err := strconv.ParseUint(s, 10, 16)
	return err == nil && p > 0
}

func hostName(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range label {
			if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}
