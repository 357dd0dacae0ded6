package record

import (
	"encoding/binary"
	"unicode/utf8"
)

// escaper writes text so that it can stand in a line of some format.
type escaper struct {
	// plain holds the ASCII characters that stand for themselves, least is the
	// first of them.
	plain [256]bool
	least uint64
	// other appends what stands for the character at the start of s, which is
	// not plain, and says how many bytes of s that took.
	other func(dst, s []byte) ([]byte, int)
}

func (e *escaper) bytes(dst, s []byte) []byte {
	if e.untouched(s) {
		return append(dst, s...)
	}
	for len(s) > 0 {
		n := 0
		for n < len(s) && e.plain[s[n]] {
			n++
		}
		dst = append(dst, s[:n]...)
		if s = s[n:]; len(s) > 0 {
			dst, n = e.other(dst, s)
			s = s[n:]
		}
	}
	return dst
}

func (e *escaper) text(dst []byte, s string) []byte {
	start := len(dst)
	dst = append(dst, s...)
	if e.untouched(dst[start:]) {
		return dst
	}
	return e.bytes(dst[:start], []byte(s))
}

// untouched reports whether all of s stands for itself. For most text it looks
// at eight bytes at a time, the last eight of which may overlap those before.
func (e *escaper) untouched(s []byte) bool {
	switch n := len(s); {
	case n >= 8:
		for at := 0; at+8 < n; at += 8 {
			if !e.plain8(binary.LittleEndian.Uint64(s[at:])) {
				return e.untouchedEach(s[at:])
			}
		}
		return e.plain8(binary.LittleEndian.Uint64(s[n-8:])) || e.untouchedEach(s[n-8:])
	case n >= 4:
		x := uint64(binary.LittleEndian.Uint32(s)) | uint64(binary.LittleEndian.Uint32(s[n-4:]))<<32
		return e.plain8(x) || e.untouchedEach(s)
	}
	return e.untouchedEach(s)
}

// untouchedEach looks at each byte: the quicker look is wrong about some.
func (e *escaper) untouchedEach(s []byte) bool {
	for _, c := range s {
		if !e.plain[c] {
			return false
		}
	}
	return true
}

// plain8 reports of eight bytes that they stand for themselves:
// printable ASCII but quote and backslash does in every format, a space where it
// is the least. A byte that does not sets its highest bit in one of the terms:
// beyond ASCII, below the least, DEL, quote, backslash. What it then carries to its
// neighbours changes no answer.
func (e *escaper) plain8(x uint64) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	odd := x | (x - e.least*ones) | (x + ones) | (x ^ '"'*ones - ones) | (x ^ '\\'*ones - ones)
	return odd&highs == 0
}

const hexDigits = "0123456789abcdef"

// jsonText escapes for a JSON string. Beside what RFC 8259 asks for, it escapes
// what a terminal obeys: DEL, the C1 controls, and the marks that turn the
// direction of writing.
var jsonText = &escaper{plain: printable(`"\`), least: ' ', other: func(dst, s []byte) ([]byte, int) {
	switch c := s[0]; {
	case c == '"' || c == '\\':
		return append(dst, '\\', c), 1
	case c == '\n':
		return append(dst, `\n`...), 1
	case c < utf8.RuneSelf:
		return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15]), 1
	}
	r, n := utf8.DecodeRune(s)
	switch {
	case r == utf8.RuneError && n == 1:
		return append(dst, `\ufffd`...), 1
	case r < 0xA0, 0x200E <= r && r <= 0x200F, 0x2028 <= r && r <= 0x202E, 0x2066 <= r && r <= 0x2069:
		return append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15]), n
	}
	return append(dst, s[:n]...), n
}}

// logText escapes for Common and Combined Log Format as Apache does.
var logText = &escaper{plain: printable(`"\`), least: ' ', other: func(dst, s []byte) ([]byte, int) {
	if c := s[0]; c == '"' || c == '\\' {
		return append(dst, '\\', c), 1
	}
	return append(dst, '\\', 'x', hexDigits[s[0]>>4], hexDigits[s[0]&15]), 1
}}

// logWord is for a part of a request line and for what stands without quotes,
// where a space or a quote would end it.
var logWord = &escaper{plain: printable(`"\ `), least: '!', other: func(dst, s []byte) ([]byte, int) {
	return append(dst, '\\', 'x', hexDigits[s[0]>>4], hexDigits[s[0]&15]), 1
}}

func printable(without string) (set [256]bool) {
	for c := ' '; c < 0x7F; c++ {
		set[c] = true
	}
	for i := range len(without) {
		set[without[i]] = false
	}
	return set
}
