package detect

import "weir/redact/category"

// german judges a Steuer-Identifikationsnummer: eleven digits, of the first ten one
// twice or three times and all others at most once, and a check digit (ISO 7064 MOD
// 11,10; Bundeszentralamt für Steuern).
func german(d []byte, gap byte, set *Set) (likely, named uint8) {
	var seen [10]uint8
	product := 10
	for _, v := range d[:10] {
		seen[v]++
		sum := (int(v) + product) % 10
		if sum == 0 {
			sum = 10
		}
		product = sum * 2 % 11
	}
	var more uint16
	for v, n := range seen {
		if n > 3 {
			return 0, 0
		}
		if n > 1 {
			more |= 1 << v
		}
	}
	if d[0] == 0 || !onlyBit(more) || (11-product)%10 != int(d[10]) {
		return 0, 0
	}
	if gap == ' ' {
		return Likely, Certain
	}
	if set.home("DE") {
		return Possible, Certain
	}
	return 0, Certain
}

// dutch judges a burgerservicenummer: nine digits whose weighted sum is a multiple
// of 11, the last one counting -1 (Besluit BSN).
func dutch(d []byte, gap byte, set *Set) (likely, named uint8) {
	sum := weighted(d, 9, 8, 7, 6, 5, 4, 3, 2, -1)
	if sum%11 != 0 || sum == 0 || gap == '-' {
		return 0, 0
	}
	if set.home("NL") {
		return Possible, Certain
	}
	return 0, Certain
}

// polish judges a PESEL: YYMMDD, of which the month tells the century, four digits
// and a check digit (the act on civil registration, 2010).
func polish(d []byte, _ byte, set *Set) (likely, named uint8) {
	century := [...]int{1900, 2000, 2100, 2200, 1800}[two(d[2:])/20]
	if !isDate(century+two(d), two(d[2:])%20, two(d[4:])) || weighted(d, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)%10 != 0 {
		return 0, 0
	}
	if set.home("PL") {
		return Possible, Certain
	}
	return 0, Certain
}

// health judges an NHS number: nine digits and a check digit by 11 (NHS Data
// Dictionary).
func health(d []byte, gap byte, set *Set) (likely, named uint8) {
	sum := weighted(d, 10, 9, 8, 7, 6, 5, 4, 3, 2)
	check := (11 - sum%11) % 11
	if sum == 0 || check == 10 || check != int(d[9]) || gap == '.' {
		return 0, 0
	}
	if set.home("GB") && gap == ' ' {
		return Likely, Certain
	}
	return 0, Certain
}

// american judges a Social Security number, which has no check digit: an area that
// is not 000, 666 or 900 to 999, a group and a serial that are not 0 (SSA).
func american(d []byte, gap byte, _ *Set) (likely, named uint8) {
	area := int(d[0])*100 + two(d[1:])
	if area == 0 || area == 666 || area >= 900 || two(d[3:]) == 0 || two(d[5:])+two(d[7:]) == 0 || gap == '.' {
		return 0, 0
	}
	switch gap {
	case '-':
		return Likely, Certain
	case ' ':
		return 0, Certain
	}
	return 0, Likely
}

// nino reports a National Insurance number: two letters at start, six digits from
// group g on and a letter, also in pairs (HMRC, NIM39110).
func (s *Scanner) nino(t []byte, g, start int) int {
	if start > 0 && (t[start-1] == '-' || t[start-1] == '.' || t[start-1] == '_') {
		return g
	}
	a, b := t[start]&^0x20, t[start+1]&^0x20
	for _, never := range []byte("DFIQUV") {
		if a == never || b == never {
			return g
		}
	}
	switch string([]byte{a, b}) {
	case "BG", "GB", "KN", "NK", "NT", "TN", "ZZ":
		return g
	}
	if b == 'O' {
		return g
	}
	return s.ninoEnd(t, g, start)
}

func (s *Scanner) ninoEnd(t []byte, g, start int) int {
	d := &s.figures
	end := d.groups[g].end
	switch {
	case d.size(g) == 6:
	case d.size(g) == 2 && g+2 < d.n && d.size(g+1) == 2 && d.size(g+2) == 2 && string(d.gap(t, g)) == string(d.gap(t, g+1)) && len(d.gap(t, g)) == 1:
		end = d.groups[g+2].end
	default:
		return g
	}
	if end < len(t) && (t[end] == ' ' || t[end] == '-') {
		end++
	}
	if end == len(t) || t[end]&^0x20 < 'A' || t[end]&^0x20 > 'D' {
		return g
	}
	if end++; !apart(t, start, end) {
		return g
	}
	near := d.names.before(t, start) // not of the letters: MS is no millisecond
	upper := t[start] < 'a' && t[start+1] < 'a' && t[end-1] < 'a'
	if near&hintNational == 0 && (!upper || near != 0) {
		return g
	}
	confidence := uint8(Sure)
	if near&hintNational != 0 {
		confidence = Certain
	}
	s.sole(t, start, end, category.NationalNumber, confidence)
	return d.behind(g, end)
}
