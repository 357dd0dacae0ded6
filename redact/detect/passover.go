package detect

import (
	"encoding/binary"
	"math/bits"
)

// Words of eight equal bytes.
const (
	eachByte = 0x0101010101010101
	highBits = 0x80 * eachByte
)

// equal sets the high bits of the bytes of low that are c. No byte of low may have its
// own set, nor c.
func equal(low uint64, c byte) uint64 { return ^(low ^ uint64(c)*eachByte + (0x80-1)*eachByte) }

// nextDigit returns the offset of the first digit at or behind i.
func nextDigit(t []byte, i int) int {
	for i+8 <= len(t) {
		// Of bytes below 0x80, those from '0' on get their high bit set in the first
		// sum, and those behind '9' in the second.
		w := binary.LittleEndian.Uint64(t[i:])
		low := w &^ highBits
		m := (low + (0x80-'0')*eachByte) &^ (low + (0x80-'9'-1)*eachByte) &^ w & highBits
		if m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
		i += 8
	}
	for i < len(t) && !isDigit(t[i]) {
		i++
	}
	return i
}

// passOver returns where to go on where no number can begin at i, as is so for most
// groups of digits: parts of words, versions, times. It returns i where one can.
func passOver(t []byte, i int) int {
	before := byte('=')
	if i > 0 {
		before = t[i-1]
	}
	if isLetter(before) {
		if capitals(t, i) || before|0x20 >= 'x' && (i == 1 || !isAlnum(t[i-2])) {
			return i
		}
		for i < len(t) && isDigit(t[i]) {
			i++
		}
		return i
	}
	if i+8 > len(t) || before == ' ' && isDigit(t[i+3]) {
		return i
	}
	// Where one of the next leastDigits bytes is behind '9', no number of so many
	// digits can begin before it.
	w := binary.LittleEndian.Uint64(t[i:])
	low := w &^ highBits
	over := low + (0x80-'9'-1)*eachByte | w
	if m := over & (highBits >> 16); m != 0 {
		return i + bits.TrailingZeros64(m)/8
	}
	if n := tooFew(low, over); n > 0 {
		return i + n
	}
	switch {
	case before == '/' && i > 1 && isAlnum(t[i-2]):
		return productVersion(t, i)
	case before == ' ' && t[i+3] == ' ' && i > 1 && t[i-2] == '"':
		return statusAndSize(t, i)
	}
	return i
}

// tooFew returns how many of eight bytes hold no number, nor what led looks for: up to one
// that is no digit, none that isGap has, and no '*', with too few digits before it. It is 0
// where there is none. low is the bytes, over has the high bits of those behind '9'.
func tooFew(low, over uint64) int {
	spaces := equal(low, ' ')
	m := (over | ^(low+(0x80-'(')*eachByte)&^spaces | equal(low, ',')) & highBits
	if m == 0 {
		return 0
	}
	digits := (low + (0x80-'0')*eachByte) &^ over & highBits & (m&-m - 1)
	if m&(highBits>>16) == 0 && (spaces&0x80_80_00 != 0 || bits.OnesCount64(digits) >= leastDigits) {
		return 0
	}
	return bits.TrailingZeros64(m) / 8
}

// statusAndSize returns the end of the two columns that stand behind the request in an
// access log; i where they are not at i.
func statusAndSize(t []byte, i int) int {
	end := i + 4
	for end < len(t) && isDigit(t[end]) {
		end++
	}
	if t[i] < '2' || t[i] > '5' || !isDigit(t[i+1]) || !isDigit(t[i+2]) || end == i+4 || end > i+9 || !hasPrefix(t[end:], " \"") {
		return i
	}
	return end
}

// productVersion returns the end of a group of seven to nine digits, alone behind a
// word and a slash, as in Gecko/20100101, or of what dotted passes over, as in
// Chrome/131.0.0.0; i where there is none at i.
func productVersion(t []byte, i int) int {
	end := i
	for end < len(t) && isDigit(t[end]) {
		end++
	}
	if end < len(t) && t[end] == '.' && end <= i+3 {
		for end < len(t) && (isDigit(t[end]) || t[end] == '.') {
			end++
		}
		if _, ok := parse4(t[i:end]); ok && end-i <= len("255.255.255.255") && behindGap(t, end) == end {
			return end
		}
		return i
	}
	if n := end - i; n < 7 || n > 9 || behindGap(t, end) > end || end < len(t) && (isLetter(t[end]) || t[end] == '-') {
		return i
	}
	return end
}
