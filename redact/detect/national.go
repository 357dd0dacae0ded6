package detect

import "weir/redact/category"

// national reports the national number of a person that begins with group g. Which
// country's it may be, its groups say:
//
//	6+4 digits, or 10   DK, SE; NHS by its name alone
//	3+3+4               NHS
//	8+4, or 12          SE
//	6+5, or 11          NO; by their names DE, PL
//	2+3+3+3             DE
//	6, a sign, 3, 1     FI
//	3+2+4               US
//	9, or 3+3+3, 4+2+3  NL and US, by their names
//	8 and a letter      ES
//	13 or 15            FR
//
// Certain is a form and a check that other numbers hardly have, or a word before it
// that says what it is; Likely and Possible are less of that, as each country's
// function says.
func (s *Scanner) national(t []byte, g int) int {
	d := &s.figures
	var shape [6]int
	n := 0
	for h := g; h < d.n && n < len(shape); h++ {
		shape[n] = d.size(h)
		n++
		if h+1 < d.n && !nationalGap(d.gap(t, h)) {
			break
		}
	}
	a, b := shape[0], shape[1]
	switch {
	case a == 1 && b == 2 && n >= 4 && s.french(t, g):
		return d.behind(g, s.findings[len(s.findings)-1].End)
	case (a == 13 || a == 15 || a == 6 || a == 5) && s.french(t, g):
		return d.behind(g, s.findings[len(s.findings)-1].End)
	case a == 6 && s.finnish(t, g):
		return d.behind(g, s.findings[len(s.findings)-1].End)
	case a == 2 && b == 2 && shape[2] == 2 && d.groups[g].start > 2 && t[d.groups[g].start-1] == ' ' && capitals(t, d.groups[g].start-1) && s.nino(t, g, d.groups[g].start-3) > g:
		return d.behind(g, s.findings[len(s.findings)-1].End)
	case a == 8 && s.spanish(t, g), a == 2 && b == 3 && shape[2] == 3 && s.spanish(t, g):
		return d.behind(g, s.findings[len(s.findings)-1].End)
	}
	if a > maxFirst {
		return g
	}
	for i := range formsBySize[a] {
		f := &formsBySize[a][i]
		if !f.fits(shape[:n]) {
			continue
		}
		h := g + f.groups - 1
		size := d.digits(t, d.judged[:], g, h)
		start, end := d.groups[g].start, d.groups[h].end
		if !apart(t, start, end) || h+1 < d.n && joined(d.gap(t, h)) || h > g && !sameGaps(d, t, g, h) {
			continue
		}
		gap := byte(0)
		if h > g {
			gap = d.gap(t, g)[0]
		}
		likely, named := f.judge(d.judged[:size], gap, s.inForce())
		if likely == 0 && named == 0 {
			continue
		}
		confidence := likely
		switch near := d.hintOf(t, g); {
		case near&hintNational != 0:
			confidence = named
		case near&hintBirth != 0 && f.groups > 1:
		case near != 0 && h == g:
			confidence = 0
		case near != 0 && confidence < Certain:
			confidence = min(confidence, Possible)
			if near&hintPhone != 0 {
				confidence = 0
			}
		}
		if confidence == Possible && versionWord(t, start) {
			confidence = 0
		}
		if confidence != 0 {
			s.sole(t, start, end, category.NationalNumber, confidence)
			return h + 1
		}
	}
	return g
}

// nationalForm is how numbers of a country are written.
type nationalForm struct {
	groups int
	sizes  [4]int
	// judge returns how sure digits are a number of the country by themselves, and
	// where a word before them says so; 0 is not at all.
	judge func(digits []byte, gap byte, set *Set) (likely, named uint8)
}

var nationalForms = [...]nationalForm{
	{2, [4]int{6, 4}, danish}, {1, [4]int{10}, danish},
	{2, [4]int{6, 4}, swedish}, {1, [4]int{10}, swedish}, {2, [4]int{8, 4}, swedish}, {1, [4]int{12}, swedish},
	{2, [4]int{6, 5}, norwegian}, {1, [4]int{11}, norwegian},
	{3, [4]int{3, 3, 4}, health}, {1, [4]int{10}, health},
	{3, [4]int{3, 2, 4}, american}, {1, [4]int{9}, american},
	{1, [4]int{11}, polish},
	{4, [4]int{2, 3, 3, 3}, german}, {1, [4]int{11}, german},
	{1, [4]int{9}, dutch}, {3, [4]int{3, 3, 3}, dutch}, {3, [4]int{4, 2, 3}, dutch},
}

// maxFirst is the largest first group of nationalForms.
const maxFirst = 12

// formsBySize holds nationalForms by the size of their first groups.
var formsBySize = func() (t [maxFirst + 1][]nationalForm) {
	for _, f := range nationalForms {
		t[f.sizes[0]] = append(t[f.sizes[0]], f)
	}
	return t
}()

func (f *nationalForm) fits(shape []int) bool {
	if len(shape) < f.groups {
		return false
	}
	for i := range f.groups {
		if shape[i] != f.sizes[i] {
			return false
		}
	}
	return true
}

func nationalGap(gap []byte) bool {
	return len(gap) == 1 && (gap[0] == ' ' || gap[0] == '-' || gap[0] == '.' || gap[0] == '+')
}

// joined reports whether gap makes one thing of what stands on its sides.
func joined(gap []byte) bool { return len(gap) == 1 && gap[0] == '-' }

func sameGaps(d *figures, t []byte, g, h int) bool {
	for i := g + 1; i < h; i++ {
		if string(d.gap(t, i)) != string(d.gap(t, g)) {
			return false
		}
	}
	return len(d.gap(t, g)) == 1
}

// two returns the number that two digits write.
func two(digits []byte) int { return int(digits[0])*10 + int(digits[1]) }

// isDate reports whether there is or was such a day.
func isDate(year, month, day int) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0) {
		days = 29
	}
	return day <= days
}
