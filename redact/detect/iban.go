package detect

import (
	"strings"

	"weir/redact/category"
)

// ibanList holds how long the account numbers of each country are, by the IBAN
// registry (ISO 13616).
const ibanList = `AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18
FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27
MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30`

// ibanLengths is ibanList, read once and never changed, by the two letters.
var ibanLengths = func() (t [26 * 26]uint8) {
	for _, f := range strings.Fields(ibanList) {
		t[int(f[0]-'A')*26+int(f[1]-'A')] = (f[2]-'0')*10 + f[3] - '0'
	}
	return t
}()

// iban reports the account number whose check digits begin group g: two letters of
// a country before them, as many characters as that has, also in groups of four, and
// a remainder of 1 by 97 (ISO 7064).
func (s *Scanner) iban(t []byte, g int) int {
	d := &s.figures
	start := d.groups[g].start - 2
	a, b := t[start]&^0x20, t[start+1]&^0x20
	length := int(ibanLengths[int(a-'A')*26+int(b-'A')])
	if length == 0 || start > 1 && t[start-1] == '-' && isAlnum(t[start-2]) {
		return g // of no country, or of a UUID
	}
	remainder, count, end := 0, 0, start
	grouped := byte(0)
	for i := start; i < len(t) && count < length; i++ {
		switch c := t[i]; {
		case isAlnum(c):
			if count++; count > 4 {
				remainder = mod97(remainder, c)
			}
			end = i + 1
		case (c == ' ' || c == '-' || c == '+') && count&3 == 0 && count > 0 && (grouped == 0 && count == 4 || c == grouped) && i+1 < len(t) && isAlnum(t[i+1]):
			grouped = c
		default:
			return g
		}
	}
	for _, c := range t[start : start+4] {
		remainder = mod97(remainder, c)
	}
	upper := t[start] < 'a' && t[start+1] < 'a'
	if count < length || remainder != 1 || !upper && grouped != 0 || end < len(t) && (isAlnum(t[end]) || t[end] == '-' && end+1 < len(t) && isAlnum(t[end+1])) {
		return g
	}
	confidence := uint8(Certain)
	if !upper {
		confidence = Likely
	}
	s.sole(t, start, end, category.BankAccount, confidence)
	return d.behind(g, end)
}

// mod97 goes on with a remainder by a digit, or a letter, which stands for two.
func mod97(remainder int, c byte) int {
	if isDigit(c) {
		return (remainder*10 + int(c-'0')) % 97
	}
	return (remainder*100 + int(c&^0x20-'A') + 10) % 97
}

// behind returns the first group from g on that begins at or behind end.
func (d *figures) behind(g, end int) int {
	for g++; g < d.n && d.groups[g].start < end; g++ {
	}
	return g
}
