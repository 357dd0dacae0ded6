package transform

import "unicode/utf8"

// stars stand for what a mask hides, whatever its length.
const stars = "***"

// leastHidden is the fewest characters that a mask hides; of a value that
// would hide fewer nothing is shown.
const leastHidden = 4

// appendMasked appends the first and last characters of text around stars.
func appendMasked(dst, text []byte, first, last int) []byte {
	if utf8.RuneCount(text) < first+last+leastHidden {
		return append(dst, stars...)
	}
	dst = append(dst, text[:runes(text, first)]...)
	dst = append(dst, stars...)
	at := len(text)
	for range last {
		_, n := utf8.DecodeLastRune(text[:at])
		at -= n
	}
	return append(dst, text[at:]...)
}

// runes is the length in bytes of the first n characters of text.
func runes(text []byte, n int) int {
	at := 0
	for ; n > 0 && at < len(text); n-- {
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return at
}

// Hiding is t where it is done to a text that part is in. A mask whose ends show
// more of a short part than they would of it alone shows none.
func (t Transform) Hiding(text, part []byte) Transform {
	if t.kind == KindMask && len(part) < len(text) && utf8.RuneCount(part) < int(t.a)+int(t.b)+leastHidden {
		return Transform{kind: KindMask}
	}
	return t
}
