package record

import (
	"strconv"
	"time"
)

// appendTime appends t in RFC 3339, in UTC, to the millisecond.
func appendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.Truncate(time.Millisecond).AppendFormat(dst, time.RFC3339Nano)
	}
	hour, minute, second := t.Clock()
	dst = append(two(two(dst, year/100), year%100), '-')
	dst = append(two(dst, int(month)), '-')
	dst = append(two(dst, day), 'T')
	dst = append(two(dst, hour), ':')
	dst = append(two(dst, minute), ':')
	dst = fraction(two(dst, second), int64(t.Nanosecond())/1e6, 1e2)
	return append(dst, 'Z')
}

// two appends n, 0 to 99, in two digits.
func two(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// fraction appends n behind a point, without the zeros at its end; place is that
// of its first digit. Of 0 it appends nothing.
func fraction(dst []byte, n, place int64) []byte {
	if n == 0 {
		return dst
	}
	dst = append(dst, '.')
	for ; n > 0; place /= 10 {
		dst = append(dst, byte('0'+n/place))
		n %= place
	}
	return dst
}

// appendSeconds appends d in seconds, to the microsecond, as a JSON number.
func appendSeconds(dst []byte, d time.Duration) []byte {
	us := max(d, 0).Microseconds()
	dst = strconv.AppendInt(dst, us/1e6, 10)
	return fraction(dst, us%1e6, 1e5)
}

// AppendGap appends g as a line of format f, with its line feed. In Common and
// Combined Log Format it stands where a request line would.
func AppendGap(dst []byte, f Format, g Gap) []byte {
	if f == JSON {
		dst = append(dst, `{"time":"`...)
		dst = appendTime(dst, g.Time)
		dst = append(dst, `","service":"`...)
		dst = jsonText.text(dst, g.Service)
		dst = append(dst, `","gap":{"entries":`...)
		dst = strconv.AppendInt(dst, int64(g.Entries), 10)
		dst = append(dst, `,"first":"`...)
		dst = appendTime(dst, g.First)
		dst = append(dst, `","last":"`...)
		dst = appendTime(dst, g.Last)
		return append(dst, "\"}}\n"...)
	}
	dst = append(dst, "- - - "...)
	dst = appendLogTime(dst, g.Time)
	dst = append(dst, ` "weir-gap entries=`...)
	dst = strconv.AppendInt(dst, int64(g.Entries), 10)
	dst = append(dst, " first="...)
	dst = appendTime(dst, g.First)
	dst = append(dst, " last="...)
	dst = appendTime(dst, g.Last)
	dst = append(dst, `" - -`...)
	if f == Combined {
		dst = append(dst, ` "-" "-"`...)
	}
	return append(dst, '\n')
}
