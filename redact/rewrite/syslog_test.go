package rewrite

import "testing"

func TestIdsAndNamesOfStructuredDataAreLookedThrough(t *testing.T) {
	e, _ := engine(t, own(t))
	const head = "<13>1 2026-11-22T10:00:00Z - - - - "
	for text, want := range map[string]string{
		`[anna@example.dk anna="x"]`:        `[- -="`,
		`[anna.hansen status="x"]`:          `[- `,
		`[example@32473 email=""][origin]`:  `[example@32473 email=""][origin]`,
		`[ex@45203040501 email=""]`:         `[- email=""]`,
		`[timeQuality 0101901234=""][meta]`: `[timeQuality -=""][meta]`,
	} {
		out, c := copied(t, e, "syslog", head+text, 1)
		if len(out) < len(head)+len(want) || out[len(head):len(head)+len(want)] != want || c.Broken > 0 {
			t.Errorf("%s became %s", text, out)
		}
	}
}
