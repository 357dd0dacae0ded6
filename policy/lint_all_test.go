package policy_test

import (
	"path/filepath"
	"testing"
	"time"

	"weir/policy"
)

// Somewhere in the cases each check has something to tell.
func TestEveryCheckTellsOfSomething(t *testing.T) {
	told := make(map[string]bool)
	files, err := filepath.Glob("testdata/cases/*/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		p, err := policy.Load(file)
		if err != nil {
			continue // a case of errors
		}
		for _, day := range []string{"2026-11-22", "2031-10-01"} {
			at, err := time.Parse(time.DateOnly, day)
			if err != nil {
				t.Fatal(err)
			}
			found, waived := p.LintAll(at)
			for _, r := range append(found, waived...) {
				told[r.Name] = true
			}
		}
	}
	for _, c := range policy.Checks() {
		if !told[c.Name] {
			t.Errorf("no case has %s", c.Name)
		}
	}
}
