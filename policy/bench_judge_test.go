package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/policy"
)

// declared is a policy of so many parties, each with a use, and so many egress rules:
// every fifth reads what was found, every tenth the request, the others who receives it.
func declared(parties, rules int) string {
	var b strings.Builder
	b.WriteString("controller: {name: N, country: DK, contact: p@n.example}\ndefaults: {egress: deny}\nparties:\n")
	for i := range parties {
		fmt.Fprintf(&b, "  p%d: {name: Party %d, country: IE, role: processor, safeguard: [eea], agreement: {id: A-%d}, uses: {u: {hosts: [api.p%d.example], "+
			"basis: contract, purposes: [essential.service], categories: [user.contact.email]}}}\n", i, i, i, i)
	}
	b.WriteString("egress:\n")
	for i := range rules {
		when := fmt.Sprintf(`party.use == "p%d/u" && flow.carries("user.name")`, i%parties)
		switch {
		case i == 0:
			when = "party.declared"
		case i%10 == 9:
			when = fmt.Sprintf(`request.method == "M%d"`, i)
		case i%5 == 4:
			when = `flow.carries("user.financial") && flow.excess.size() > 0`
		}
		then := fmt.Sprintf(`deny("rule %d")`, i)
		if i == 0 {
			then = "allow()"
		}
		fmt.Fprintf(&b, "  - {name: rule %d, when: '%s', then: '%s'}\n", i, when, then)
	}
	return b.String()
}

func BenchmarkJudge(b *testing.B) {
	for _, n := range []int{1, 50, 1000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			p, err := policy.Parse("policy.yaml", []byte(declared(50, n)))
			if err != nil {
				b.Fatal(err)
			}
			s := leaving("/v1/customers", "api.p7.example", "user.contact.email", "user.name")
			b.ReportAllocs()
			for b.Loop() {
				p.Judge(s)
			}
		})
	}
}

// BenchmarkLoad is 1,000 rules and 500 parties.
func BenchmarkLoad(b *testing.B) {
	data := []byte(declared(500, 1000))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := policy.Parse("policy.yaml", data); err != nil {
			b.Fatal(err)
		}
	}
}
