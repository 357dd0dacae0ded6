package policy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/policy"
)

// A file at every bound is compiled, or refused, within seconds.
func TestLargestFilesAreReadInTime(t *testing.T) {
	rules := func(n int, when string) string {
		var b strings.Builder
		b.WriteString(head + "redact:\n")
		for i := range n {
			fmt.Fprintf(&b, "  - {name: r%d, then: drop(), when: '%s'}\n", i, strings.ReplaceAll(when, "#", fmt.Sprint(i)))
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"many rules":    rules(1000, `field.category.within("user.contact") && field.name == "n#" && request.path.startsWith("/#")`),
		"long":          rules(20, strings.Repeat(`field.name == "n#" || `, 400)+"true"),
		"deep":          rules(50, strings.Repeat("(", 5000)),
		"nested loops":  rules(200, strings.Repeat(`["a"].all(x#, `, 20)+"true"+strings.Repeat(")", 20)),
		"wide loops":    rules(20, strings.Repeat(`[1].map(x, [1].map(y, [1].map(z, z))) == [] || `, 150)+"true"),
		"regexes":       rules(500, `field.name.matches("((a{20}){20})+#")`),
		"bad regexes":   rules(500, `field.name.matches("(a")`),
		"not a rule":    rules(500, `fild.name == "n#"`),
		"many routes":   head + "routes:\n" + repeat(5000, "  - at: /r#/{id}/x#\n"),
		"many fields":   head + "fields:\n" + repeat(5000, "  url.query.n#: user.unique_id\n"),
		"wild fields":   head + "fields:\n" + repeat(500, "  '**.n#': user.unique_id\n"),
		"repeated keys": head + "fields:\n" + repeat(5000, "  url.query.n: user.unique_id\n"),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			p, err := policy.Parse("p", []byte(text))
			took := time.Since(start)
			if took > time.Minute {
				t.Errorf("%d bytes took %v", len(text), took)
			}
			if err == nil {
				start = time.Now()
				p.Lint()
				if took := time.Since(start); took > time.Minute {
					t.Errorf("linting %d bytes took %v", len(text), took)
				}
			}
			if testing.Verbose() {
				first, _, _ := strings.Cut(fmt.Sprint(err), "\n")
				t.Logf("%d bytes: %v, lint %v: %s", len(text), took, time.Since(start), first)
			}
		})
	}
}

func repeat(n int, line string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(line, "#", fmt.Sprint(i)))
	}
	return b.String()
}
