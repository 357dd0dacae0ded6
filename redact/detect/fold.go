package detect

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold writes characters that stand for ASCII ones (full-width, circled, bold,
// superscript: NFKC) as these, and leaves out those that cannot be seen. It
// reports whether there was one. Letters of other scripts stay as they are.
func fold(l *layer, t []byte) bool {
	l.text, l.from = l.text[:0], l.from[:0]
	any := false
	for i := 0; i < len(t); {
		if t[i] < utf8.RuneSelf {
			l.text, l.from = append(l.text, t[i]), append(l.from, uint16(i))
			i++
			continue
		}
		r, n := utf8.DecodeRune(t[i:])
		folded, changed := t[i:i+n], false
		switch {
		case invisible(r):
			folded, changed = nil, true
		case r == '。': // the ideographic full stop divides labels (UTS 46)
			folded, changed = []byte{'.'}, true
		default:
			if d := norm.NFKC.Properties(t[i:]).Decomposition(); isASCII(d) && len(d) > 0 {
				folded, changed = d, true
			}
		}
		any = any || changed
		l.text = append(l.text, folded...)
		for range folded {
			l.from = append(l.from, uint16(i))
		}
		i += n
	}
	l.from = append(l.from, uint16(len(t)))
	return any
}

// invisible reports whether r is a character that shows nothing: a soft hyphen,
// a zero-width space or joiner, a direction mark, a variation selector, a tag.
func invisible(r rune) bool {
	if r < 0x300 {
		return r == 0xAD
	}
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
