package rewrite

import (
	"bytes"
	"time"
)

// The facts of a line are written where they are what they should be: nobody is
// told by them. What is something else is not written.

const months = "JanFebMarAprMayJunJulAugSepOctNovDec"

// digits reads n decimal digits.
func digits(b []byte) (n int, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(b) > 0
}

// clfTime reads "22/Nov/2026:10:00:00 +0000".
func clfTime(b []byte) (t time.Time, ok bool) {
	if len(b) != 26 || b[2] != '/' || b[6] != '/' || b[11] != ':' || b[14] != ':' || b[17] != ':' || b[20] != ' ' || b[21] != '+' && b[21] != '-' {
		return t, false
	}
	month := bytes.Index([]byte(months), b[3:6])
	day, ok1 := digits(b[0:2])
	year, ok2 := digits(b[7:11])
	hour, ok3 := digits(b[12:14])
	minute, ok4 := digits(b[15:17])
	second, ok5 := digits(b[18:20])
	zoneHour, ok6 := digits(b[22:24])
	zoneMinute, ok7 := digits(b[24:26])
	if month < 0 || month%3 != 0 || !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7) {
		return t, false
	}
	zone := time.Duration(zoneHour)*time.Hour + time.Duration(zoneMinute)*time.Minute
	if b[21] == '-' {
		zone = -zone
	}
	return time.Date(year, time.Month(month/3+1), day, hour, minute, second, 0, time.UTC).Add(-zone), true
}

// layouts are other ways in which times are written. A fraction of a second may
// stand in each.
var layouts = []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04:05 -0700",
	"2006/01/02 15:04:05", time.RFC1123, time.RFC1123Z, time.ANSIC, time.UnixDate, "02/Jan/2006:15:04:05", "Jan _2 15:04:05", "2006-01-02", "15:04:05"}

// maxTime is more than any time that is written needs.
const maxTime = 40

// readTime reads a time in one of the forms that are known.
func readTime(b []byte) (t time.Time, ok bool) {
	if t, ok = clfTime(b); ok {
		return t, true
	}
	if len(b) > maxTime {
		return t, false
	}
	if seconds, ok := unixTime(b); ok {
		return seconds, true
	}
	s := string(bytes.Replace(b, []byte{','}, []byte{'.'}, 1))
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return t, false
}

// unixTime reads seconds since 1970, with or without a fraction, or milli-, micro-
// or nanoseconds, from 2001 to 2100.
func unixTime(b []byte) (t time.Time, ok bool) {
	whole, fraction, has := bytes.Cut(b, []byte{'.'})
	if has {
		if _, ok := digits(fraction); !ok || len(fraction) > 9 {
			return t, false
		}
	}
	n, ok := digits(whole)
	if !ok || whole[0] == '0' {
		return t, false
	}
	switch len(whole) {
	case 10:
		t = time.Unix(int64(n), 0)
	case 13:
		t = time.UnixMilli(int64(n))
	case 16:
		t = time.UnixMicro(int64(n))
	case 19:
		t = time.Unix(0, int64(n))
	default:
		return t, false
	}
	return t, t.Year() >= 1990 && t.Year() < 2100
}

// manyDigits is from how many digits on a number may be somebody's.
const manyDigits = 9

// isNumber reports whether b is a number: of at most 15 digits, with a sign, a
// fraction and an exponent; or several, divided by a comma, or a colon, and spaces.
// many says that one of them, or all together where none has a fraction, could be
// an account, a card, a phone or a person.
func isNumber(b []byte) (ok, many bool) {
	total, dots := 0, false
	for {
		n, digits, dot := numeral(b)
		if n == 0 || digits > 15 {
			return false, false
		}
		total, dots, many = total+digits, dots || dot, many || digits >= manyDigits
		b = b[n:]
		if len(b) == 0 {
			return true, many || total >= manyDigits && !dots
		}
		if bytes.HasPrefix(b, []byte(" : ")) { // nginx's, between groups of servers
			b = b[1:]
		}
		if b[0] != ',' && b[0] != ':' {
			return false, false
		}
		b = bytes.TrimPrefix(b[1:], []byte{' '})
	}
}

// numeral is the length of the number that b starts with, 0 where there is none,
// and of how many digits it is. A dash stands for one that is not known.
func numeral(b []byte) (n, digits int, dot bool) {
	run := func() int {
		start := n
		for n < len(b) && '0' <= b[n] && b[n] <= '9' {
			n++
		}
		return n - start
	}
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		n++
	}
	whole := run()
	if digits = whole; digits == 0 {
		if n == 1 && b[0] == '-' {
			return n, 0, false
		}
		return 0, 0, false
	}
	if n < len(b) && b[n] == '.' {
		n++
		dot = true
		digits += run()
	}
	if n < len(b) && b[n]|0x20 == 'e' {
		n++
		if n < len(b) && (b[n] == '-' || b[n] == '+') {
			n++
		}
		power := run()
		if power == 0 {
			return 0, 0, false
		}
		digits += power
	}
	return n, digits, dot
}

// holdsCPR reports whether ten digits have the check digit of a Danish number of a
// person, as those given before 2007 do.
func holdsCPR(b []byte) bool {
	sum := 0
	for i, weight := range [...]int{4, 3, 2, 7, 6, 5, 4, 3, 2, 1} {
		sum += int(b[i]-'0') * weight
	}
	return sum%11 == 0
}

func countDigits(b []byte) (n int) {
	for _, c := range b {
		if '0' <= c && c <= '9' {
			n++
		}
	}
	return n
}

// looksDated reports whether digits begin with a day and a month, as numbers of
// persons in the north do.
func looksDated(b []byte) bool {
	if len(b) != 10 {
		return false
	}
	n, ok := digits(b)
	day, month := n/1e8, n/1e6%100
	return ok && 0 < day && day <= 31 && 0 < month && month <= 12
}

func isStatus(b []byte) bool {
	_, ok := digits(b)
	return ok && len(b) == 3
}

// methods are those of RFC 9110, RFC 5789 and WebDAV, and nginx's and HTTP/2's.
var methods = [...]string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
	"PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "QUERY", "PRI"}

func isMethod(b []byte) bool {
	for _, m := range methods {
		if m == string(b) {
			return true
		}
	}
	return false
}

func isProtocol(b []byte) bool {
	switch string(b) {
	case "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/3.0", "HTTP/2", "HTTP/3", "HTTP/0.9":
		return true
	}
	return false
}

// isElement reports whether b is one of the ids that RFC 5424 section 7 registers, or
// one of an enterprise: a name, @ and its number.
func isElement(b []byte) bool {
	switch string(b) {
	case "timeQuality", "origin", "meta":
		return true
	}
	name, number, ok := bytes.Cut(b, []byte{'@'})
	if !ok || len(name) == 0 || len(number) == 0 || len(number) >= manyDigits {
		return false
	}
	for _, c := range number {
		if (c < '0' || c > '9') && c != '.' {
			return false
		}
	}
	return true
}
