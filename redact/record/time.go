package record

import (
	"strconv"
	"time"
)

// appendTime appends t in RFC 3339, in UTC, to the millisecond.
func appendTime(dst []byte, t time.Time) []byte {
	return t.UTC().Truncate(time.Millisecond).AppendFormat(dst, time.RFC3339Nano)
}

// appendSeconds appends d in seconds, to the microsecond, as a JSON number.
func appendSeconds(dst []byte, d time.Duration) []byte {
	us := max(d, 0).Microseconds()
	dst = strconv.AppendInt(dst, us/1e6, 10)
	frac := us % 1e6
	if frac == 0 {
		return dst
	}
	dst = append(dst, '.')
	for place := int64(1e5); frac > 0; place /= 10 {
		dst = append(dst, byte('0'+frac/place))
		frac %= place
	}
	return dst
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
