package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"weir/policy"
)

// BenchmarkRules is the typical exchange with the policy of six rules behind so
// many others that it takes 10, 100 and 1,000. They ask for places, names and
// categories; none reads the exchange.
func BenchmarkRules(b *testing.B) {
	text, err := os.ReadFile("testdata/policy.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			more := ""
			for i := range n - 6 {
				more += fmt.Sprintf("  - {name: rule %d, when: '%s', then: keep()}\n", i, []string{
					fmt.Sprintf(`field.category.within("x.c%d")`, i),
					fmt.Sprintf(`field.place == "url.query.key%d"`, i),
					fmt.Sprintf(`field.name == "x-name-%d" && service == "www"`, i),
				}[i%3])
			}
			path := filepath.Join(b.TempDir(), "policy.yaml")
			if err := os.WriteFile(path, append(text, more...), 0o600); err != nil {
				b.Fatal(err)
			}
			p, err := policy.Load(path)
			if err != nil {
				b.Fatal(err)
			}
			measure(b, engineOf(b, p.For("www"), nowhere{}), typical, func() {})
		})
	}
}
