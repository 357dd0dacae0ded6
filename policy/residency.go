package policy

import (
	"fmt"
	"slices"
	"strings"

	"weir/policy/party"
	"weir/policy/source"
)

// Residency is where entries and flows may go. Without the section that is anywhere.
type Residency struct {
	Countries  []string // ISO 3166-1 alpha-2
	Safeguards []string // that stand in for one of the countries
	At         source.Pos

	stated bool
}

// Residency is the section of that name.
func (p *Policy) Residency() Residency { return p.document.residency }

// Allows reports whether data may go to a country, under these safeguards. A country
// that is not known, "", is none of those.
func (r Residency) Allows(country string, safeguards []string) bool {
	return !r.stated || slices.Contains(r.Countries, country) ||
		slices.ContainsFunc(safeguards, func(s string) bool { return slices.Contains(r.Safeguards, s) })
}

// rule names the section where it decides as a rule of egress does.
func (r Residency) rule() *RuleRef { return &RuleRef{"residency", r.At, "residency"} }

// judge denies personal data that goes to a party outside. Where it was not seen whether
// there is any, that is unknown.
func (r Residency) judge(v *view) (verdictValue, truth) {
	to := v.recipient()
	switch {
	case r.Allows(to.Country, to.Safeguard):
		return verdictValue{}, no
	case len(v.seen.Categories) > 0:
		return verdictValue{verdict: Deny, reason: "outside the residency"}, yes
	case v.seen.Complete:
		return verdictValue{}, no
	}
	return verdictValue{verdict: v.policy.document.judging.defaults.unseen, reason: reasonUnseen}, unseen
}

func (r Residency) String() string {
	return strings.Join(append(slices.Clone(r.Countries), r.Safeguards...), ", ")
}

func readResidency(n source.Node) Residency {
	r := Residency{At: n.Pos(), stated: n.Exists()}
	m := n.Map(source.Keys{Known: []string{"countries", "safeguards"}})
	for _, c := range m.Require("countries", "countries: [DK]").List() {
		t := c.Word()
		if t.Value == "" {
			continue
		}
		if !slices.Contains(party.Countries(), t.Value) {
			instead := "two capital letters, such as DK"
			if upper := strings.ToUpper(t.Value); slices.Contains(party.Countries(), upper) {
				instead = upper
			}
			c.Refuse(fmt.Sprintf("%q is no country of ISO 3166-1", cut(t.Value)), instead)
			continue
		}
		r.Countries = append(r.Countries, t.Value)
	}
	for _, s := range m.Get("safeguards").List() {
		if word := s.Enum(party.Safeguards()...); word != "" {
			r.Safeguards = append(r.Safeguards, word)
		}
	}
	return r
}
