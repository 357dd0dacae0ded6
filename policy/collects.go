package policy

import (
	"fmt"
	"strings"

	"weir/policy/party"
	"weir/policy/source"
	"weir/redact/category"
)

// maxCollects bounds the entries of `collects`.
const maxCollects = 500

// Collect is what a service takes from people: Art. 13(1) and 30(1)(b) and (c) GDPR.
type Collect struct {
	Services   []string // none is any
	Routes     []string // path templates as in `routes`; none is any
	Basis      string   // Art. 6(1) GDPR, one of party.Bases; "" where it is not said
	Categories []category.Key
	Purposes   []string
	Source     string // whom it comes from, where that is not the person: Art. 14(2)(f)
	At         source.Pos

	places []source.Pos // of the categories
}

// Collects is what may come in: the section of that name.
func (p *Policy) Collects() []Collect { return p.document.collects }

func readCollects(n source.Node) []Collect {
	var out []Collect
	for i, entry := range n.List() {
		if i == maxCollects {
			entry.Refuse(fmt.Sprintf("there are more than %d entries", maxCollects), "")
			break
		}
		if entry.Is("text") {
			entry.Refuse("expected what is collected, found text", "- {services: [www], basis: contract, categories: [user.contact.email]}")
			continue
		}
		m := entry.Map(source.Keys{Known: []string{"services", "routes", "basis", "categories", "purposes", "source"}})
		c := Collect{At: entry.Pos(), Basis: m.Get("basis").Enum(party.Bases()...), Purposes: readUses(m.Get("purposes")), Source: m.Get("source").Word().Value}
		for _, t := range m.Get("services").Words() {
			c.Services = append(c.Services, t.Value)
		}
		for _, r := range m.Get("routes").List() {
			t := r.Word()
			if t.Value != "" && !strings.HasPrefix(t.Value, "/") {
				r.Refuse(fmt.Sprintf("%q is no path", cut(t.Value)), "/"+t.Value)
				continue
			}
			c.Routes = append(c.Routes, t.Value)
		}
		for _, k := range m.Require("categories", "categories: [user.contact.email]").List() {
			if key := readCategory(k); key != "" {
				c.Categories = append(c.Categories, key)
				c.places = append(c.places, k.Pos())
			}
		}
		out = append(out, c)
	}
	return out
}
