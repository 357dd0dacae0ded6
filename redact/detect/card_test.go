package detect

import (
	"strings"
	"testing"

	"weir/redact/category"
)

// checked is a number that begins so, has n digits and the check digit of Luhn.
func checked(begin string, n int) string {
	number := []byte(begin + strings.Repeat("3072915648", 2))[:n]
	digits := make([]byte, n)
	for c := byte('0'); c <= '9'; c++ {
		number[n-1] = c
		for i := range number {
			digits[i] = number[i] - '0'
		}
		if luhn(digits) {
			break
		}
	}
	return string(number)
}

func TestIssuersNumbersHaveTheirLengths(t *testing.T) {
	for _, c := range []struct {
		begin   string
		lengths []int
		by      string // what must stand before
	}{
		{"3528", []int{16, 17, 18, 19}, ""}, {"3589", []int{16, 17, 18, 19}, ""}, {"1800", []int{15}, "card "}, {"2131", []int{15}, "card "}, {"3095", []int{14, 16}, ""}, {"305", []int{14}, ""},
		{"60", []int{16}, "card "}, {"65", []int{16}, ""}, {"81", []int{16}, "card "}, {"82", []int{16}, "card "}, {"508", []int{16}, "card "},
	} {
		for n := 12; n <= 19; n++ {
			text, want := c.by+checked(c.begin, n), false
			for _, length := range c.lengths {
				want = want || n == length
			}
			var s Scanner
			found, _ := s.Scan([]byte(text))
			if is := len(found) == 1 && found[0].Category == category.CreditCard; want && !is || is && strings.HasPrefix(c.begin, "35") && !want {
				t.Errorf("%s: %v", text, is)
			}
		}
	}
}
