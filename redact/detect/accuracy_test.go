package detect

import (
	"os"
	"slices"
	"strings"
	"testing"

	"weir/redact/category"
)

// The least that the samples must show. One missed or wrong finding in sixty is
// more than that.
const (
	leastPrecision = 0.98
	leastRecall    = 0.98
)

func TestSamplesAreJudgedRight(t *testing.T) {
	b, err := os.ReadFile("testdata/samples.txt")
	if err != nil {
		t.Fatal(err)
	}
	type count struct{ right, wrong, missed int }
	words := map[category.Key]string{
		category.Email: "email ", category.IPAddress: "ip ", category.Credentials: "token", category.PhoneNumber: "phone ", category.CreditCard: "card ",
		category.BankAccount: "iban ", category.NationalNumber: "id ", category.DeviceID: "device ", category.CookieID: "cookie ", category.UniqueID: "uid ",
		category.PreciseLocation: "geo ", category.DateOfBirth: "born ",
	}
	counts := make(map[category.Key]*count)
	for c := range words {
		counts[c] = new(count)
	}
	var s Scanner
	texts := 0
	for line := range strings.Lines(string(b)) {
		expected, text, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			continue
		}
		texts++
		want := strings.Split(expected, ", ")
		findings, complete := s.Scan([]byte(text))
		if !complete {
			t.Errorf("not complete: %s", text)
		}
		for _, f := range findings {
			found := words[f.Category]
			if f.Category != category.Credentials {
				found += string(f.Value)
			}
			if i := slices.Index(want, found); i >= 0 {
				want = slices.Delete(want, i, i+1)
				counts[f.Category].right++
			} else {
				t.Logf("wrong: %s in %s", found, text)
				counts[f.Category].wrong++
			}
		}
		for _, w := range want {
			for c, word := range words {
				if strings.HasPrefix(w, word) {
					t.Logf("missed: %s in %s", w, text)
					counts[c].missed++
				}
			}
		}
	}
	for c, n := range counts {
		precision, recall := float64(n.right)/float64(n.right+n.wrong), float64(n.right)/float64(n.right+n.missed)
		t.Logf("%s: %d texts, %d right, %d wrong, %d missed, precision %.3f, recall %.3f", c, texts, n.right, n.wrong, n.missed, precision, recall)
		if n.right == 0 || precision < leastPrecision || recall < leastRecall {
			t.Errorf("%s: precision %.3f, recall %.3f", c, precision, recall)
		}
	}
}
