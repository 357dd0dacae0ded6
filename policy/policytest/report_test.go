package policytest

import (
	"bytes"
	"strings"
	"testing"
)

func TestAReportIsAsWideAsItsTerminal(t *testing.T) {
	cases := strings.Replace(failing, "all wrong", strings.Repeat("all of it is wrong ", 9)+"here", 1)
	s := suite(t, nordhost, cases)
	s.Cover()
	report := Report{Suites: []SuiteReport{{Policy: "policy.yaml", Results: s.Run(), Coverage: s.Coverage}}}
	for _, width := range []int{60, 80, 120} {
		var plain, painted bytes.Buffer
		if err := report.Pretty(&Layout{W: &plain, Width: width}); err != nil {
			t.Fatal(err)
		}
		if err := report.Pretty(&Layout{W: &painted, Width: width, Color: true}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(plain.String()) {
			line = strings.TrimSuffix(line, "\n")
			if visible(line) > width || strings.HasSuffix(line, " ") || strings.Contains(line, "\x1b") {
				t.Errorf("%d: %q", width, line)
			}
		}
		if lines := strings.Count(painted.String(), "\n"); lines != strings.Count(plain.String(), "\n") || !strings.Contains(painted.String(), "\x1b[31mFAIL\x1b[0m") {
			t.Errorf("%d:\n%s", width, painted.String())
		}
	}
}
