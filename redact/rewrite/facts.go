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

// readTime reads a time in one of the forms that are known. year says that it
// names one.
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
// or nanoseconds, from 2001 to 2286.
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
		return time.Unix(int64(n), 0), true
	case 13:
		return time.UnixMilli(int64(n)), true
	case 16:
		return time.UnixMicro(int64(n)), true
	case 19:
		return time.Unix(0, int64(n)), true
	}
	return t, false
}

// isNumber reports whether b is a number that tells of nobody: of at most 15
// digits, with a sign, a fraction or an exponent; or several, divided by commas
// and colons.
func isNumber(b []byte) bool {
	count := 0
	for _, c := range b {
		switch {
		case '0' <= c && c <= '9':
			count++
		case c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E':
		case c == ',' || c == ' ' || c == ':':
			count = 0
			continue
		default:
			return false
		}
		if count > 15 {
			return false
		}
	}
	return true
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
