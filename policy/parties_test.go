package policy_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/policy"
	"weir/policy/party"
)

const partiesHead = "controller: {name: N, country: DK, contact: p@n.example}\n"

// manyParties is a policy of 500 parties with ten hosts each.
func manyParties() []byte {
	var out strings.Builder
	out.WriteString(partiesHead + "parties:\n")
	for p := range 500 {
		fmt.Fprintf(&out, "  p%d:\n    name: Party %d\n    country: US\n    role: processor\n    safeguard: [dpf, scc]\n    agreement: {id: DPA-%d, expires: 2027-01-01}\n    uses:\n", p, p, p)
		for u := range 2 {
			fmt.Fprintf(&out, "      u%d:\n        basis: contract\n        purposes: [essential.service]\n        categories: [user.contact.email, user.name]\n        hosts: [", u)
			for h := range 5 {
				fmt.Fprintf(&out, "h%d.u%d.p%d.example, ", h, u, p)
			}
			out.WriteString("]\n")
		}
	}
	return []byte(strings.ReplaceAll(out.String(), ", ]", "]"))
}

func TestFiveHundredPartiesAreFound(t *testing.T) {
	p, err := policy.Parse("policy.yaml", manyParties())
	if err != nil {
		t.Fatal(err)
	}
	to := p.For("www").Parties().Find("h4.u1.p499.example", "/", netip.Addr{})
	if hosts := p.Hosts(); len(hosts) != 5000 || hosts["h0.u0.p7.example"] != "h0.u0.p7.example" {
		t.Errorf("%d hosts may be written", len(hosts))
	}
	if to.Use != "p499/u1" || to.Name != "Party 499" || to.Agreement.ID != "DPA-499" || len(to.Categories) != 2 || to.Basis != "contract" {
		t.Errorf("%+v", to)
	}
}

func BenchmarkLoadParties(b *testing.B) {
	data := manyParties()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := policy.Parse("policy.yaml", data); err != nil {
			b.Fatal(err)
		}
	}
}

func TestUsesAreOfTheServiceOfThePolicy(t *testing.T) {
	p, err := policy.Parse("policy.yaml", []byte(partiesHead+`parties:
  stripe: {name: S, uses: {payment: {hosts: [api.stripe.com], services: [billing]}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	for service, want := range map[string]string{"billing": party.Declared, "www": party.Elsewhere, "": party.Declared} {
		if got := p.For(service).Parties().Find("api.stripe.com", "/", netip.Addr{}).Source; got != want {
			t.Errorf("%q: %s, want %s", service, got, want)
		}
	}
}

func TestTheOperatorsLawTakesThePlaceOfTheBuiltInOne(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "policy.yaml")
	write := func(file, text string) {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("policy.yaml", partiesHead+"law: own.yaml\nparties:\n  o: {name: O, country: OSS, uses: {a: {hosts: [o.example]}}}\n")
	const law = "eea: [{countries: [CH], source: s}]\nadequacy: [{countries: [OSS], decision: ours, from: 2024-01-01, source: s}]\n"
	write("own.yaml", law)
	p, err := policy.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if p.Law().EEA("DK", at) || !p.Law().EEA("CH", at) {
		t.Error("the law is not the operator's")
	}
	if ok, why := p.Law().Adequate("OSS", nil, party.Agreement{}, at); !ok || why != "ours" {
		t.Error(ok, why)
	}
	if ok, _ := p.For("www").Law().Adequate("OSS", nil, party.Agreement{}, at.AddDate(-3, 0, 0)); ok {
		t.Error("the decision came in 2024")
	}
	before := p.Fingerprint()
	write("own.yaml", "eea: [{countries: [CH, IS], source: s}]\nadequacy: [{countries: [OSS], decision: ours, source: s}]\n")
	if p, err = policy.Load(name); err != nil || p.Fingerprint() == before {
		t.Error("another law is another policy:", err)
	}
}
