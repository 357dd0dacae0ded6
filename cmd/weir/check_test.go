package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"weir/policy"
)

func TestReadmeListsTheLint(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, c := range policy.Checks() {
		row := fmt.Sprintf("\n| `%s` | %s | %s | ", c.Name, c.Level, c.Says)
		_, behind, ok := strings.Cut(string(readme), row)
		if !ok || strings.HasPrefix(behind, " |") {
			t.Errorf("README has no row %q with what to do", strings.TrimSpace(row))
			continue
		}
		told++
	}
	_, rest, _ := strings.Cut(string(readme), "| name | level | when | what to do |\n|---|---|---|---|\n")
	table, _, _ := strings.Cut(rest, "\n\n")
	if rows := strings.Count(table, "\n") + 1; rows != told {
		t.Errorf("README has %d rows, and there are %d checks", rows, told)
	}
}
