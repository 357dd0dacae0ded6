package detect

import "weir/redact/category"

// leastDecimals is how many decimals a coordinate has that says where somebody is: the
// third is a hundred metres.
const leastDecimals = 3

// coordinates reports a pair of decimal degrees, latitude first, whose first number is
// groups g and g+1; or one by itself that is named. It passes over what is a decimal
// number, so that no digits of it are taken for another.
func (s *Scanner) coordinates(t []byte, g int) int {
	d := &s.figures
	if d.size(g) > 3 || string(d.gap(t, g)) != "." {
		return g
	}
	first, ok := degrees(t, d.groups[g].start)
	if !ok || first.end != d.groups[g+1].end {
		return g
	}
	if second, ok := degrees(t, pairGap(t, first.end)); ok && first.decimals >= leastDecimals && second.decimals >= leastDecimals && first.abs <= 90 {
		near := d.hintOf(t, g)
		confidence := uint8(Likely)
		switch {
		case near&hintLocation != 0:
			confidence = Certain
		case first.decimals < 4 || second.decimals < 4, near != 0:
			confidence = 0
		}
		if confidence != 0 {
			s.sole(t, first.start, second.end, category.PreciseLocation, confidence)
			return d.behind(g, second.end)
		}
	}
	if first.decimals >= leastDecimals && d.hintOf(t, g)&hintLocation != 0 {
		s.sole(t, first.start, first.end, category.PreciseLocation, Sure)
	}
	return g + 2
}

// degree is a decimal number of degrees in a text.
type degree struct{ start, end, abs, decimals int }

// degrees reads a number from -180 to 180 with decimals whose digits or sign begin at i.
func degrees(t []byte, i int) (degree, bool) {
	v := degree{start: i}
	if i < len(t) && (t[i] == '-' || t[i] == '+') {
		i++
	} else if i > 0 && i < len(t) && t[i-1] == '-' {
		v.start--
	}
	digits := i
	for i < len(t) && i < digits+3 && isDigit(t[i]) {
		v.abs = v.abs*10 + int(t[i]-'0')
		i++
	}
	if i == digits || i >= len(t) || t[i] != '.' || v.start > 0 && (isAlnum(t[v.start-1]) || t[v.start-1] == '.') {
		return v, false
	}
	i++
	for i < len(t) && isDigit(t[i]) {
		v.decimals++
		i++
	}
	v.end = i
	return v, v.abs <= 180 && v.decimals > 0 && v.decimals <= 17 && (i == len(t) || !isAlnum(t[i]) && (t[i] != '.' || i+1 == len(t) || !isAlnum(t[i+1])))
}

// pairGap returns where the second of a pair begins whose first one ends at i; the end
// of t where nothing follows that could be one.
func pairGap(t []byte, i int) int {
	if hasPrefix(t[i:], "°") {
		i += len("°")
	}
	j := i
	for j < len(t) && j < i+3 && (t[j] == ' ' || t[j] == ',' || t[j] == ';' || t[j] == '/') {
		j++
	}
	if j == i {
		return len(t)
	}
	return j
}
