package policy_test

import (
	"os"
	"path/filepath"
	"testing"

	"weir/policy"
)

func TestTheSpecimenHasEveryKeyOfAPolicy(t *testing.T) {
	for _, path := range policy.Shape().Unread() {
		t.Errorf("schema.yaml has no %s that the reader asks for", path)
	}
	folder := t.TempDir()
	for name, text := range map[string]string{
		"base.yaml": "routes: [{at: /}]", "names.txt": "x.member ~ abonnent\n", "privacy.md": "Addresses stay with us: addresses stay with us.",
		"law.yaml": string(read(t, "party/law.yaml")), "policy.yaml": string(read(t, "schema.yaml")),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := policy.Load(filepath.Join(folder, "policy.yaml")); err != nil {
		t.Error(err)
	}
}

func read(t *testing.T, path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
