package detect

import "weir/redact/category"

// dateAt reports whether groups g to g+2 are a date in digits: year first or last,
// or two digits each, with the same sign between them.
func (d *figures) dateAt(t []byte, g int) bool {
	_, ok := d.date(t, g)
	return ok
}

// date returns the year of the date that groups g to g+2 write. Where the order of
// day and month cannot be told either is taken.
func (d *figures) date(t []byte, g int) (year int, ok bool) {
	if g+2 >= d.n {
		return 0, false
	}
	one, two := d.gap(t, g), d.gap(t, g+1)
	if string(one) != string(two) || len(one) == 0 || one[0] != '-' && one[0] != '.' && one[0] != '/' || len(one) > 1 && string(one) != ". " {
		return 0, false
	}
	a, b, c := d.value(t, g), d.value(t, g+1), d.value(t, g+2)
	if d.size(g+1) > 2 {
		return 0, false
	}
	switch {
	case d.size(g) == 4 && d.size(g+2) <= 2:
		return a, isDate(a, b, c)
	case d.size(g) <= 2 && d.size(g+2) == 4:
		return c, isDate(c, b, a) || isDate(c, a, b)
	case d.size(g) <= 2 && d.size(g+2) == 2:
		return 1900 + c, isDate(1900+c, b, a) || isDate(2000+c, b, a) || isDate(2000+c, a, b) || isDate(2000+a, b, c)
	}
	return 0, false
}

// value returns what group g writes; of more than four digits, more than any year.
func (d *figures) value(t []byte, g int) int {
	if d.size(g) > 4 {
		return 1 << 30
	}
	v := 0
	for _, c := range t[d.groups[g].start:d.groups[g].end] {
		v = v*10 + int(c-'0')
	}
	return v
}

// dates passes over a date that begins with group g, and reports it where the words
// before it are for birth.
func (s *Scanner) dates(t []byte, g int) int {
	d := &s.figures
	year, ok := d.date(t, g)
	if !ok || d.size(g) == 2 && d.size(g+2) == 2 && g+3 < d.n && string(d.gap(t, g)) == string(d.gap(t, g+2)) {
		return g // 12-34-56-78 goes on
	}
	start, end := d.groups[g].start, d.groups[g+2].end
	if s.inForce().kinds&kindBirth != 0 && year > 1850 && year < 2100 && apart(t, start, end) && (d.hintOf(t, g)&hintBirth != 0 || bornBehind(t, end)) {
		confidence := uint8(Sure)
		if d.size(g) == 2 && d.size(g+2) == 2 {
			confidence = Likely
		}
		s.sole(t, start, end, category.DateOfBirth, confidence)
	}
	return g + 3
}

// bornBehind reports whether the word behind end is one for birth: "am 12.3.1985 geboren".
func bornBehind(t []byte, end int) bool {
	if end+1 >= len(t) || t[end] != ' ' {
		return false
	}
	stop := end + 1
	for stop < len(t) && stop < end+16 && isWordByte(t, stop+1) {
		stop++
	}
	var buf [16]byte
	word := buf[:copy(buf[:], t[end+1:stop])]
	lowerWord(word)
	return hintOfWord(word) == hintBirth
}

// birthInWords reports a date whose year is group g and whose month is a word, behind
// words for birth: 12 March 1985, March 12, 1985, 12. marts 1985.
func (s *Scanner) birthInWords(t []byte, g int) bool {
	d := &s.figures
	year, at := d.value(t, g), d.groups[g].start
	if year < 1850 || year > 2100 || at < 5 || !apart(t, at, d.groups[g].end) {
		return false
	}
	i, day := at, 0
	for i > 0 && (t[i-1] == ' ' || t[i-1] == ',') {
		i--
	}
	if end := d.groups[g].end; i == at || end+3 < len(t) && t[end] == ' ' && t[end+3] == ':' {
		return false // the day of something that has a time
	}
	start, n := dayBefore(t, i)
	if n > 0 {
		day, i = n, start // March 12, 1985
		for i > 0 && t[i-1] == ' ' {
			i--
		}
	}
	for i > 0 && t[i-1] == '.' {
		i--
	}
	end := i
	for i > 0 && end-i < 16 && isWordByte(t, i) {
		i--
	}
	if monthNumber(t[i:end]) == 0 {
		return false
	}
	start = i
	if day == 0 {
		for i > 0 && (t[i-1] == ' ' || t[i-1] == '.') {
			i--
		}
		if i > 3 && string(t[i-3:i]) == " de" {
			i -= 3
		}
		if from, n := dayBefore(t, i); n > 0 {
			start = from
		}
	}
	if d.names.before(t, start)&hintBirth == 0 {
		return false
	}
	s.sole(t, start, d.groups[g].end, category.DateOfBirth, Sure)
	return true
}

// dayBefore returns the day of a month whose digits, with st, nd, rd or th behind
// them or a dot, end at i, and where they begin; 0 where there is none.
func dayBefore(t []byte, i int) (start, day int) {
	if i > 2 && isLetter(t[i-1]) && isLetter(t[i-2]) && isDigit(t[i-3]) {
		i -= 2
	}
	end := i
	for i > 0 && end-i < 3 && isDigit(t[i-1]) {
		i--
	}
	if end-i == 0 || end-i > 2 {
		return 0, 0
	}
	for _, c := range t[i:end] {
		day = day*10 + int(c-'0')
	}
	if day > 31 {
		return 0, 0
	}
	return i, day
}
