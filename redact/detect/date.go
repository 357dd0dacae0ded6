package detect

import (
	"bytes"
	"time"

	"weir/redact/category"
)

// Date is a day, a month or a year. Day, or Day and Month, are 0 where the text
// did not say them, or where it can be read in two ways: 03/04/1990.
type Date struct{ Year, Month, Day int }

// DateOf reads the whole of text as a date: in the forms of ISO 8601, also to the
// month or the year alone and with a time behind it; day, month and year with
// dots, hyphens or slashes between, as in 22-11-1990 (behind slashes the month
// may come first); in the three forms of RFC 9110 section 5.6.7; with the month
// in words, as in 22 November 1990 and November 22, 1990. Of a date of
// birth it also reads seconds and milliseconds since 1970, in 9 digits and more.
// The time of day and its zone are not looked at.
func DateOf(c category.Key, text []byte) (Date, bool) {
	text = bytes.TrimSpace(text)
	if len(text) < 4 || len(text) > maxDate {
		return Date{}, false
	}
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	d, ok := Date{}, false
	switch {
	case n == len(text) || text[0] == '-':
		d, ok = digitsDate(c, text)
	case n == 4:
		d, ok = yearFirst(text)
	case n == 1 || n == 2:
		d, ok = dayFirst(text)
	case n == 0:
		d, ok = wireDate(text)
	}
	if !ok && n < 3 {
		d, ok = wordsDate(text)
	}
	return d, ok && d.sound()
}

// maxDate is more than a written date has, in bytes, with a time and a zone.
const maxDate = 40

// sound reports whether there is such a day, in a year that a person can have
// to do with.
func (d Date) sound() bool {
	if d.Year < 1800 || d.Year > 2199 || d.Month < 0 || d.Month > 12 || d.Day < 0 || d.Day > 31 {
		return false
	}
	return d.Day == 0 || time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC).Day() == d.Day
}

// wholeNumber reads a number of digits alone, at most 17.
func wholeNumber(b []byte) (int, bool) {
	n := 0
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(b) > 0 && len(b) < 18
}

// digitsDate reads 1990, 19901122, and times since 1970.
func digitsDate(c category.Key, text []byte) (Date, bool) {
	negative := text[0] == '-'
	if negative {
		text = text[1:]
	}
	n, ok := wholeNumber(text)
	switch {
	case !ok:
		return Date{}, false
	case len(text) == 4 && !negative:
		return Date{Year: n}, true
	case len(text) == 8 && !negative:
		d := Date{n / 10000, n / 100 % 100, n % 100}
		return d, d.Month > 0 && d.Day > 0
	case !c.Within(category.DateOfBirth) || len(text) < 9 || len(text) > 13:
		return Date{}, false
	}
	if len(text) > 10 {
		n /= 1000
	}
	if negative {
		n = -n
	}
	t := time.Unix(int64(n), 0).UTC()
	return Date{t.Year(), int(t.Month()), t.Day()}, true
}

// yearFirst reads 1990-11, 1990-11-22 and the like, with a time behind it or not.
func yearFirst(text []byte) (Date, bool) {
	d := Date{}
	d.Year, _ = wholeNumber(text[:4])
	sep := text[4]
	if sep != '-' && sep != '/' && sep != '.' {
		return d, false
	}
	month, rest, more := bytes.Cut(text[5:], []byte{sep})
	ok := false
	if d.Month, ok = wholeNumber(month); !ok || d.Month == 0 || len(month) > 2 {
		return d, false
	}
	if !more {
		return d, true
	}
	day := rest
	if at := bytes.IndexAny(rest, "T t"); at >= 0 {
		if day = rest[:at]; !clock(rest[at+1:]) {
			return d, false
		}
	}
	d.Day, ok = wholeNumber(day)
	return d, ok && d.Day > 0 && len(day) <= 2
}

// clock reports whether b is a time of day with or without a zone.
func clock(b []byte) bool {
	if len(b) < 2 || !isDigit(b[0]) || !isDigit(b[1]) {
		return false
	}
	for _, c := range b {
		if !isDigit(c) && bytes.IndexByte([]byte(":.,+- ZzGMTUTC"), c) < 0 {
			return false
		}
	}
	return true
}

// dayFirst reads 22-11-1990, with a time behind it or not.
func dayFirst(text []byte) (Date, bool) {
	if at := bytes.IndexByte(text, ' '); at >= 0 {
		if !clock(text[at+1:]) {
			return Date{}, false
		}
		text = text[:at]
	}
	at := bytes.IndexAny(text, "-./")
	if at < 0 {
		return Date{}, false
	}
	sep := text[at]
	second, year, _ := bytes.Cut(text[at+1:], []byte{sep})
	day, ok1 := wholeNumber(text[:at])
	month, ok2 := wholeNumber(second)
	d := Date{Month: month, Day: day}
	ok3 := false
	if d.Year, ok3 = wholeNumber(year); !ok1 || !ok2 || !ok3 || len(year) != 4 || day == 0 || month == 0 {
		return d, false
	}
	if sep == '/' && day <= 12 && day != month {
		if month <= 12 {
			return Date{Year: d.Year}, true
		}
		d.Month, d.Day = day, month // month/day/year
	}
	return d, true
}

// wireDate reads the three forms of RFC 9110: those of RFC 5322, RFC 850 and
// asctime. Two digits of a year are those of 1970 to 2069.
func wireDate(text []byte) (Date, bool) {
	var parts [6][]byte
	n := 0
	for part := range bytes.FieldsFuncSeq(text, func(r rune) bool { return r == ' ' || r == '-' || r == ',' }) {
		if n == len(parts) {
			return Date{}, false
		}
		parts[n] = part
		n++
	}
	day, month, year, hours := parts[1], parts[2], parts[3], parts[4]
	if n == 5 { // Sun Nov  6 08:49:37 1994
		day, month, year, hours = parts[2], parts[1], parts[4], parts[3]
	} else if n != 6 || string(parts[5]) != "GMT" {
		return Date{}, false
	}
	if !weekday(parts[0]) || !clock(hours) {
		return Date{}, false
	}
	d := Date{Month: monthOf(month)}
	ok1, ok2 := false, false
	d.Day, ok1 = wholeNumber(day)
	d.Year, ok2 = wholeNumber(year)
	if len(year) == 2 {
		if d.Year += 1900; d.Year < 1970 {
			d.Year += 100
		}
	}
	return d, ok1 && ok2 && d.Month > 0 && d.Day > 0
}

func weekday(b []byte) bool {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if name := day.String(); string(b) == name || string(b) == name[:3] {
			return true
		}
	}
	return false
}

func monthOf(b []byte) int {
	for m := time.January; m <= time.December; m++ {
		if string(b) == m.String()[:3] {
			return int(m)
		}
	}
	return 0
}

// wordsDate reads 12 March 1985, 12. marts 1985, 12 de marzo de 1985, March 12th, 1985.
func wordsDate(text []byte) (Date, bool) {
	var parts [3][]byte
	n := 0
	for part := range bytes.FieldsFuncSeq(text, func(r rune) bool { return r == ' ' || r == '-' || r == ',' || r == '.' }) {
		if word := string(part); word == "de" || word == "del" || word == "of" {
			continue
		}
		if n == len(parts) {
			return Date{}, false
		}
		parts[n] = part
		n++
	}
	if n < len(parts) || len(parts[2]) != 4 {
		return Date{}, false
	}
	day, month := parts[0], parts[1]
	if !isDigit(day[0]) {
		day, month = month, day
	}
	if l := len(day); l > 2 {
		switch string(day[l-2:]) {
		case "st", "nd", "rd", "th":
			day = day[:l-2]
		}
	}
	d := Date{Month: monthNumber(month)}
	ok1, ok2 := false, false
	d.Day, ok1 = wholeNumber(day)
	d.Year, ok2 = wholeNumber(parts[2])
	return d, ok1 && ok2 && d.Month > 0 && d.Day > 0
}

// monthWords holds the beginnings of the months' names, in the languages of
// names.txt, Dutch, Italian, Finnish, Polish and Portuguese. A beginning of
// another stands behind that.
var monthWords = [...]monthWord{
	{"jan", 1}, {"ene", 1}, {"gen", 1}, {"tammi", 1}, {"sty", 1}, {"feb", 2}, {"fév", 2}, {"fev", 2}, {"helmi", 2}, {"lut", 2},
	{"marras", 11}, {"mar", 3}, {"mär", 3}, {"maart", 3}, {"maalis", 3}, {"apr", 4}, {"abr", 4}, {"avr", 4}, {"huhti", 4}, {"kwi", 4},
	{"maj", 5}, {"may", 5}, {"mai", 5}, {"mei", 5}, {"mag", 5}, {"touko", 5}, {"jun", 6}, {"juin", 6}, {"giu", 6}, {"kesä", 6}, {"cze", 6},
	{"jul", 7}, {"juil", 7}, {"lug", 7}, {"heinä", 7}, {"lip", 7}, {"aug", 8}, {"ago", 8}, {"aoû", 8}, {"elo", 8}, {"sie", 8},
	{"sep", 9}, {"set", 9}, {"syys", 9}, {"wrz", 9}, {"okt", 10}, {"oct", 10}, {"ott", 10}, {"out", 10}, {"loka", 10}, {"paź", 10},
	{"nov", 11}, {"lis", 11}, {"dec", 12}, {"dez", 12}, {"des", 12}, {"dic", 12}, {"déc", 12}, {"joulu", 12}, {"gru", 12},
}

type monthWord struct {
	begins string
	month  int
}

// monthsBy holds monthWords by the last five bits of their first letters.
var monthsBy = func() (t [32][]monthWord) {
	for _, m := range monthWords {
		t[m.begins[0]&31] = append(t[m.begins[0]&31], m)
	}
	return t
}()

// monthNumber is the month that a word begins as the name of, 0 for none.
func monthNumber(word []byte) int {
	var buf [16]byte
	b := buf[:copy(buf[:], word)]
	lowerWord(b)
	if len(b) < 3 {
		return 0
	}
	for _, m := range monthsBy[b[0]&31] {
		if hasPrefix(b, m.begins) {
			return m.month
		}
	}
	return 0
}
