package detect

import "weir/redact/category"

// maxGroups bounds how many groups of digits are looked at together. No number
// that is recognised has more than windowGroups.
const (
	maxGroups    = 48
	windowGroups = 16
)

// leastDigits is how many digits a stretch needs to hold a number that by itself
// is recognised by them.
const leastDigits = 6

// group is a run of digits in a text.
type group struct{ start, end int }

// figures is a stretch of digit groups with little between them, of which parts may
// be numbers: a date, a telephone number and a status code, say.
type figures struct {
	groups [maxGroups]group
	n      int
	near   hint // of the group at hand, if asked
	nearOf int  // its start, -1 before the first
	fresh  int  // the first group behind the number or date that was seen last
	names  nameHints
	judged [12]byte // the digits of what may be a national number
}

func (d *figures) size(g int) int { return d.groups[g].end - d.groups[g].start }

// gap returns what stands between group g and the next.
func (d *figures) gap(t []byte, g int) []byte { return t[d.groups[g].end:d.groups[g+1].start] }

// numbers finds what consists of digits: cards, bank accounts, national and
// telephone numbers, dates of birth, coordinates, cookie identifiers.
func (s *Scanner) numbers(t []byte) {
	for i := nextDigit(t, 0); i < len(t); i = nextDigit(t, i) {
		if next := passOver(t, i); next > i {
			i = next
			continue
		}
		j, digits, look := i, 0, false
		for {
			start := j
			for j < len(t) && isDigit(t[j]) {
				j++
			}
			digits += j - start
			look = look || led(t, start, j)
			next := behindGap(t, j)
			if next == j || digits >= leastDigits {
				break
			}
			j = next
		}
		if digits >= leastDigits || look {
			j = s.stretch(t, i)
		}
		i = j
	}
}

// led reports whether what stands before a group makes it worth a look, however few
// digits it has.
func led(t []byte, start, end int) bool {
	if start == 0 {
		return false
	}
	switch c := t[start-1]; {
	case c == ' ':
		return end-start == 4
	case isLetter(c):
		return c == 'S' || end-start > 1 && capitals(t, start)
	}
	return false
}

// stretch reads the groups from the digit at i on, reports the numbers among them,
// and returns where to go on.
func (s *Scanner) stretch(t []byte, i int) int {
	d := &s.figures
	d.n, d.nearOf, d.fresh = 0, -1, 0
	digits, more := 0, false
	for {
		start := i
		for i < len(t) && isDigit(t[i]) {
			i++
		}
		d.groups[d.n] = group{start, i}
		d.n++
		digits += i - start
		next := behindGap(t, i)
		if next == i {
			break
		}
		if d.n == maxGroups {
			more = true
			break
		}
		i = next
	}
	if digits < leastDigits || digits == leastDigits && d.n == 2 && t[d.groups[0].end] == ' ' && d.size(0) < leastDigits {
		s.fewDigits(t)
		return i
	}
	for g := 0; g < d.n; {
		if more && g >= maxGroups-windowGroups {
			return d.groups[g].start
		}
		found := len(s.findings)
		next := s.numberAt(t, g)
		if next > g+1 || len(s.findings) > found {
			d.fresh = next
		}
		g = next
	}
	return i
}

// behindGap returns where the next group of a number begins whose last one ends at
// i; i where there is none.
func behindGap(t []byte, i int) int {
	if i == len(t) || !isGap[t[i]] {
		return i
	}
	j := i + 1
	for j < len(t) && j < i+3 && isGap[t[j]] {
		j++
	}
	if j == len(t) || !isDigit(t[j]) {
		return i
	}
	return j
}

// isGap marks what stands between the groups of a number; + is a space in a form.
var isGap = [256]bool{' ': true, '+': true, '-': true, '.': true, '/': true, '(': true, ')': true}

// fewDigits looks for what has few digits, or letters among them.
func (s *Scanner) fewDigits(t []byte) {
	k := s.inForce().kinds
	for g := range s.figures.n {
		at := s.figures.groups[g].start
		if !led(t, at, s.figures.groups[g].end) {
			continue
		}
		if k&kindIBAN != 0 && s.figures.size(g) >= 2 && capitals(t, at) {
			s.iban(t, g)
		}
		if k&kindBirth != 0 && s.figures.size(g) == 4 {
			s.birthInWords(t, g)
		}
		if k&kindCookieID != 0 && s.figures.size(g) == 1 && endsWith(t[:at], "GS") {
			s.cookieID(t, g)
		}
	}
}

// capitals reports whether two capitals that begin a word stand before at.
func capitals(t []byte, at int) bool {
	return at >= 2 && isLetter(t[at-1]) && isLetter(t[at-2]) && (at == 2 || !isAlnum(t[at-3]))
}

// numberAt reports the number that begins with group g, if there is one, and
// returns the group behind it, else the next.
func (s *Scanner) numberAt(t []byte, g int) int {
	d, k := &s.figures, s.inForce().kinds
	start := d.groups[g].start
	if start > 0 && isAlnum(t[start-1]) {
		return s.lettered(t, g)
	}
	if g+1 < d.n && t[d.groups[g].end] == '.' {
		if next := s.dotted(t, g); next > g {
			return next
		}
	}
	if next := s.dates(t, g); next > g {
		return next
	}
	if k&kindBirth != 0 && d.size(g) == 4 && s.birthInWords(t, g) {
		return g + 1
	}
	if k&kindPhone != 0 && (start > 0 && t[start-1] == '+' || d.size(g) > 3 && t[start] == '0' && t[start+1] == '0') {
		if next := s.international(t, g); next > g {
			return next
		}
	}
	if k&kindCard != 0 {
		if next := s.card(t, g); next > g {
			return next
		}
	}
	if k&kindNational != 0 {
		if next := s.national(t, g); next > g {
			return next
		}
	}
	if k&kindPhone != 0 {
		if next := s.nationalPhone(t, g); next > g {
			return next
		}
	}
	return g + 1
}

// lettered looks for numbers that begin with letters, at a group that touches one.
func (s *Scanner) lettered(t []byte, g int) int {
	d, k := &s.figures, s.inForce().kinds
	if d.size(g) >= 2 && capitals(t, d.groups[g].start) {
		if k&kindIBAN != 0 {
			if next := s.iban(t, g); next > g {
				return next
			}
		}
		if k&kindNational != 0 {
			if next := s.nino(t, g, d.groups[g].start-2); next > g {
				return next
			}
		}
	}
	if k&kindNational != 0 && d.size(g) == 7 {
		if next := s.nie(t, g); next > g {
			return next
		}
	}
	if k&kindCookieID != 0 && d.size(g) == 1 {
		if next := s.cookieID(t, g); next > g {
			return next
		}
	}
	return g + 1
}

// dotted looks at a group with a dot behind it: the rest of an address and a
// coordinate are no telephone numbers.
func (s *Scanner) dotted(t []byte, g int) int {
	d, k := &s.figures, s.inForce().kinds
	if k&kindCookieID != 0 {
		if next := s.cookieID(t, g); next > g {
			return next
		}
	}
	dots := 0
	for dots < 5 && g+dots+1 < d.n && string(d.gap(t, g+dots)) == "." {
		dots++
	}
	if dots >= 3 && d.size(g) <= 3 && d.size(g+1) <= 3 && d.size(g+2) <= 3 {
		if _, ok := parse4(t[d.groups[g].start:d.groups[g+3].end]); ok || dots > 4 {
			return g + dots + 1
		}
	}
	if k&kindCoordinates != 0 && d.size(g+1) >= leastDecimals {
		return s.coordinates(t, g)
	}
	return g
}

// apart reports whether t[start:end] stands by itself: it is no part of a word,
// of a decimal number, of a UUID or another compound.
func apart(t []byte, start, end int) bool {
	if start > 0 {
		switch c := t[start-1]; {
		case isAlnum(c) || c >= 0x80 && isWordByte(t, start):
			return false
		case (c == '-' || c == '.') && start > 1 && (isHex(t[start-2]) || c == '.' && isAlnum(t[start-2])):
			return false
		}
	}
	if end < len(t) {
		switch c := t[end]; {
		case isAlnum(c) || c == '@' || c == '_' && end+1 < len(t) && isAlnum(t[end+1]):
			return false
		case c == '-' && end+1 < len(t) && isAlnum(t[end+1]):
			return false
		case c == '.' && end+1 < len(t) && isDigit(t[end+1]):
			return false
		}
	}
	return true
}

// sole reports a finding that leaves no room for another of a different category.
func (s *Scanner) sole(t []byte, start, end int, c category.Key, confidence uint8) {
	n := len(s.findings)
	s.report(t, start, end, c, confidence)
	if len(s.findings) > n {
		s.findings[n].sole = true
	}
}

// digits copies the digits of groups g to h into dst, as numbers, and returns how
// many there are; -1 where dst is too small.
func (d *figures) digits(t, dst []byte, g, h int) int {
	n := 0
	for ; g <= h; g++ {
		for _, c := range t[d.groups[g].start:d.groups[g].end] {
			if n == len(dst) {
				return -1
			}
			dst[n] = c - '0'
			n++
		}
	}
	return n
}
