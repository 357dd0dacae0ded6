package redact

import (
	"bytes"
	"sync/atomic"

	"weir/redact/raw"
)

// walkRoom is the memory that decompression and large messages may hold for all bodies that pass at one
// time, in bytes: who sends many that ask for large windows must not take it all.
const walkRoom = 256 << 20

// room is what is left of walkRoom.
type room struct{ left atomic.Int64 }

// take reports whether there was room for n bytes more.
func (r *room) take(n int64) bool {
	if r.left.Add(-n) >= 0 {
		return true
	}
	r.left.Add(n)
	return false
}

func (r *room) give(n int64) { r.left.Add(n) }

// What a decoder holds beside its window, and the largest windows: RFC 7932 section
// 9.1, RFC 9659.
const (
	decoderSize    = 64 << 10
	brotliWindow   = 16 << 20
	standardWindow = 8 << 20
)

// decoding is the memory that the codings of a body may ask for, of which first are
// the first bytes, in bytes; 0 for a body under none. outermost is the window that it
// has of the coding that tells it itself, 0 where none does.
func decoding(codings, first []byte) (n, outermost int64) {
	var last []byte
	for token := range bytes.SplitSeq(codings, []byte{','}) {
		if token = bytes.Trim(token, " \t"); len(token) > 0 {
			n += decoderSize + window(token, nil)
			last = token
		}
	}
	if last == nil || raw.EqualFold(last, "identity") {
		return n, 0
	}
	outermost = window(last, first)
	return n - window(last, nil) + outermost, outermost
}

// window is that of a coding, the largest where the beginning does not tell it.
func window(coding, first []byte) int64 {
	switch {
	case raw.EqualFold(coding, "br"):
		return brotliOf(first)
	case raw.EqualFold(coding, "zstd"):
		return standardOf(first)
	}
	return 0
}

// brotliOf reads WBITS, RFC 7932 section 9.1.
func brotliOf(first []byte) int64 {
	if len(first) == 0 {
		return brotliWindow
	}
	b := first[0]
	switch three, more := b>>1&7, b>>4&7; {
	case b&1 == 0:
		return 1 << 16
	case three != 0:
		return 1 << (17 + three)
	case more == 0:
		return 1 << 17
	default:
		return 1 << (8 + more)
	}
}

// standardOf reads the header of the first frame, RFC 8878 section 3.1.1.1. A frame that
// stands in one segment is as large as its content, and is taken for the largest.
func standardOf(first []byte) int64 {
	const magic = "\x28\xb5\x2f\xfd"
	if len(first) < 6 || string(first[:4]) != magic || first[4]&0x20 != 0 {
		return standardWindow
	}
	exponent, mantissa := first[5]>>3, first[5]&7
	if exponent > 13 {
		return standardWindow // more is refused
	}
	base := int64(1) << (10 + exponent)
	return base + base/8*int64(mantissa)
}
