package detect

import "weir/redact/category"

// dniLetters are the check letters of Spanish numbers, by the remainder by 23
// (Real Decreto 1553/2005).
const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

// spanish reports a DNI: eight digits and a check letter, also 12.345.678-Z.
func (s *Scanner) spanish(t []byte, g int) bool {
	d := &s.figures
	h := g
	if d.size(g) == 2 {
		if h = g + 2; !sameGaps(d, t, g, h) {
			return false
		}
	}
	return s.dni(t, g, h, d.groups[g].start, 0)
}

// nie reports a NIE: X, Y or Z before group g, seven digits, a check letter.
func (s *Scanner) nie(t []byte, g int) int {
	start := s.figures.groups[g].start - 1
	lead := t[start]&^0x20 - 'X'
	if lead > 2 || start > 0 && isAlnum(t[start-1]) || !s.dni(t, g, g, start, int(lead)) {
		return g
	}
	return g + 1
}

func (s *Scanner) dni(t []byte, g, h, start, lead int) bool {
	d := &s.figures
	n := lead
	for i := g; i <= h; i++ {
		for _, c := range t[d.groups[i].start:d.groups[i].end] {
			n = n*10 + int(c-'0')
		}
	}
	end := d.groups[h].end
	sign := end < len(t) && (t[end] == '-' || t[end] == ' ')
	if sign {
		end++
	}
	if end == len(t) || t[end]&^0x20 != dniLetters[n%23] || !apart(t, start, end+1) {
		return false
	}
	near := d.hintOf(t, g)
	upper := t[end] < 'a'
	if near&hintNational == 0 && (near != 0 || !upper || sign && t[end-1] == ' ') {
		return false
	}
	confidence := uint8(Likely)
	if near&hintNational != 0 {
		confidence = Certain
	}
	s.sole(t, start, end+1, category.NationalNumber, confidence)
	return true
}

// french reports a NIR: sex, year, month, département (2A and 2B in Corsica),
// commune and serial, 13 characters, and a key of two digits by 97 (INSEE).
func (s *Scanner) french(t []byte, g int) bool {
	start := s.figures.groups[g].start
	var d [15]byte
	n, end, corsica := 0, start, byte(0)
	for i := start; i < len(t) && n < len(d); i++ {
		c := t[i]
		switch {
		case isDigit(c):
			d[n] = c - '0'
		case n == 6 && d[5] == 2 && (c == 'A' || c == 'B'):
			corsica = c
		case (c == ' ' || c == '.' || c == '-') && i == end && n > 0 && i+1 < len(t) && isAlnum(t[i+1]):
			continue
		default:
			i = len(t)
			continue
		}
		n++
		end = i + 1
	}
	month := two(d[3:])
	if n < 15 || (d[0] != 1 && d[0] != 2) || month == 0 || month > 12 && month < 20 || month > 42 && month < 50 || !apart(t, start, end) {
		return false
	}
	v := 0
	for _, c := range d[:13] {
		v = v*10 + int(c)
	}
	switch corsica {
	case 'A':
		v -= 1_000_000
	case 'B':
		v -= 2_000_000
	}
	if two(d[5:])+int(corsica) == 0 || 97-v%97 != two(d[13:]) {
		return false
	}
	confidence := uint8(Sure)
	switch near := s.figures.hintOf(t, g); {
	case near&hintNational != 0 || end-start > 15:
		confidence = Certain
	case near != 0:
		confidence = Possible
	}
	s.sole(t, start, end, category.NationalNumber, confidence)
	return true
}

// fiscalOdd are the values of characters in odd places of a codice fiscale, digits
// as the first ten letters (DM 23/12/1976).
var fiscalOdd = [26]uint8{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

// fiscal reports whether b is a codice fiscale: letters of the names, year, a letter
// for the month, day (for women and 40), place and check letter. Where two people
// would have the same one, letters stand for digits.
func fiscal(b []byte) bool {
	const form = "AAAAAA00M00A000A"
	if len(b) != len(form) {
		return false
	}
	sum := 0
	var digits [16]int
	for i, c := range b {
		if isLetter(c) {
			c &^= 0x20
		} else if !isDigit(c) {
			return false
		}
		switch form[i] {
		case 'A', 'M':
			if !isLetter(c) {
				return false
			}
		default:
			v := c - '0'
			if isLetter(c) {
				at := indexByte("LMNPQRSTUV", c)
				if at < 0 {
					return false
				}
				v = byte(at)
			}
			digits[i] = int(v)
		}
		if i == 15 {
			break
		}
		value := c - 'A'
		if isDigit(c) {
			value = c - '0'
		}
		if i%2 == 0 {
			sum += int(fiscalOdd[value])
		} else {
			sum += int(value)
		}
	}
	month := indexByte("ABCDEHLMPRST", b[8]&^0x20)
	day := digits[9]*10 + digits[10]
	if day > 40 {
		day -= 40
	}
	return month >= 0 && isDate(2000, month+1, day) && int(b[15]&^0x20-'A') == sum%26
}

func indexByte(s string, c byte) int {
	for i := range len(s) {
		if s[i] == c {
			return i
		}
	}
	return -1
}
