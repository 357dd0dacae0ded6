package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"weir/policy/party"
	"weir/policy/source"
)

// recipients is what a policy says of who receives data and where it may go.
type recipients struct {
	register *party.Register
	law      *party.Law
}

// partyName is what a party, a use or a service is called: it stands in rules and in entries.
var partyName = regexp.MustCompile(`^[a-z0-9]([a-z0-9_.-]{0,62}[a-z0-9])?$`)

// readRecipients reads `law` and `parties`.
func readRecipients(f *source.File, d *document, root source.Mapping) recipients {
	r := partyReader{file: f, law: readLaw(f, d, root.Get("law"))}
	for key, n := range root.Get("parties").Entries().All() {
		if len(r.all) == party.MaxParties {
			f.Refuse(key.Pos, fmt.Sprintf("there are more than %d parties", party.MaxParties), "")
			break
		}
		r.party(key, n)
	}
	register, err := party.New(party.Config{Parties: r.all})
	if err != nil && f.Err() == nil {
		f.Refuse(root.Key("parties").Pos, err.Error(), "")
	}
	return recipients{register, r.law}
}

// readLaw reads the operator's own law, or gives the one that is built in.
func readLaw(f *source.File, d *document, n source.Node) *party.Law {
	name := n.Path()
	if name == "" {
		return party.BuiltIn()
	}
	path, ok := below(n, name)
	if !ok {
		return party.BuiltIn()
	}
	data, err := source.ReadBytes(path)
	if err != nil {
		n.Refuse(err.Error(), "the path of a file in the form of weir's own, from this file's folder on")
		return party.BuiltIn()
	}
	d.beside = append(d.beside, besideFile{path, data})
	inner := source.Parse(path, data)
	f.Include(inner)
	return party.ReadLaw(inner)
}

// partyReader reads `parties`.
type partyReader struct {
	file  *source.File
	law   *party.Law
	all   []party.Party
	hosts int
}

var partyKeys = source.Keys{
	Known: []string{"name", "country", "role", "source", "safeguard", "agreement", "uses"},
	Elsewhere: map[string]string{
		"hosts": "uses: {payment: {hosts: […]}}", "addresses": "uses: {payment: {addresses: […]}}", "services": "uses: {payment: {services: […]}}",
		"basis": "uses: {payment: {basis: contract}}", "purposes": "uses: {payment: {purposes: […]}}", "categories": "uses: {payment: {categories: […]}}",
	},
}

func (r *partyReader) party(key source.Key, n source.Node) {
	p := party.Party{ID: key.Text, At: key.Pos}
	r.named(key, "a party")
	m := n.Map(partyKeys)
	p.Name = m.Require("name", "name: the legal entity's name").Word().Value
	p.Country = r.country(m.Get("country"))
	p.Role = m.Get("role").Enum(party.Roles()...)
	for _, t := range manyOf(m.Get("source")).Words() {
		p.Source = append(p.Source, t.Value)
	}
	p.Safeguard = readSafeguards(m.Get("safeguard"))
	p.Agreement = readAgreement(m.Get("agreement"))
	p.SafeguardAt, p.AgreementAt = m.Get("safeguard").Pos(), m.Get("agreement").Pos()
	uses := m.Require("uses", "uses: {payment: {hosts: [api.nordhost.example]}}")
	entries := uses.Entries()
	if uses.Is("a mapping") && entries.Len() == 0 {
		uses.Refuse("this party is used for nothing", "uses: {payment: {hosts: [api.nordhost.example]}}")
	}
	for key, n := range entries.All() {
		r.named(key, "a use")
		u := r.use(n)
		u.ID, u.At = key.Text, key.Pos
		p.Uses = append(p.Uses, u)
	}
	r.all = append(r.all, p)
}

// named refuses names that can not be written as they are wherever a party is named.
func (r *partyReader) named(key source.Key, what string) {
	if partyName.MatchString(key.Text) {
		return
	}
	instead := "such as mail-gateway"
	if made := strings.Trim(strings.Map(func(c rune) rune {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
			return c
		}
		return '-'
	}, strings.ToLower(key.Text)), "-_."); partyName.MatchString(made) {
		instead = made
	}
	r.file.Refuse(key.Pos, fmt.Sprintf("the name of %s is of a-z, 0-9, -, _ and ., at most 64 of them", what), instead)
}

func (r *partyReader) country(n source.Node) string {
	code := n.Word().Value
	if code == "" || slices.Contains(party.Countries(), code) || r.law.Names(code) {
		return code
	}
	instead := "two capital letters, such as DK, or no country where it is not known"
	if upper := strings.ToUpper(code); slices.Contains(party.Countries(), upper) {
		instead = upper
	} else if upper == "UK" {
		instead = "GB"
	} else if upper == "EU" {
		instead = "the country where the party is established"
	}
	n.Refuse(fmt.Sprintf("%q is no country of ISO 3166-1", cut(code)), instead)
	return ""
}

func readSafeguards(n source.Node) []string {
	var out []string
	for _, entry := range manyOf(n).List() {
		s := entry.Enum(party.Safeguards()...)
		if slices.Contains(out, s) {
			entry.Refuse(fmt.Sprintf("%q stands here twice", s), "it once")
		}
		if s != "" {
			out = append(out, s)
		}
	}
	if slices.Contains(out, "none") && len(out) > 1 {
		n.Refuse("`none` stands beside a safeguard", "one of both")
	}
	return out
}

// readAgreement reads a contract: Art. 28(3) GDPR.
func readAgreement(n source.Node) (a party.Agreement) {
	if n.Is("text") {
		n.Refuse(`"agreement": expected a mapping, found text`, fmt.Sprintf("{id: %s}", cut(n.Text().Value)))
		return a
	}
	m := n.Map(source.Keys{Known: []string{"id", "signed", "expires"}})
	a.ID = m.Require("id", "id: what it is called in your files").Word().Value
	a.Signed, a.Expires = m.Get("signed").Date(), m.Get("expires").Date()
	if !a.Signed.IsZero() && !a.Expires.IsZero() && !a.Signed.Before(a.Expires) {
		m.Get("expires").Refuse("this agreement ends before it is signed", "")
	}
	return a
}

var useKeys = source.Keys{
	Known: []string{"hosts", "addresses", "services", "basis", "purposes", "categories"},
	Elsewhere: map[string]string{
		"country": "it beside `uses`", "role": "it beside `uses`", "safeguard": "it beside `uses`", "agreement": "it beside `uses`",
		"name": "it beside `uses`", "retain": "`retain`, for entries; how long a party keeps data is for its agreement",
	},
}

func (r *partyReader) use(n source.Node) (u party.Use) {
	m := n.Map(useKeys)
	hosts := m.Get("hosts")
	if m.Get("addresses").Exists() {
		u.Addresses = manyOf(m.Get("addresses")).Prefixes()
	} else if n.Is("a mapping") {
		m.Require("hosts", "hosts: [api.nordhost.example]")
	}
	for _, entry := range manyOf(hosts).List() {
		if h, ok := r.host(entry); ok {
			if i := slices.IndexFunc(u.Hosts, h.Same); i >= 0 {
				entry.Refuse(fmt.Sprintf("%s stands here twice, first in %s", h, u.Hosts[i].At.Where()), "it once")
				continue
			}
			u.Hosts = append(u.Hosts, h)
		}
	}
	if hosts.Is("a list") && len(hosts.List()) == 0 && len(u.Addresses) == 0 {
		hosts.Refuse("this use has no host", "[api.nordhost.example]")
	}
	for _, entry := range manyOf(m.Get("services")).List() {
		if s := entry.Word().Value; s != "" {
			u.Services = append(u.Services, s)
		}
	}
	u.Basis = m.Get("basis").Enum(party.Bases()...)
	u.Purposes = readUses(manyOf(m.Get("purposes")))
	for _, entry := range manyOf(m.Get("categories")).List() {
		if k := readCategory(entry); k != "" && !slices.Contains(u.Categories, k) {
			u.Categories = append(u.Categories, k)
		}
	}
	return u
}

func (r *partyReader) host(n source.Node) (party.Host, bool) {
	t := n.Word()
	if t.Value == "" {
		return party.Host{}, false
	}
	if r.hosts++; r.hosts > party.MaxHosts {
		if r.hosts == party.MaxHosts+1 {
			n.Refuse(fmt.Sprintf("there are more than %d hosts", party.MaxHosts), `"*." and what they have in common`)
		}
		return party.Host{}, false
	}
	h, err := party.ParseHost(t.Value)
	if wrong, ok := err.(*party.HostError); ok {
		n.Refuse(wrong.Message, wrong.Instead)
	}
	h.At = t.Pos
	return h, err == nil
}

// manyOf is a value that has to be a list. One text is refused with brackets around it.
func manyOf(n source.Node) source.Node {
	if n.Is("text") {
		n.Refuse("expected a list, found text", "["+cut(n.Text().Value)+"]")
		return source.Node{}
	}
	return n
}

// Parties are who receives data, as the policy's service sends it.
func (p *Policy) Parties() *party.Register { return p.parties }

// Hosts are the names of hosts that parties have, in lower case: they may be written
// whole. The map is not to be changed.
func (p *Policy) Hosts() map[string]string { return p.parties.Hosts() }

// Law is where personal data may go, by date.
func (p *Policy) Law() *party.Law { return p.law }
