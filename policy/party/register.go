package party

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"weir/policy/source"
	"weir/redact/category"
)

// Config is what a policy declares of recipients.
type Config struct{ Parties []Party }

// Party is a legal entity that receives data: Art. 4(9) and 30(1)(d) GDPR.
type Party struct {
	ID        string
	Name      string
	Country   string   // ISO 3166-1 alpha-2, or an organisation's that the law names; "" where it is not known
	Role      string   // one of Roles, "" where the file does not say
	Source    []string // where what is said of it comes from
	Safeguard []string // of Safeguards
	Agreement Agreement
	Uses      []Use

	At, SafeguardAt, AgreementAt source.Pos // in the policy file
}

// Use is what a party receives data for.
type Use struct {
	ID         string // "analytics"
	Hosts      []Host
	Addresses  []netip.Prefix
	Services   []string // who may send it there; none is any
	Basis      string   // one of Bases, "" where the file does not say
	Purposes   []string
	Categories []category.Key
	At         source.Pos
}

// Roles are what a recipient can be: Art. 4(7), 4(8), 4(19) and 26 GDPR.
func Roles() []string { return []string{"processor", "controller", "joint", "group"} }

// Bases are the grounds of Art. 6(1) GDPR, in its order.
func Bases() []string {
	return []string{"consent", "contract", "legal_obligation", "vital_interest", "public_interest", "legitimate_interest"}
}

// Bounds of a register.
const (
	MaxParties = 2000
	MaxHosts   = 20000 // of all parties
	maxPaths   = 200   // of one host
)

// Validate tells what New refuses. It is what a reader has told of the file already.
func (c Config) Validate() error {
	if len(c.Parties) > MaxParties {
		return fmt.Errorf("there are more than %d parties", MaxParties)
	}
	hosts, paths := 0, make(map[string]int)
	ids := make(map[string]bool)
	for _, p := range c.Parties {
		if p.ID == "" || ids[p.ID] {
			return fmt.Errorf("the party %q is there twice, or has no name", p.ID)
		}
		ids[p.ID] = true
		uses := make(map[string]bool)
		for _, u := range p.Uses {
			if u.ID == "" || uses[u.ID] {
				return fmt.Errorf("the use %q of %s is there twice, or has no name", u.ID, p.ID)
			}
			uses[u.ID] = true
			hosts += len(u.Hosts)
			for _, h := range u.Hosts {
				if h.Name == "" {
					return errors.New("a host of " + p.ID + "/" + u.ID + " was not parsed")
				}
				if h.Path != "" {
					paths[h.key()]++
				}
			}
		}
	}
	for host, n := range paths {
		if n > maxPaths {
			return fmt.Errorf("%s has more than %d paths", host, maxPaths)
		}
	}
	if hosts > MaxHosts {
		return fmt.Errorf("there are more than %d hosts", MaxHosts)
	}
	return nil
}

// Register finds the party and the use that a host, a path and an address belong to.
type Register struct {
	config    Config
	hosts     map[string]*node  // by name, in lower case
	suffixes  map[string]*node  // of "*.x.example" by "x.example"
	names     map[string]string // of hosts
	addresses map[netip.Prefix]*Recipient
	lengths   []int // of the prefixes of addresses, the longest first, IPv4's above 1000
	domains   *domains
}

// New makes a register as the file has it, for no service in particular: where several
// services have uses of their own for one host, which one is meant is undecided.
func New(cfg Config) (*Register, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return build(cfg, ""), nil
}

// For is the same register for what a service sends: uses that are for other services
// alone are not declared for it.
func (r *Register) For(service string) *Register { return build(r.config, service) }

// Parties are all that are declared, in the file's order. They are not to be changed.
func (r *Register) Parties() []Party { return r.config.Parties }

// Hosts are the names that are declared, those below a star not among them. The map is
// not to be changed.
func (r *Register) Hosts() map[string]string { return r.names }

// build resolves each pattern to the recipient that it stands for.
func build(cfg Config, service string) *Register {
	r := &Register{config: cfg, hosts: make(map[string]*node), suffixes: make(map[string]*node), addresses: make(map[netip.Prefix]*Recipient), domains: newDomains()}
	claims := make(map[claim][]claimant)
	var order []claim
	note := func(c claim, p *Party, u *Use) {
		if _, again := claims[c]; !again {
			order = append(order, c)
		}
		who := claimant{p, u}
		if !slices.Contains(claims[c], who) {
			claims[c] = append(claims[c], who)
		}
	}
	for i := range cfg.Parties {
		p := &cfg.Parties[i]
		for j := range p.Uses {
			u := &p.Uses[j]
			for _, h := range u.Hosts {
				note(claim{host: h.Pattern()}, p, u)
			}
			for _, a := range u.Addresses {
				note(claim{address: a.Masked()}, p, u)
			}
		}
	}
	for _, c := range order {
		to := resolve(claims[c], service)
		if c.address.IsValid() {
			r.addAddress(c.address, to)
			continue
		}
		to.Host = c.host.Name
		r.addHost(c.host, to)
	}
	r.names = make(map[string]string, len(r.hosts))
	for name := range r.hosts {
		r.names[name] = name
	}
	return r
}

// claim is a host with its path, or a network.
type claim struct {
	host    Host
	address netip.Prefix
}

type claimant struct {
	party *Party
	use   *Use
}

// resolve makes the recipient of what several uses claim, for one service.
func resolve(all []claimant, service string) *Recipient {
	here := all
	if service != "" {
		here = slices.DeleteFunc(slices.Clone(all), func(c claimant) bool { return !slices.Contains(c.use.Services, service) })
		if len(here) == 0 {
			here = slices.DeleteFunc(slices.Clone(all), func(c claimant) bool { return len(c.use.Services) > 0 })
		}
	}
	switch len(here) {
	case 1:
		return here[0].recipient()
	case 0:
		return common(all, Elsewhere)
	}
	return common(here, Undecided)
}

// recipient is what is declared of one use.
func (c claimant) recipient() *Recipient {
	to := c.party.recipient()
	to.Use = c.party.ID + "/" + c.use.ID
	to.Basis, to.Purposes, to.Categories = c.use.Basis, c.use.Purposes, c.use.Categories
	to.Declared, to.Source = true, Declared
	return to
}

// recipient is what is declared of a party, whatever the use.
func (p *Party) recipient() *Recipient {
	return &Recipient{ID: p.ID, Name: p.Name, Country: p.Country, Role: p.Role, Safeguard: p.Safeguard, Agreement: p.Agreement}
}

// common is what several have in common: the party, or nothing.
func common(all []claimant, how string) *Recipient {
	for _, c := range all {
		if c.party != all[0].party {
			return &Recipient{Source: how}
		}
	}
	to := all[0].party.recipient()
	to.Source = how
	return to
}
