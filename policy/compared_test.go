package policy

import (
	"fmt"
	"testing"

	"weir/redact/category"
	"weir/redact/raw"
)

// What is compared without CEL comes to what CEL says of it.
func TestAComparisonComesToWhatItsProgramComesTo(t *testing.T) {
	p, err := Parse("policy.yaml", []byte(`controller: {name: N, country: DK, contact: p@n.example}
defaults: {egress: deny}
egress:
  - {name: a, when: 'request.method == "GET" && "POST" != request.method && request.host == ""', then: allow()}
  - {name: b, when: 'party.use == "" || party.id != "" || request.scheme == "https" || flow.visibility == "full"', then: allow()}
  - {name: c, when: 'request.path != "/" || request.route == ""', then: allow()}
`))
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for visibility := range raw.SeenTunnel + 1 {
		x := &raw.Exchange{Direction: raw.Outbound, Visibility: visibility}
		x.Request.Method = x.Request.AppendString("GET")
		v := p.look(&Seen{Exchange: x, Categories: []category.Key{"user.name"}})
		for _, c := range p.egress.all {
			var visit func(*condition)
			visit = func(n *condition) {
				if n.op == isAtom {
					if n.atom.compared == nil {
						t.Fatalf("%s has an atom that is not compared", c.name)
					}
					program := *n.atom
					program.compared = nil
					if got, want := v.evaluate(n.atom), v.evaluate(&program); got != want {
						t.Errorf("%s: %+v is %d, its program %d", visibility, *n.atom.compared, got, want)
					}
					count++
				}
				for _, below := range n.below {
					visit(below)
				}
			}
			visit(c.condition)
		}
		v.giveBack()
	}
	if count != 3*9 {
		t.Error(fmt.Sprint(count, " comparisons"))
	}
}
