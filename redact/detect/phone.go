package detect

import "weir/redact/category"

// maxPhone is how many digits a telephone number has at most (ITU-T E.164 section
// 6.1), and two more where it begins with 00.
const maxPhone = 15

// mostNational is how many digits hardly any country's numbers exceed, with what is
// dialled before them.
const mostNational = 11

// international reports the telephone number that begins with group g, behind a +
// or with 00: a calling code, and as many digits as that country's numbers have.
func (s *Scanner) international(t []byte, g int) int {
	d := &s.figures
	first := d.groups[g]
	plus := first.start > 0 && t[first.start-1] == '+'
	start, digits := first.start, t[first.start:first.end]
	if plus {
		start--
	} else {
		digits = digits[2:]
	}
	if plus && start > 0 && (isAlnum(t[start-1]) || t[start-1] == '+') {
		return g
	}
	code, lengths := callingCode(digits)
	if code == 0 {
		return g
	}
	n, best, loose := len(digits)-code, -1, false
	last := d.lastOfPhone(t, g)
	for h := g; h <= last; h++ {
		if h > g {
			gap := d.gap(t, h-1)
			if d.size(h) == 1 && t[d.groups[h].start] == '0' && gap[len(gap)-1] == '(' {
				continue // "(0)" is dialled only within the country
			}
			n += d.size(h)
		}
		if n > maxPhone-code {
			break
		}
		if lengths>>n&1 != 0 {
			best = h
		}
	}
	if best < 0 {
		return g
	}
	if start > 0 && t[start-1] == '(' && best == g {
		return g
	}
	end := d.groups[best].end
	if !phoneEnds(t, end) || plus && !phoneBegins(t, start) || !plus && !apart(t, start, end) {
		return g
	}
	confidence := uint8(Certain)
	if !plus {
		near := d.hintOf(t, g)
		if near&hintPhone == 0 && (near != 0 || best == g && d.size(g) < 11) {
			return g
		}
		confidence, loose = Likely, near&hintPhone == 0 && best > g
		if near == 0 && best == g {
			confidence = Possible
		}
	}
	if loose && d.size(g) > 5 {
		return g
	}
	if start > 0 && t[start-1] == '(' {
		start-- // "(+45) 12 34 56 78"
	}
	s.sole(t, start, end, category.PhoneNumber, confidence)
	return best + 1
}

// phoneBegins reports whether a + at start can begin a number.
func phoneBegins(t []byte, start int) bool {
	return start == 0 || !isWordByte(t, start)
}

// phoneEnds reports whether a number can end at end.
func phoneEnds(t []byte, end int) bool {
	if end == len(t) {
		return true
	}
	c := t[end]
	if c == '.' || c == '-' || c == ':' {
		return end+1 == len(t) || !isAlnum(t[end+1])
	}
	return c != '_' && c != '@' && (!isAlnum(c) || c == 'x' && end+1 < len(t) && isDigit(t[end+1]))
}

// lastOfPhone returns the last group that can belong to a telephone number from
// group g on: before a date, before too much between two groups.
func (d *figures) lastOfPhone(t []byte, g int) int {
	digits := d.size(g)
	h := g
	for ; h+1 < d.n; h++ {
		if !phoneGap(d.gap(t, h)) || d.size(h+1) == 1 && string(d.gap(t, h)) == "." || digits+d.size(h+1) > maxPhone+3 || h > g && d.dateAt(t, h+1) && string(d.gap(t, h)) != string(d.gap(t, h+1)) {
			break
		}
		digits += d.size(h + 1)
	}
	return h
}

// phoneGap reports whether gap stands between digits of one telephone number.
func phoneGap(gap []byte) bool {
	switch len(gap) {
	case 1:
		return gap[0] != '(' && gap[0] != ')' || gap[0] == ')'
	case 2:
		return string(gap) == ") " || string(gap) == ")+" || string(gap) == " (" || string(gap) == "+(" || string(gap) == ")-" || string(gap) == "-(" || string(gap) == ")("
	}
	return string(gap) == " - " || string(gap) == ") (" || string(gap) == ")+(" || string(gap) == " / "
}

// nationalPhone reports the telephone number that begins with group g as it is
// written within a country. Where no word before it says that it is one, it must
// be of a region that is looked for and stand in groups, or be written as nothing
// but the numbers of North America are.
func (s *Scanner) nationalPhone(t []byte, g int) int {
	d := &s.figures
	start := d.groups[g].start
	if start > 0 && (t[start-1] == '#' || t[start-1] == '/' && start > 1 && isAlnum(t[start-2]) || t[start-1] == '$' || t[start-1] == '%') || g > d.fresh && phoneGap(d.gap(t, g-1)) && t[start-1] != '(' {
		return g
	}
	last := d.lastOfPhone(t, g)
	if last == g && (d.size(g) < 7 || start == 0 || t[start-1] == '/' || t[start-1] == '.') {
		return g // by itself, and nothing can say that it is one
	}
	if h := s.northAmerican(t, g, last); h >= 0 {
		return h + 1
	}
	near := d.hintOf(t, g)
	if near&^hintPhone != 0 {
		return g
	}
	h := s.ofRegion(t, g, last, near != 0)
	if h < 0 && near != 0 {
		h = d.anyPhone(t, g, last)
	}
	if h < 0 {
		return g
	}
	end := d.groups[h].end
	if start > 0 && t[start-1] == '(' {
		start--
	}
	if !phoneEnds(t, end) || !apart(t, start, end) {
		return g
	}
	confidence := uint8(Likely)
	if near != 0 {
		confidence = Sure
	}
	s.sole(t, start, end, category.PhoneNumber, confidence)
	return h + 1
}

// northAmerican reports a number of ten digits in the groups that the North
// American Numbering Plan has: (212) 555-0123, 212-555-0123, 212.555.0123, also
// with 1 before it. It returns the last group, -1 where there is none.
func (s *Scanner) northAmerican(t []byte, g, last int) int {
	d := &s.figures
	first := g
	if d.size(g) == 1 && t[d.groups[g].start] == '1' && g+3 <= last {
		g++
	}
	if g+2 > last || d.size(g) != 3 || d.size(g+1) != 3 || d.size(g+2) != 4 || t[d.groups[g].start] < '2' || t[d.groups[g+1].start] < '2' {
		return -1
	}
	one, two := d.gap(t, g), d.gap(t, g+1)
	start, end := d.groups[first].start, d.groups[g+2].end
	confidence := uint8(Likely)
	switch {
	case one[0] == ')' && d.groups[g].start > 0 && t[d.groups[g].start-1] == '(':
		if first == g {
			start--
		}
	case string(one) == "-" && string(two) == "-", string(one) == "." && string(two) == ".":
	case string(one) == " " && (string(two) == "-" || string(two) == " "):
		confidence = Possible
	default:
		return -1
	}
	near := d.hintOf(t, first)
	switch {
	case near&hintPhone != 0:
		confidence = Sure
	case near != 0, confidence == Possible && !s.inForce().home("US") && !s.inForce().home("CA"):
		return -1
	}
	if !phoneEnds(t, end) || !apart(t, start, end) {
		return -1
	}
	s.sole(t, start, end, category.PhoneNumber, confidence)
	return g + 2
}

// italy's numbers begin with a 0 that is part of them.
const italy = 39

// ofRegion returns the last group of a number as one of the set's regions has
// them; -1 where there is none.
func (s *Scanner) ofRegion(t []byte, g, last int, named bool) int {
	d := &s.figures
	for _, p := range s.inForce().plans {
		n, best := 0, -1
		trunk := p.trunk != "" && hasPrefix(t[d.groups[g].start:], p.trunk)
		if trunk {
			n = -len(p.trunk)
		} else if t[d.groups[g].start] == '0' && p.code != italy {
			continue
		}
		for h := g; h <= last; h++ {
			n += d.size(h)
			if n > 0 && p.has(n) && (named || (trunk || p.trunk == "") && d.inGroups(t, g, h, trunk)) {
				best = h
			}
		}
		if best >= 0 && (best == last || named) {
			return best
		}
	}
	return -1
}

func hasPrefix(t []byte, prefix string) bool {
	return len(t) >= len(prefix) && string(t[:len(prefix)]) == prefix
}

// inGroups reports whether groups g to h look like a telephone number that nothing
// announces: with the digit for calls within the country two groups and more, else
// three and more of two to four digits, all with the same between them.
func (d *figures) inGroups(t []byte, g, h int, trunk bool) bool {
	if trunk {
		return h > g && t[d.groups[g].end] != '.' && d.size(g) <= 6
	}
	if h-g < 2 || t[d.groups[g].start] == '0' {
		return false
	}
	gap := string(d.gap(t, g))
	if gap != " " && gap != "-" {
		return false
	}
	for i := g; i <= h; i++ {
		if d.size(i) < 2 || d.size(i) > 4 || i < h && string(d.gap(t, i)) != gap {
			return false
		}
	}
	return true
}

// anyPhone returns the last group of what can be a telephone number of some country
// where a word says that it is one.
func (d *figures) anyPhone(t []byte, g, last int) int {
	if n := d.size(g); n >= 7 {
		if n > 13 {
			return -1
		}
		return g
	}
	digits, best := 0, -1
	for h := g; h <= last; h++ {
		if digits += d.size(h); digits > mostNational {
			break
		}
		if digits >= 7 {
			best = h
		}
	}
	return best
}
