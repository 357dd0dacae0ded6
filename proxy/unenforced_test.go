package proxy_test

import (
	"fmt"
	"strings"
	"testing"
)

// Who reads a policy that denies must know that nothing is denied yet.
func TestWhatIsNotCarriedOutIsToldOnce(t *testing.T) {
	up := says(t, "hello")
	denies := policy + "egress: [{name: all, when: \"true\", then: deny(\"no\")}]\n"
	denies = strings.Replace(denies, "{retain:", "{egress: deny, retain:", 1)
	in := startWith(t, head+fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL), denies)
	if got := in.said.String(); strings.Count(got, "policy_not_enforced") != 1 || !strings.Contains(got, "sections=egress ") {
		t.Fatalf("%s", got)
	}
	in.write("policy.yaml", denies+"# the same sections\n")
	in.Reload()
	in.write("policy.yaml", policy)
	in.Reload()
	if got := in.said.String(); strings.Count(got, "policy_reloaded") != 2 || strings.Count(got, "policy_not_enforced") != 1 {
		t.Errorf("told again where nothing changed, or where all is carried out:\n%s", got)
	}
}
