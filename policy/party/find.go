package party

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
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
// The time it takes is bounded by the lengths of host and path. It allocates nothing but
// for hosts that are not ASCII, and for domains that nobody declared and that were not
// asked for lately.
func (r *Register) Find(host, path string, addr netip.Addr) Recipient {
	if len(host) > maxHost {
		return r.atAddress(addr)
	}
	host = withoutPort(host)
	if literal, ok := address(host); ok {
		if !addr.IsValid() {
			addr = literal
		}
		return r.atAddress(addr)
	}
	var space [maxName]byte
	name, ok := lower(space[:0], host)
	if !ok {
		return r.atAddress(addr)
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
		if to, ok := c.find(path); ok {
			return to
		}
	}
	if to := r.byAddress(addr); to != nil {
		return *to
	}
	return r.domains.undeclared(name)
}

// find asks the hosts for a path, by each way of reading it. Not ok means that by all of
// them nobody is declared.
func (c *chain) find(path string) (Recipient, bool) {
	var space [maxRead]byte
	var seen [readings]*Recipient
	text, ok := take(&space, path)
	if !ok {
		return c.anyPath(), true
	}
	for r := range readings {
		if r == lenient {
			if text, ok = flatten(text); !ok {
				return c.anyPath(), true
			}
		}
		var parts [maxSegments]part
		seen[r] = c.by(r, text, &parts, r.walk(text, &parts))
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
func (c *chain) by(r reading, path []byte, parts *[maxSegments]part, n int) *Recipient {
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
func (c *chain) anyPath() Recipient {
	var first *Recipient
	one, party, ends := true, true, false
	note := func(to *Recipient) {
		if first == nil {
			first = to
		}
		one = one && same(to, first)
		party = party && to.ID == first.ID
	}
	for _, node := range c.nodes[:c.count] {
		for i := range node.paths {
			note(node.paths[i].to)
		}
		if node.whole != nil {
			note(node.whole)
			ends = true
			break
		}
	}
	switch {
	case one && ends:
		return *first
	case party:
		return partyOf(first)
	}
	return Recipient{Source: Undecided, Host: first.Host}
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

// byAddress is who is declared for an address, by the longest prefix; nil for nobody.
func (r *Register) byAddress(addr netip.Addr) *Recipient {
	if !addr.IsValid() {
		return nil
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
				return to
			}
		}
	}
	return nil
}

// atAddress is who is declared for an address, where the host says nothing.
func (r *Register) atAddress(addr netip.Addr) Recipient {
	if to := r.byAddress(addr); to != nil {
		return *to
	}
	return Recipient{Source: Unknown}
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
