package policy_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/policy"
)

const withNames = "controller: {name: N, country: DK, contact: p@n.example}\ndefaults: {retain: 30d}\ndetect: [{names: names.txt}]\nredact: []\n"

func TestAPolicyIsNamedByItsNamesToo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if got, want := policy.Files(path, []byte(withNames)), []string{filepath.Join(filepath.Dir(path), "names.txt")}; !slices.Equal(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
	for _, text := range []string{"", "detect: names.txt\n", "detect: [{names: 7}]\n", "detect: [names.txt, {regions: [DK]}]\n", "\x00"} {
		if got := policy.Files(path, []byte(text)); len(got) != 0 {
			t.Errorf("%q: %s", text, got)
		}
	}
	seen := make(map[string]bool)
	for _, names := range []string{"", "x.seat = plads\n", "x.seat = plads stol\n", "x.seat = plads\n"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), "names.txt"), []byte(names), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := policy.Parse(path, []byte(withNames))
		if err != nil {
			t.Fatal(err)
		}
		seen[p.Fingerprint()] = true
		if again := p.For("www"); again.Fingerprint() != p.Fingerprint() || again.Detect() == nil {
			t.Error("another policy for a service")
		}
	}
	if len(seen) != 3 {
		t.Errorf("%d fingerprints of three policies", len(seen))
	}
}

func TestDetectorsAreBounded(t *testing.T) {
	text := strings.Replace(withNames, "[{names: names.txt}]", "\n"+strings.Repeat("  - {category: x.a, pattern: 'K\\d{8}'}\n", 65), 1)
	_, err := policy.Parse("policy.yaml", []byte(text))
	if err == nil || err.Error() != "policy.yaml:68:5: there are more than 64 detectors" {
		t.Error(err)
	}
}
