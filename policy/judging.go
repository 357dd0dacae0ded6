package policy

import "slices"

// Judge says all that the policy says of one exchange. It is safe for concurrent use;
// what it returns holds no value of the exchange.
func (p *Policy) Judge(s *Seen) *Judgement {
	v := p.look(s)
	defer v.giveBack()
	j := &Judgement{Direction: v.direction()}
	j.Party = *v.recipient()
	j.ToParty = v.toParty
	excess, known := v.excessive()
	j.Excess, j.ExcessKnown = slices.Clone(excess), known
	j.Egress = p.egress.judge(v)
	j.Retention = p.Retention(s)
	j.Respond = p.respond.judge(v)
	j.Promises = p.promises.judge(v, &j.Egress)
	j.Tenant, _ = v.tenant()
	return j
}
