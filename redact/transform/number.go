package transform

import (
	"bytes"
	"strconv"
)

// maxWhole is the most digits before the point of a number that is put into a
// bucket; maxFraction those behind it.
const (
	maxWhole    = 17
	maxFraction = 20
)

// decimal is a number as it is written, without an exponent.
type decimal struct {
	negative bool
	whole    int64
	fraction []byte // the digits behind the point
}

// readDecimal reads a number at the beginning of text and returns what is left
// behind it.
func readDecimal(text []byte) (d decimal, rest []byte, ok bool) {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		d.negative, text = text[0] == '-', text[1:]
	}
	n := digits(text)
	if n == 0 || n > maxWhole {
		return d, nil, false
	}
	for _, c := range text[:n] {
		d.whole = d.whole*10 + int64(c-'0')
	}
	if text = text[n:]; len(text) > 1 && text[0] == '.' {
		if n = digits(text[1:]); n > maxFraction {
			return d, nil, false
		}
		d.fraction, text = text[1:1+n], text[1+n:]
	}
	return d, text, true
}

func digits(b []byte) int {
	n := 0
	for n < len(b) && '0' <= b[n] && b[n] <= '9' {
		n++
	}
	return n
}

// appendBucket appends the lower end of the bucket of width n that a number is in.
func appendBucket(dst, text []byte, n int64) ([]byte, bool) {
	d, rest, ok := readDecimal(text)
	if !ok || len(rest) > 0 {
		return dst, false
	}
	v := d.whole
	if d.negative {
		v = -v
		if len(bytes.Trim(d.fraction, "0")) > 0 {
			v--
		}
	}
	k := v / n
	if v%n < 0 {
		k--
	}
	return strconv.AppendInt(dst, k*n, 10), true
}

// appendCoordinates appends a latitude and a longitude, in either order, or one
// of them, in degrees with n decimals. It reads what ISO 6709, RFC 5870 (geo:)
// and most programs write: an altitude and what is behind a semicolon are not
// written.
func appendCoordinates(dst, text []byte, n int) ([]byte, bool) {
	start := len(dst)
	if hasPrefixFold(text, "geo:") {
		text, _, _ = bytes.Cut(text[len("geo:"):], []byte{';'})
	}
	if l := len(text); l > 1 && (text[0] == '(' && text[l-1] == ')' || text[0] == '[' && text[l-1] == ']') {
		text = bytes.TrimSpace(text[1 : l-1])
	}
	text = bytes.TrimSuffix(text, []byte{'/'})
	first, rest, ok := readDegrees(text)
	if !ok || !first.within(180) {
		return dst, false
	}
	dst = first.appendRounded(dst, n)
	if len(rest) == 0 {
		return dst, true
	}
	second, rest, ok := readDegrees(separated(rest))
	if ok && len(rest) > 0 {
		_, rest, ok = readDecimal(separated(rest))
		ok = ok && len(rest) == 0
	}
	if !ok || !second.within(180) || !first.within(90) && !second.within(90) {
		return dst[:start], false
	}
	return second.appendRounded(append(dst, ','), n), true
}

// readDegrees is readDecimal for a number that may have the sign of degrees behind it.
func readDegrees(text []byte) (decimal, []byte, bool) {
	d, rest, ok := readDecimal(text)
	return d, bytes.TrimPrefix(rest, []byte("°")), ok
}

// separated is what stands behind a comma, a semicolon or blanks. A sign needs
// none of them before it.
func separated(b []byte) []byte {
	b = bytes.TrimLeft(b, " ")
	if len(b) > 0 && (b[0] == ',' || b[0] == ';') {
		b = b[1:]
	}
	return bytes.TrimLeft(b, " ")
}

// within reports whether d is at most so many degrees, to either side.
func (d *decimal) within(degrees int64) bool {
	return d.whole < degrees || d.whole == degrees && len(bytes.Trim(d.fraction, "0")) == 0
}

// appendRounded appends d with n decimals, 0 to MaxDecimals.
func (d *decimal) appendRounded(dst []byte, n int) []byte {
	scale := int64(1)
	v := d.whole
	for i := range n {
		v, scale = v*10, scale*10
		if i < len(d.fraction) {
			v += int64(d.fraction[i] - '0')
		}
	}
	if n < len(d.fraction) && d.fraction[n] >= '5' {
		v++
	}
	if d.negative && v != 0 {
		dst = append(dst, '-')
	}
	dst = strconv.AppendInt(dst, v/scale, 10)
	if n == 0 {
		return dst
	}
	dst = append(dst, '.')
	for v %= scale; scale > 1; v %= scale {
		scale /= 10
		dst = append(dst, '0'+byte(v/scale))
	}
	return dst
}
