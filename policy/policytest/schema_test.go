package policytest_test

import (
	"os"
	"path/filepath"
	"testing"

	"weir/policy/policytest"
)

func TestTheSpecimenHasEveryKeyOfACase(t *testing.T) {
	for _, path := range policytest.Shape().Unread() {
		t.Errorf("schema.yaml has no %s that the reader asks for", path)
	}
	text, err := os.ReadFile("schema.yaml")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	const entry = `{"request": {"method": "GET", "url": "https://www.example/"}}`
	if err := os.WriteFile(filepath.Join(folder, "traffic.har"), []byte(`{"log": {"entries": [`+entry+","+entry+`]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := policytest.ParseCases(filepath.Join(folder, "cases.yaml"), text); err != nil {
		t.Error(err)
	}
}
