package party

import (
	"fmt"
	"slices"
	"strings"

	"weir/policy/source"
)

// ReadLaw reads a file in law.yaml's form. What is wrong is noted in f.
func ReadLaw(f *source.File) *Law {
	l := &Law{area: make(map[string][]Term), adequate: make(map[string][]Term), safeguards: make(map[string][]Term)}
	m := f.Root().Map(source.Keys{Known: []string{"eea", "adequacy", "safeguards"}})
	for _, n := range m.Require("eea", `eea: [{countries: [DK], source: …}]`).List() {
		_, t, countries := readTerm(n, "countries")
		for _, c := range countries {
			l.area[c] = append(l.area[c], t)
		}
	}
	for _, n := range m.Get("adequacy").List() {
		_, t, countries := readTerm(n, "countries", "decision", "needs")
		for _, c := range countries {
			l.adequate[c] = append(l.adequate[c], t)
		}
	}
	for _, n := range m.Get("safeguards").List() {
		m, t, countries := readTerm(n, "name", "countries", "decision", "agreement", "signed_from", "signed_before", "ended")
		t.Countries = countries
		name := m.Require("name", "name: scc").Enum(Safeguards()...)
		if name != "" {
			l.safeguards[name] = append(l.safeguards[name], t)
		}
	}
	return l
}

// readTerm reads one entry, which may have some more keys than all have.
func readTerm(n source.Node, more ...string) (m source.Mapping, t Term, countries []string) {
	m = n.Map(source.Keys{Known: append(more, "from", "until", "source")})
	if has(more, "name") || m.Require("countries", "countries: [DK]").Exists() {
		countries = readCountries(m.Get("countries"))
	}
	t.From, t.Until = m.Get("from").Date(), m.Get("until").Date()
	if !t.Until.IsZero() && !t.From.Before(t.Until) {
		m.Get("until").Refuse("this ends before it begins", "")
	}
	t.SignedFrom, t.SignedBefore = m.Get("signed_from").Date(), m.Get("signed_before").Date()
	t.Decision, t.Ended = m.Get("decision").Word().Value, m.Get("ended").Word().Value
	if has(more, "needs") {
		m.Require("decision", "decision: its number")
	}
	t.Needs = m.Get("needs").Enum(Safeguards()...)
	t.Agreement = m.Get("agreement").Bool()
	t.Source = m.Require("source", "source: where it can be read").Word().Value
	return m, t, countries
}

func has(all []string, s string) bool { return slices.Contains(all, s) }

// readCountries reads codes: ISO 3166-1 alpha-2, or three letters of an organisation
// (Art. 45(1) GDPR names international organisations beside countries).
func readCountries(n source.Node) (out []string) {
	for _, entry := range n.List() {
		c := entry.Word()
		if c.Value == "" {
			continue
		}
		organisation := len(c.Value) == 3 && strings.Trim(c.Value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
		if !organisation && !slices.Contains(Countries(), c.Value) {
			instead := "two capital letters, such as DK, or three of an organisation"
			if upper := strings.ToUpper(c.Value); slices.Contains(Countries(), upper) {
				instead = upper
			} else if upper == "UK" {
				instead = "GB"
			}
			entry.Refuse(fmt.Sprintf("%q is no country of ISO 3166-1", cut(c.Value)), instead)
			continue
		}
		out = append(out, c.Value)
	}
	return out
}
