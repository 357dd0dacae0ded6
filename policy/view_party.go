package policy

import (
	"cel.dev/cel-go/common/types"

	"weir/policy/party"
	"weir/redact/raw"
)

// recipient is who receives what was sent. Who calls a reverse listener is none, nor
// is the service that it relays to.
func (v *view) recipient() *party.Recipient {
	if v.asked {
		return &v.party
	}
	v.asked = true
	if v.exchange == nil {
		return &v.party
	}
	m := &v.exchange.Request
	host := string(m.Peek(m.Authority))
	if v.exchange.Direction == raw.Inbound {
		if host = v.exchange.To; host == "" {
			return &v.party
		}
	}
	path := ""
	if v.exchange.Visibility != raw.SeenTunnel {
		path = string(m.Peek(m.Path))
	}
	v.party = v.policy.parties.Find(host, path, v.exchange.Recipient)
	if v.exchange.Direction == raw.Inbound && (v.party.Source == party.Registrable || v.party.Source == party.Unknown) {
		v.party = party.Recipient{}
		return &v.party
	}
	v.toParty = true
	return &v.party
}

func (v *view) resolveParty(name string) (any, bool) {
	r := v.recipient()
	if r.Source == party.Undecided && unsettled(name, r) {
		return notSeen, true
	}
	switch name {
	case "party.id":
		return types.String(r.ID), true
	case "party.use":
		return types.String(r.Use), true
	case "party.name":
		return types.String(r.Name), true
	case "party.country":
		return types.String(r.Country), true
	case "party.role":
		return types.String(r.Role), true
	case "party.basis":
		return types.String(r.Basis), true
	case "party.purposes":
		return textList(r.Purposes), true
	case "party.categories":
		return listOf(r.Categories), true
	case "party.safeguard":
		return textList(r.Safeguard), true
	case "party.agreement":
		if !r.Agreement.InForce(v.at) {
			return types.String(""), true
		}
		return types.String(r.Agreement.ID), true
	case "party.declared":
		return types.Bool(r.Declared), true
	case "party.adequate":
		ok, _ := v.policy.law.Adequate(r.Country, r.Safeguard, r.Agreement, v.at)
		return types.Bool(ok), true
	case "party.source":
		return types.String(r.Source), true
	}
	return nil, false
}

// unsettled reports whether a variable differs among those who could be the recipient.
func unsettled(name string, r *party.Recipient) bool {
	switch name {
	case "party.use", "party.basis", "party.purposes", "party.categories", "party.declared":
		return true
	case "party.source":
		return false
	}
	return r.ID == ""
}

// adequate is adequate(): whether the law of the flow's day lets data go to a country
// without a safeguard of the party's own.
func (v *view) adequate(country string) bool {
	ok, _ := v.policy.law.Adequate(country, nil, party.Agreement{}, v.at)
	return ok || v.policy.law.EEA(country, v.at)
}
