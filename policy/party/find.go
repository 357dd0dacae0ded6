package party

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// node is what is declared of one host, or of all hosts below one.
type node struct {
	whole *Recipient // for a path that fits no other; nil where only paths are declared
	paths []onPath   // the narrowest first
}

// onPath is a recipient that has one path of a host.
type onPath struct {
	declared []string
	tree     bool
	to       *Recipient
}

func (r *Register) addHost(h Host, to *Recipient) {
	in := r.hosts
	if h.Below {
		in = r.suffixes
	}
	n := in[h.Name]
	if n == nil {
		n = &node{}
		in[h.Name] = n
	}
	if h.Path == "" {
		n.whole = to
		return
	}
	n.paths = append(n.paths, onPath{strings.Split(h.Path, "/")[1:], h.Tree, to})
	slices.SortStableFunc(n.paths, func(a, b onPath) int {
		narrow := 0
		if a.tree != b.tree {
			narrow = 1
			if b.tree {
				narrow = -1
			}
		}
		return cmp.Or(cmp.Compare(len(b.declared), len(a.declared)), narrow)
	})
}

// v4 tells the lengths of IPv4's prefixes from those of IPv6's.
const v4 = 1000

func (r *Register) addAddress(p netip.Prefix, to *Recipient) {
	r.addresses[p] = to
	length := p.Bits()
	if p.Addr().Is4() {
		length += v4
	}
	if !slices.Contains(r.lengths, length) {
		r.lengths = append(r.lengths, length)
		slices.SortFunc(r.lengths, func(a, b int) int { return cmp.Compare(b, a) })
	}
}

// chain is the declared hosts that a host is, or is below, the narrowest first. There
// are no more labels in a name.
type chain struct {
	nodes [maxName/2 + 2]*node
	count int
	paths bool // some have paths
}

func (c *chain) add(n *node) {
	if n == nil || c.count == len(c.nodes) {
		return
	}
	c.nodes[c.count] = n
	c.count++
	c.paths = c.paths || len(n.paths) > 0
}

// Find tells who receives what is sent to a host at an address. Host may have a port, a
// dot at its end, any case, and be in Unicode; path is a request's, and "" where it was
// not seen; the address is used where the host is not declared, or is an address itself.
// The narrowest declaration counts: a path before its host, a host before "*." and what
// is behind its first dots, these before an address.
//
// Where a path can be read in several ways and these lead to different recipients, or
// it was not seen and would tell recipients apart, who receives it is Undecided.
//
// For hosts in ASCII it allocates nothing, and the time it takes is bounded by the
// lengths of host and path; Host of what is not declared is then a part of the text
// that was given.
func (r *Register) Find(host, path string, addr netip.Addr) Recipient {
	host = withoutPort(host)
	if literal, ok := address(host); ok {
		if !addr.IsValid() {
			addr = literal
		}
		return r.at(addr, Recipient{Source: Unknown})
	}
	var space [maxName]byte
	name, ok := lower(space[:0], host)
	if !ok {
		return r.at(addr, Recipient{Source: Unknown})
	}
	var c chain
	c.add(r.hosts[string(name)])
	for at, b := range name {
		if b == '.' {
			c.add(r.suffixes[string(name[at+1:])])
		}
	}
	switch {
	case c.count > 0 && !c.paths:
		return *c.nodes[0].whole
	case c.count > 0:
		if to, ok := c.find(bare(path)); ok {
			return to
		}
	}
	return r.at(addr, undeclared(host, name))
}

// find asks the hosts for a path, by each way of reading it. Not ok means that by all of
// them nobody is declared.
func (c *chain) find(path string) (Recipient, bool) {
	var seen [readings]*Recipient
	if path == "" || path[0] != '/' || !readable(path) {
		return c.anyPath()
	}
	for r := range readings {
		var parts [maxSegments]part
		seen[r] = c.by(r, path, &parts, r.walk(path, &parts))
	}
	for _, to := range seen[1:] {
		if to != seen[0] && !same(to, seen[0]) {
			return undecided(seen[:]), true
		}
	}
	if seen[0] == nil {
		return Recipient{}, false
	}
	return *seen[0], true
}

// by is who has the path by one way of reading it, nil for nobody.
func (c *chain) by(r reading, path string, parts *[maxSegments]part, n int) *Recipient {
	for _, node := range c.nodes[:c.count] {
		for i := range node.paths {
			if p := &node.paths[i]; r.fits(path, parts, n, p.declared, p.tree) {
				return p.to
			}
		}
		if node.whole != nil {
			return node.whole
		}
	}
	return nil
}

// anyPath is who has the host whatever the path, Undecided where that depends.
func (c *chain) anyPath() (Recipient, bool) {
	var first *Recipient
	for _, node := range c.nodes[:c.count] {
		for i := range node.paths {
			if first == nil {
				first = node.paths[i].to
			} else if to := node.paths[i].to; !same(first, to) {
				return c.ofParty(), true
			}
		}
		if node.whole != nil {
			if first == nil || same(first, node.whole) {
				return *node.whole, true
			}
			return c.ofParty(), true
		}
	}
	return c.ofParty(), true
}

// ofParty is Undecided, with the party where all paths that count are one party's.
func (c *chain) ofParty() Recipient {
	var first *Recipient
	for _, node := range c.nodes[:c.count] {
		for i := range node.paths {
			if first == nil {
				first = node.paths[i].to
			}
			if node.paths[i].to.ID != first.ID {
				return Recipient{Source: Undecided, Host: first.Host}
			}
		}
		if node.whole != nil {
			if node.whole.ID != first.ID {
				return Recipient{Source: Undecided, Host: first.Host}
			}
			break
		}
	}
	return partyOf(first)
}

// undecided is what several have in common, of which nil is nobody that is declared.
func undecided(all []*Recipient) Recipient {
	var first *Recipient
	for _, to := range all {
		switch {
		case to == nil:
		case first == nil:
			first = to
		case to.ID != first.ID:
			return Recipient{Source: Undecided, Host: first.Host}
		}
	}
	return partyOf(first)
}

// partyOf is a recipient's party, whichever its use is.
func partyOf(to *Recipient) Recipient {
	return Recipient{ID: to.ID, Name: to.Name, Country: to.Country, Role: to.Role, Safeguard: to.Safeguard,
		Agreement: to.Agreement, Source: Undecided, Host: to.Host}
}

// same reports whether two are one use of one party.
func same(a, b *Recipient) bool {
	return a == b || a != nil && b != nil && a.Declared && b.Declared && a.Use == b.Use
}

// at is who is declared for an address, or else otherwise.
func (r *Register) at(addr netip.Addr, otherwise Recipient) Recipient {
	if !addr.IsValid() || len(r.lengths) == 0 {
		return otherwise
	}
	addr = addr.Unmap().WithZone("")
	for _, length := range r.lengths {
		bits := length
		if addr.Is4() {
			bits -= v4
		}
		if bits < 0 || bits > addr.BitLen() {
			continue
		}
		if p, err := addr.Prefix(bits); err == nil {
			if to := r.addresses[p]; to != nil {
				return *to
			}
		}
	}
	return otherwise
}

// undeclared is who nobody declared: the registrable domain, where there is one.
func undeclared(host string, name []byte) Recipient {
	text := strings.TrimSuffix(host, ".")
	if text != string(name) {
		text = string(name)
	}
	suffix, _ := publicsuffix.PublicSuffix(text)
	at := len(text) - len(suffix) - 1
	if at <= 0 {
		return Recipient{Source: Unknown}
	}
	return Recipient{Source: Registrable, Host: text[strings.LastIndexByte(text[:at], '.')+1:]}
}

// withoutPort is a host without its port, and without brackets.
func withoutPort(host string) string {
	if strings.HasPrefix(host, "[") {
		inside, _, ok := strings.Cut(host[1:], "]")
		if ok {
			return inside
		}
		return host
	}
	if i := strings.IndexByte(host, ':'); i >= 0 && strings.LastIndexByte(host, ':') == i {
		return host[:i]
	}
	return host
}

// address is the address that a host is. It looks before it parses, since an error of
// netip allocates.
func address(host string) (netip.Addr, bool) {
	if !strings.Contains(host, ":") {
		last := strings.TrimSuffix(host, ".")
		if last = last[strings.LastIndexByte(last, '.')+1:]; last == "" || last[0] < '0' || last[0] > '9' {
			return netip.Addr{}, false
		}
	}
	a, err := netip.ParseAddr(host)
	return a, err == nil
}

// readable reports whether every escape of a path is whole, and none is a character
// that ends a text for some.
func readable(path string) bool {
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c < ' ' || c == 0x7f:
			return false
		case c == '%':
			if len(path)-i < 3 {
				return false
			}
			v, ok := hex(path[i+1], path[i+2])
			if !ok || v < ' ' || v == 0x7f || v == 0xc0 || v == 0xc1 {
				return false
			}
			i += 2
		}
	}
	return true
}
