package policy_test

import (
	"fmt"
	"testing"

	"weir/policy"
	"weir/redact/raw"
)

// What was not seen stays unknown through whatever asks for it, but for what decides
// without it.
func TestUnknownStaysUnknown(t *testing.T) {
	const yes, no, unknown = "yes", "no", "unknown"
	tunnel := leaving("/", "a.example")
	tunnel.Exchange.Visibility, tunnel.Complete = raw.SeenTunnel, false
	part := leaving("/", "a.example", "user.contact.email")
	part.Complete = false
	whole := leaving("/", "a.example", "user.contact.email")
	for _, c := range []struct{ when, whole, part, tunnel string }{
		{`flow.carries("user.contact")`, yes, yes, unknown},
		{`flow.carries("user.contact.email")`, yes, yes, unknown},
		{`flow.carries("user.contact.phone_number")`, no, unknown, unknown},
		{`!flow.carries("user.contact")`, no, no, unknown},
		{`!flow.carries("user.financial")`, yes, unknown, unknown},
		{`flow.categories.size() == 1`, yes, unknown, unknown},
		{`"user.contact.email" in flow.categories`, yes, unknown, unknown},
		{`flow.excess.exists(k, k.within("user.contact"))`, yes, unknown, unknown},
		{`flow.excess.all(k, k.within("user.contact"))`, yes, unknown, unknown},
		{`flow.excess.filter(k, k.within("user.financial")).size() > 0`, no, unknown, unknown},
		{`sets.intersects(flow.categories, ["user.contact.email", "user.name"])`, yes, unknown, unknown},
		{`flow.excess == ["user.contact.email"]`, yes, unknown, unknown},
		{`(flow.categories + ["x"]).size() > 1`, yes, unknown, unknown},
		{`flow.excess[0].startsWith("user")`, yes, unknown, unknown},
		{`flow.categories.size() == 0 ? false : true`, yes, unknown, unknown},
		{`true ? flow.carries("user") : false`, yes, yes, unknown},
		{`false && flow.carries("user.financial")`, no, no, no},
		{`flow.carries("user.financial") && false`, no, no, no},
		{`true || flow.carries("user.financial")`, yes, yes, yes},
		{`flow.carries("user.financial") || !party.declared`, yes, yes, yes},
		{`flow.carries("user.financial") == flow.carries("user.financial")`, yes, unknown, unknown},
		{`[flow.carries("user.financial")].exists(x, x)`, no, unknown, unknown},
		{`flow.carries("user.financial") || int("x" + request.host) > 0`, "failed", unknown, unknown},
		{`request.method == "GET"`, yes, yes, unknown},
		{`request.header["x-a"] == ""`, yes, yes, unknown},
		{`"x-a" in request.header`, no, no, unknown},
		{`request.query["a"] == "" && request.cookie["b"] == ""`, yes, yes, unknown},
		{`request.path.under("/") || request.route != ""`, yes, yes, unknown},
		{`request.size >= 0 && request.scheme == "https"`, yes, yes, unknown},
		{`consent.gpc || consent.given("analytics")`, no, no, unknown},
		{`request.host == "a.example" && flow.direction == "outbound" && flow.visibility != ""`, yes, yes, yes},
		{`client.address != "" && now > timestamp("2026-01-01T00:00:00Z")`, yes, yes, yes},
	} {
		rule := fmt.Sprintf("  - {name: a, when: '%s', then: alert(\"a\"), on_error: alert}\n", c.when)
		for i, want := range []string{c.whole, c.part, c.tunnel} {
			j := judge(t, rule, []*policy.Seen{whole, part, tunnel}[i])
			got := no
			switch e := &j.Egress; {
			case len(e.Unseen) > 0:
				got = unknown
			case len(e.Failed) > 0:
				got = "failed"
			case e.By != nil && e.By.Name == "a":
				got = yes
			}
			if got != want {
				t.Errorf("%s of %s: %s, want %s", c.when, []string{"all", "a part", "a tunnel"}[i], got, want)
			}
		}
	}
}
