package detect

import "weir/redact/category"

// danish judges a CPR number: DDMMYY and four digits, of which the first gives the
// century (CPR-kontoret, "Personnummeret i CPR-systemet"). Since 2007 there are
// numbers whose remainder by 11 is not 0. So by itself such a one is Possible in two
// groups, and Likely by its name; with the remainder it is Sure and Certain.
func danish(d []byte, gap byte, set *Set) (likely, named uint8) {
	year := two(d[4:])
	switch c := d[6]; {
	case c < 4, (c == 4 || c == 9) && year > 36:
		year += 1900
	case c >= 5 && c <= 8 && year > 57:
		year += 1800
	default:
		year += 2000
	}
	if !isDate(year, two(d[2:]), two(d)) || gap == '.' {
		return 0, 0
	}
	check := weighted(d, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
	switch {
	case gap == '-' && check:
		return Sure, Certain
	case check && gap == ' ':
		return Likely, Certain
	case check:
		// Ten digits by themselves are a time as often, in seconds since 1970.
		if set.home("DK") && (d[0] != 1 || d[1] < 4 || d[1] > 8) {
			return Possible, Certain
		}
		return 0, Certain
	case gap == '-' && set.home("DK"):
		return Possible, Likely
	}
	return 0, Likely
}

// swedish judges a personnummer or samordningsnummer (day and 60): YYMMDD or
// YYYYMMDD, three digits and a check digit by Luhn over the last ten.
// From the year on in which someone becomes 100, + stands for the hyphen
// (Skatteverket, SKV 704).
func swedish(d []byte, gap byte, set *Set) (likely, named uint8) {
	century := 20
	if len(d) == 12 {
		if century = two(d); century < 18 || century > 20 {
			return 0, 0
		}
		d = d[2:]
	}
	day := two(d[4:])
	if day > 60 {
		day -= 60
	}
	if !isDate(century*100+two(d), two(d[2:]), day) && !isDate(1900+two(d), two(d[2:]), day) || !luhn(d) || gap == '.' {
		return 0, 0
	}
	switch {
	case gap == '-', gap == '+':
		return Sure, Certain
	case len(d) == 10 && century != 20, gap == ' ':
		return Likely, Certain
	case set.home("SE"):
		return Possible, Certain
	}
	return 0, Certain
}

// norwegian judges a fødselsnummer or D-number (day and 40): DDMMYY, three digits,
// two check digits by 11 (Skatteetaten).
func norwegian(d []byte, gap byte, _ *Set) (likely, named uint8) {
	day, month := two(d), two(d[2:])
	if day > 40 {
		day -= 40
	}
	switch { // as the numbers of people made up for tests have
	case month > 80:
		month -= 80
	case month > 40:
		month -= 40
	}
	if !isDate(2000+two(d[4:]), month, day) && !isDate(1900+two(d[4:]), month, day) || gap == '.' ||
		weighted(d, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1)%11 != 0 || weighted(d, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 != 0 {
		return 0, 0
	}
	return Sure, Certain
}

// finnish reports a henkilötunnus: DDMMYY, a sign for the century (since 2023 also
// letters that stand for it), three digits, and a check character by 31 (DVV).
func (s *Scanner) finnish(t []byte, g int) bool {
	const checks = "0123456789ABCDEFHJKLMNPRSTUVWXY"
	start := s.figures.groups[g].start
	end := start + 11
	if end > len(t) || !apart(t, start, end) {
		return false
	}
	b := t[start:end]
	var d [9]byte
	for i := range d {
		at := i
		if i >= 6 {
			at++
		}
		if d[i] = b[at] - '0'; d[i] > 9 {
			return false
		}
	}
	year := two(d[4:6])
	switch c := b[6] &^ 0x20; {
	case b[6] == '+':
		year += 1800
	case b[6] == '-', c >= 'U' && c <= 'Y':
		year += 1900
	case c >= 'A' && c <= 'F':
		year += 2000
	default:
		return false
	}
	n := 0
	for _, v := range d {
		n = n*10 + int(v)
	}
	c := b[10]
	if isLetter(c) {
		c &^= 0x20
	}
	if !isDate(year, two(d[2:]), two(d[:])) || checks[n%31] != c {
		return false
	}
	confidence := uint8(Certain)
	if isDigit(b[10]) && b[6] == '-' && s.figures.hintOf(t, g)&hintNational == 0 {
		confidence = Possible // 6-4 digits, as orders have too
	}
	s.sole(t, start, end, category.NationalNumber, confidence)
	return true
}
