package detect

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"weir/redact/category"
)

// TestOrdinaryTextHoldsNothing reads user agents, URLs, lines of logs and order
// numbers: versions, times, sizes, hashes and pixel ratios are nobody's.
func TestOrdinaryTextHoldsNothing(t *testing.T) {
	b, err := os.ReadFile("testdata/ordinary.txt")
	if err != nil {
		t.Fatal(err)
	}
	var s Scanner
	s.Use(everywhere(t))
	texts := 0
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		texts++
		findings, complete := s.Scan([]byte(line))
		for _, f := range findings {
			t.Errorf("%s: %s, %s at %d", line, f.Category, f.Value, f.Confidence)
		}
		if !complete {
			t.Errorf("%s: not complete", line)
		}
	}
	if texts < 300 {
		t.Errorf("only %d texts", texts)
	}
}

// everywhere is a set for which every country's numbers are at home.
func everywhere(t testing.TB) *Set {
	set, err := NewSet(SetConfig{Regions: []string{"DK", "SE", "NO", "FI", "DE", "NL", "FR", "ES", "IT", "PL", "GB", "US"}})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestRandomNumbersAreSeldomAnybodys holds numbers that machines make against the
// checksums, which let one in ten or a hundred through, and against dates.
func TestRandomNumbersAreSeldomAnybodys(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	hex := func(n int) string {
		var b strings.Builder
		for range n {
			fmt.Fprintf(&b, "%x", r.IntN(16))
		}
		return b.String()
	}
	for _, of := range []struct {
		name  string
		most  int // of 20,000
		write func() string
	}{
		{"seconds", 0, func() string { return fmt.Sprint(1_400_000_000 + r.IntN(500_000_000)) }},
		{"milliseconds", 0, func() string { return fmt.Sprint(1_400_000_000_000 + r.Int64N(500_000_000_000)) }},
		{"microseconds", 0, func() string { return fmt.Sprint(1_400_000_000_000_000 + r.Int64N(500_000_000_000_000)) }},
		{"nanoseconds", 0, func() string { return fmt.Sprint(1_400_000_000_000_000_000 + r.Int64N(500_000_000_000_000_000)) }},
		{"8 digits", 0, func() string { return fmt.Sprintf("id=%08d", r.IntN(1e8)) }},
		{"9 digits", 0, func() string { return fmt.Sprintf("/x/%09d", r.IntN(1e9)) }},
		{"10 digits", 100, func() string { return fmt.Sprintf("/x/%010d", r.Int64N(1e10)) }},
		{"order of 16 digits", 0, func() string { return fmt.Sprintf("order %016d", r.Int64N(1e16)) }},
		{"16 digits", 700, func() string { return fmt.Sprintf("/x/%016d", r.Int64N(1e16)) }},
		{"date and time", 0, func() string {
			return fmt.Sprintf("2026-%02d-%02d %02d:%02d:%02d", 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60))
		}},
		{"compact time", 2, func() string {
			return fmt.Sprintf("2026%02d%02d%02d%02d%02d", 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60))
		}},
		{"hash", 2, func() string { return hex(40) }},
		{"short hash", 2, func() string { return hex(7 + r.IntN(6)) }},
		{"status and size", 0, func() string { return fmt.Sprintf(`" %d %d "-"`, 200+r.IntN(400), r.IntN(1e6)) }},
		{"columns", 0, func() string { return fmt.Sprintf("%d %d %d %d", r.IntN(1e4), r.IntN(1e5), r.IntN(1e3), r.IntN(1e4)) }},
		{"version", 0, func() string {
			return fmt.Sprintf("Chrome/%d.%d.%d.%d", r.IntN(160), r.IntN(32), r.IntN(6000), r.IntN(300))
		}},
	} {
		var s Scanner
		found := 0
		for range 20_000 {
			text := of.write()
			if findings, _ := s.Scan([]byte(text)); len(findings) > 0 {
				if found++; found < 4 {
					t.Logf("%s: %s: %s at %d", of.name, text, findings[0].Category, findings[0].Confidence)
				}
			}
		}
		if found > of.most {
			t.Errorf("%s: %d of 20000", of.name, found)
		}
	}
}

// TestUUIDsAreNothingElse holds random UUIDs, also such as have hardly any letters.
func TestUUIDsAreNothingElse(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	letters := []string{"0123456789abcdef", "0123456789", "0123456789012345678901234567890123456789a", "0123456789ABCDEF"}
	var s Scanner
	s.Use(everywhere(t))
	for i := range 40_000 {
		b := []byte("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx")
		for j := range b {
			if b[j] == 'x' {
				b[j] = letters[i%4][r.IntN(len(letters[i%4]))]
			}
		}
		findings, _ := s.Scan(b)
		if len(findings) != 1 || findings[0].Category != category.UniqueID || findings[0].End-findings[0].Start != len(b) {
			t.Fatalf("%s: %d findings", b, len(findings))
		}
	}
}
