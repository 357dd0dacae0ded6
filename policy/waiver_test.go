package policy_test

import (
	"strings"
	"testing"
	"time"

	"weir/policy"
)

const waiving = controller + `defaults: {retain: 30d}
redact:
  - {name: narrow, when: 'field.category == "user.device.ip_address" && field.kind == "header"', then: 'truncate(32, 64)'}
  - {name: whole, when: 'field.category == "user.device.ip_address"', then: keep()}
`

// remarksOn are the names of what the lint says on a day, and of what is waived.
func remarksOn(t *testing.T, text, on string) (found, waived string) {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.DateOnly, on)
	if err != nil {
		t.Fatal(err)
	}
	told, silent := p.LintAll(at)
	names := func(all []*policy.Remark) string {
		var out []string
		for _, r := range all {
			out = append(out, r.Name+" "+r.About)
		}
		return strings.Join(out, ", ")
	}
	return names(told), names(silent)
}

func TestAWaiverSilencesWhatItNamesUntilItsDay(t *testing.T) {
	const who = "until: 2027-01-01, reason: they move, approved: anna"
	whole, narrow := "address-kept redact.whole", "address-narrow redact.narrow"
	for name, c := range map[string]struct{ waiver, on, found, waived string }{
		"none":           {"", "2026-12-31", narrow + ", " + whole, ""},
		"lint":           {"{lint: address-kept, " + who + "}", "2026-12-31", narrow, whole},
		"rule":           {"{rule: narrow, " + who + "}", "2026-12-31", whole, narrow},
		"place":          {"{lint: address-narrow, at: redact.narrow, " + who + "}", "2026-12-31", whole, narrow},
		"another place":  {"{lint: address-narrow, at: redact.whole, " + who + "}", "2026-12-31", narrow + ", " + whole + ", waiver-unused waivers.address-narrow", ""},
		"on its day":     {"{lint: address-kept, " + who + "}", "2027-01-01", narrow + ", " + whole + ", waiver-expired waivers.address-kept", ""},
		"not needed":     {"{rule: narrow, " + who + "}, {lint: detector-slow, " + who + "}", "2026-12-31", whole + ", waiver-unused waivers.detector-slow", narrow},
		"a shorter path": {"{lint: address-kept, at: redact, " + who + "}", "2026-12-31", narrow, whole},
	} {
		t.Run(name, func(t *testing.T) {
			found, waived := remarksOn(t, waiving+"waivers: ["+c.waiver+"]\n", c.on)
			if found != c.found || waived != c.waived {
				t.Errorf("found  %s\nwant   %s\nwaived %s\nwant   %s", found, c.found, waived, c.waived)
			}
		})
	}
}

func TestAWaiverOfARuleIsOfThatRuleAlone(t *testing.T) {
	const longer = "  - {name: whole.too, when: 'field.category == \"user.device.ip_address\" && field.kind == \"query\"', then: keep()}\n"
	text := strings.Replace(waiving, "  - {name: whole,", longer+"  - {name: whole,", 1) + "waivers: [{rule: whole, until: 2027-01-01, reason: they move, approved: anna}]\n"
	if _, waived := remarksOn(t, text, "2026-12-31"); waived != "address-kept redact.whole" {
		t.Errorf("waived %s", waived)
	}
}

func TestEveryCheckHasItsOwnNameAndIsInOrder(t *testing.T) {
	last := ""
	for _, c := range policy.Checks() {
		if c.Name <= last || c.Says == "" || strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyz-") != "" {
			t.Errorf("%q behind %q", c.Name, last)
		}
		last = c.Name
	}
}
