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

// That weir itself fails is told of the file that it failed over, and the others are checked.
func TestCheckEndsWithAFaultWhereWeirFails(t *testing.T) {
	k := &checker{}
	k.guarded("a.yaml", func(string) { panic("vanna@zq7.example") })
	k.guarded("b.yaml", k.read)
	k.wrong("c.yaml", &policy.Defect{File: "policy.yaml", At: "policy.walk, names.go:7"})
	if !k.defect || !k.failed() || fmt.Sprint(k.okay()) != "[b.yaml]" || len(k.findings) != 2 {
		t.Fatalf("%+v, in order %v", k, k.okay())
	}
	for i, file := range []string{"a.yaml", "policy.yaml"} {
		if said := k.findings[i].String(); !strings.HasPrefix(said, file+": weir failed at ") || strings.Contains(said, "vanna") {
			t.Error(said)
		}
	}
}
