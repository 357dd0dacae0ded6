package policy_test

import (
	"strings"
	"testing"
	"time"

	"weir/policy"
)

// remarks are the lint's of `parties`, a line each, as they are on a day.
func remarks(t *testing.T, day, parties string) string {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte("controller: {name: N, country: DK, contact: p@n.example}\nparties:\n"+parties))
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, r := range p.LintAt(at) {
		out.WriteString(r.Level.String() + " " + r.Name + " " + r.About + " " + r.String() + "\n")
	}
	return out.String()
}

const usesOf = "uses: {mail: {hosts: [a.example], purposes: [marketing.communications.email], categories: [user.contact.email]}}}\n"

func TestPartiesAreLintedByTheLawOfTheDay(t *testing.T) {
	const agreed = "agreement: {id: DPA-1, signed: 2023-01-01, expires: 2027-01-01}, "
	for _, c := range []struct{ day, party, want string }{
		{"2026-06-01", "country: DK, " + agreed, ""},
		{"2026-06-01", "country: DK, role: controller, ", ""},
		{"2026-06-01", "country: DK, ", `warning agreement-missing parties.a policy.yaml:3:3: there is no agreement with a: Art. 28(3) GDPR`},
		{"2026-11-22", "country: DK, " + agreed, `warning agreement-ending parties.a policy.yaml:3:40: the agreement "DPA-1" with a ends on 2027-01-01`},
		{"2027-01-01", "country: DK, " + agreed, `error agreement-void parties.a policy.yaml:3:40: the agreement "DPA-1" with a ended on 2027-01-01`},
		{"2022-12-31", "country: DK, " + agreed, `error agreement-void parties.a policy.yaml:3:40: the agreement "DPA-1" with a is signed on 2023-01-01 only`},
		{"2026-06-01", agreed, `warning country-missing parties.a policy.yaml:3:3: nothing says in which country a is`},
		{"2026-06-01", "country: US, " + agreed, `error safeguard-missing parties.a policy.yaml:3:3: personal data may not go to a: (EU) 2023/1795 asks for safeguard: [dpf]`},
		{"2026-06-01", "country: US, safeguard: [dpf], " + agreed, ""},
		{"2026-06-01", "country: US, safeguard: [scc], " + agreed, ""},
		{"2027-02-01", "country: US, safeguard: [scc], " + agreed, `error agreement-void parties.a policy.yaml:3:58: the agreement "DPA-1" with a ended on 2027-01-01
error safeguard-missing parties.a policy.yaml:3:3: personal data may not go to a: scc without an agreement in force`},
		{"2026-06-01", "country: US, safeguard: [dpf, privacy_shield], " + agreed, `error safeguard-dead parties.a policy.yaml:3:40: privacy_shield lets nothing go to a since 2020-07-16: Court of Justice, C-311/18`},
		{"2026-06-01", "country: US, safeguard: [safe_harbour], " + agreed, `error safeguard-dead parties.a policy.yaml:3:40: safe_harbour lets nothing go to a since 2015-10-06: Court of Justice, C-362/14`},
		{"2026-06-01", "country: US, safeguard: [scc, eea], " + agreed, `warning safeguard-unfit parties.a policy.yaml:3:40: US is not in the EEA`},
		{"2026-06-01", "country: IN, safeguard: [scc, dpf], " + agreed, `warning safeguard-unfit parties.a policy.yaml:3:40: no decision lets data go to IN by dpf`},
		{"2026-06-01", "country: IN, safeguard: [none], " + agreed, `error safeguard-missing parties.a policy.yaml:3:3: personal data may not go to a: IN is outside the EEA, and no decision or safeguard is for it`},
		{"2026-06-01", "country: JP, safeguard: [adequacy], " + agreed, ""},
		{"2031-09-01", "country: GB, role: controller, ", `warning decision-ending parties.a policy.yaml:3:3: the decision by which data goes to a in GB ends on 2031-12-27`},
		{"2031-09-01", "country: GB, role: controller, safeguard: [scc], agreement: {id: A}, ", ""},
	} {
		got := strings.Split(strings.TrimSuffix(remarks(t, c.day, "  a: {name: A, "+c.party+usesOf), "\n"), "\n")
		want := strings.Split(c.want, "\n")
		if len(got) != len(want) {
			t.Errorf("%s %s: got %q, want %q", c.day, c.party, got, want)
			continue
		}
		for _, w := range want {
			if !strings.Contains(strings.Join(got, "\n"), w) {
				t.Errorf("%s %s: got %q, want %q", c.day, c.party, got, w)
			}
		}
	}
}

func TestHostsOfTwoUsesForOneServiceAreTold(t *testing.T) {
	const rest = ", purposes: [analytics.reporting]}"
	got := remarks(t, "2026-06-01", `  a:
    name: A
    role: controller
    country: DK
    uses:
      x: {hosts: [one.example, two.example, "*.three.example", four.example/a/*]`+rest+`
      y: {hosts: [one.example], services: [www]`+rest+`
      z: {hosts: [One.example.], services: [www, shop]`+rest+`
  b:
    name: B
    role: controller
    country: DK
    uses:
      x: {hosts: [two.example, three.example, four.example/a], addresses: [192.0.2.0/24]}
      y: {hosts: ["*.three.example"], addresses: [192.0.2.0/24]`+rest+`
`)
	want := `warning host-twice parties.a.uses.z policy.yaml:10:19: one.example is a/y's as well, in line 9: which one receives data there is undecided; write instead: a path of the host, or services, for each
warning purpose-missing parties.b.uses.x policy.yaml:16:7: nothing says what for b/x receives data: Art. 30(1)(b) GDPR; write instead: purposes: [essential.service.payment_processing], or another
warning host-twice parties.b.uses.x policy.yaml:16:19: two.example is a/x's as well, in line 8: which one receives data there is undecided; write instead: a path of the host, or services, for each
warning host-twice parties.b.uses.y policy.yaml:17:7: 192.0.2.0/24 is b/x's as well, in line 16: which one receives data there is undecided; write instead: a path of the host, or services, for each
warning host-twice parties.b.uses.y policy.yaml:17:19: *.three.example is a/x's as well, in line 8: which one receives data there is undecided; write instead: a path of the host, or services, for each
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A party is also who receives what goes to none of its uses for sure.
func TestARuleAboutAPartyOfUndecidedUseCanMatch(t *testing.T) {
	text := controller + "defaults: {egress: deny}\negress: [{name: odd paths, when: 'party.id == \"google\" && !party.declared', then: deny(\"no\")}]\n" + strings.TrimSpace(judgedParties) + "\n"
	if found, _ := remarksOn(t, text, "2026-11-22"); strings.Contains(found, "rule-never-matches") {
		t.Error(found)
	}
}
