package main

import (
	"fmt"
	"math/big"
	"strings"
)

// The numbers below are made by trying the last digits until the rule of their
// issuer holds, which is another way than to reckon them.

// luhn is the rule of cards and Swedish numbers (ISO/IEC 7812-1, annex B).
func luhn(digits string) bool {
	doubled := [10]int{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d = doubled[d]
		}
		sum += d
	}
	return sum%10 == 0
}

// weighted is the sum of digits times weights.
func weighted(digits string, weights ...int) (sum int) {
	for i, w := range weights {
		sum += int(digits[i]-'0') * w
	}
	return sum
}

// try makes texts until one is right.
func (m *maker) try(make func() string, right func(string) bool) string {
	for {
		if s := make(); right(s) {
			return s
		}
	}
}

// date is a day of birth as year, month and day.
func (m *maker) date() (y, mo, d int) { return 1930 + m.IntN(76), 1 + m.IntN(12), 1 + m.IntN(28) }

// grouped replaces each # by a digit, and d by one from 0 to 9 too.
func (m *maker) grouped(form string) string {
	b := []byte(form)
	for i, c := range b {
		if c == '#' || c == 'd' {
			b[i] = byte('0' + m.IntN(10))
		}
	}
	return string(b)
}

// issuers are ranges of card numbers and their lengths.
var issuers = []struct {
	begins string
	length int
	groups []int
}{
	{"4", 16, []int{4, 4, 4, 4}}, {"51", 16, []int{4, 4, 4, 4}}, {"55", 16, []int{4, 4, 4, 4}}, {"2221", 16, []int{4, 4, 4, 4}},
	{"2720", 16, []int{4, 4, 4, 4}}, {"34", 15, []int{4, 6, 5}}, {"37", 15, []int{4, 6, 5}}, {"6011", 16, []int{4, 4, 4, 4}}, {"3528", 16, []int{4, 4, 4, 4}},
	{"5019", 16, []int{4, 4, 4, 4}},
}

func (m *maker) card() string {
	of := one(m, issuers)
	number := m.try(func() string { return of.begins + m.grouped(strings.Repeat("#", of.length-len(of.begins))) }, luhn)
	return split(number, one(m, []string{"", "", " ", "-"}), of.groups)
}

// badCard is what a card number looks like, but for its check digit.
func (m *maker) badCard() string {
	return m.try(func() string { return "4" + m.grouped("###############") }, func(s string) bool { return !luhn(s) })
}

// split puts a sign between groups.
func split(s, by string, groups []int) string {
	var parts []string
	for _, n := range groups {
		parts, s = append(parts, s[:n]), s[n:]
	}
	return strings.Join(parts, by)
}

// iban tries check digits until the whole, moved and spelled in digits, leaves 1
// when divided by 97 (ISO 13616-1).
func (m *maker) iban() string {
	of := one(m, []struct{ country, form string }{
		{"DK", "##############"}, {"DE", "##################"}, {"SE", "####################"}, {"NO", "###########"}, {"FI", "##############"},
		{"FR", "#######################"}, {"ES", "####################"}, {"NL", "INGB##########"}, {"GB", "NWBK##############"}, {"PL", "########################"},
	})
	account := m.grouped(of.form)
	for check := 2; ; check++ {
		whole := fmt.Sprintf("%s%02d%s", of.country, check, account)
		var spelled strings.Builder
		for _, c := range whole[4:] + whole[:4] {
			if c >= 'A' {
				fmt.Fprint(&spelled, int(c-'A')+10)
			} else {
				spelled.WriteRune(c)
			}
		}
		n, _ := new(big.Int).SetString(spelled.String(), 10)
		if n.Mod(n, big.NewInt(97)).Int64() != 1 {
			continue
		}
		if m.IntN(2) == 0 {
			return whole
		}
		var b strings.Builder
		for i := range len(whole) {
			if i > 0 && i%4 == 0 {
				b.WriteByte(' ')
			}
			b.WriteByte(whole[i])
		}
		return b.String()
	}
}

// cpr is a Danish number by the rule that held until 2007.
func (m *maker) cpr() string {
	y, mo, d := m.date()
	seventh := "0123"
	if y >= 2000 {
		seventh = "4567"
	}
	number := m.try(func() string {
		return fmt.Sprintf("%02d%02d%02d%s%s", d, mo, y%100, m.letters(1, seventh), m.grouped("###"))
	},
		func(s string) bool { return weighted(s, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0 })
	return split(number, one(m, []string{"-", "-", ""}), []int{6, 4})
}

func (m *maker) personnummer() string {
	y, mo, d := m.date()
	short := fmt.Sprintf("%02d%02d%02d", y%100, mo, d)
	tail := m.try(func() string { return m.grouped("####") }, func(s string) bool { return luhn(short+s) && s[:3] != "000" })
	century := ""
	if m.IntN(2) == 0 {
		century = fmt.Sprint(y / 100)
	}
	return century + short + one(m, []string{"-", "-", ""}) + tail
}

// fodselsnummer is of somebody born from 1940 to 1999, with a number below 500.
func (m *maker) fodselsnummer() string {
	y, mo, d := 1940+m.IntN(60), 1+m.IntN(12), 1+m.IntN(28)
	number := m.try(func() string {
		return fmt.Sprintf("%02d%02d%02d%s%s", d, mo, y%100, m.letters(1, "01234"), m.grouped("####"))
	},
		func(s string) bool {
			return weighted(s, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1)%11 == 0 && weighted(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
		})
	return split(number, one(m, []string{"", " "}), []int{6, 5})
}

func (m *maker) hetu() string {
	y, mo, d := m.date()
	sign := "-"
	if y >= 2000 {
		sign = "A"
	}
	serial := 2 + m.IntN(898)
	n := ((d*100+mo)*100+y%100)*1000 + serial
	return fmt.Sprintf("%02d%02d%02d%s%03d%c", d, mo, y%100, sign, serial, "0123456789ABCDEFHJKLMNPRSTUVWXY"[n%31])
}

// steuerID has, among its first ten digits, one that stands there twice and one
// that does not, and a check digit by ISO 7064, MOD 11,10.
func (m *maker) steuerID() string {
	return m.try(func() string {
		perm := m.Perm(10)
		perm[m.IntN(9)+1] = perm[0]
		b := make([]byte, 10)
		for i, at := range m.Perm(10) {
			b[i] = byte('0' + perm[at])
		}
		return string(b) + m.grouped("#")
	}, func(s string) bool {
		product := 10
		for _, c := range s[:10] {
			sum := (int(c-'0') + product) % 10
			if sum == 0 {
				sum = 10
			}
			product = 2 * sum % 11
		}
		return s[0] != '0' && (product+int(s[10]-'0'))%10 == 1
	})
}

func (m *maker) bsn() string {
	return m.try(func() string { return m.digits(9) }, func(s string) bool { return weighted(s, 9, 8, 7, 6, 5, 4, 3, 2, 10)%11 == 0 })
}

func (m *maker) nir() string {
	y, mo, _ := m.date()
	first := fmt.Sprintf("%d%02d%02d%02d%03d%03d", 1+m.IntN(2), y%100, mo, 21+m.IntN(70), 1+m.IntN(400), 1+m.IntN(900))
	n, _ := new(big.Int).SetString(first, 10)
	key := 97 - n.Mod(n, big.NewInt(97)).Int64()
	whole := fmt.Sprintf("%s%02d", first, key)
	return split(whole, one(m, []string{"", " "}), []int{1, 2, 2, 2, 3, 3, 2})
}

const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

func (m *maker) dni() string {
	n := 10_000_000 + m.IntN(80_000_000)
	return fmt.Sprintf("%08d%s%c", n, one(m, []string{"", "-"}), dniLetters[n%23])
}

func (m *maker) nie() string {
	first, n := m.IntN(3), m.IntN(10_000_000)
	return fmt.Sprintf("%c%07d%c", "XYZ"[first], n, dniLetters[(first*10_000_000+n)%23])
}

func (m *maker) codiceFiscale() string {
	y, _, d := m.date()
	first := fmt.Sprintf("%s%s%02d%s%02d%s%03d", m.letters(3, "BCDFGLMNPRST"), m.letters(3, "BCDFGLMNPRST"), y%100, m.letters(1, "ABCDEHLMPRST"), d+40*m.IntN(2),
		m.letters(1, "ABCDEFGHIL"), 100+m.IntN(800))
	return fmt.Sprintf("%s%c", first, codiceCheck(first))
}

// codiceCheck is the last letter: of those at odd places each counts what the decree
// of 23 December 1976 says, of the others a letter its place in the alphabet.
func codiceCheck(first string) int {
	odd := []int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i, c := range first {
		place := int(c - '0')
		if c >= 'A' {
			place = int(c - 'A')
		}
		if i%2 == 0 {
			place = odd[place]
		}
		sum += place
	}
	return 'A' + sum%26
}

func (m *maker) pesel() string {
	y, mo, d := m.date()
	if y >= 2000 {
		mo += 20
	}
	return m.try(func() string { return fmt.Sprintf("%02d%02d%02d%s", y%100, mo, d, m.grouped("#####")) },
		func(s string) bool { return weighted(s, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)%10 == 0 })
}

func (m *maker) nino() string {
	letters := m.try(func() string { return m.letters(1, "ABCEGHJKLMNOPRSTWXYZ") + m.letters(1, "ABCEGHJKLMNPRSTWXYZ") },
		func(s string) bool { return !strings.Contains("BG GB KN NK NT TN ZZ", s) })
	number := letters + m.grouped("######") + m.letters(1, "ABCD")
	return split(number, one(m, []string{"", " "}), []int{2, 2, 2, 2, 1})
}

func (m *maker) nhs() string {
	number := m.try(func() string { return one(m, []string{"4", "6", "7"}) + m.grouped("#########") },
		func(s string) bool { return weighted(s, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)%11 == 0 })
	return split(number, one(m, []string{"", " ", "-"}), []int{3, 3, 4})
}

func (m *maker) ssn() string {
	return fmt.Sprintf("%03d-%02d-%04d", m.try3(), 1+m.IntN(99), 1+m.IntN(9999))
}

// try3 is an area of social security numbers.
func (m *maker) try3() int {
	for {
		if n := 1 + m.IntN(898); n != 666 {
			return n
		}
	}
}
