package detect

// signs are what a sweep saw in a text: each bit says that a recogniser has
// reason to look. A sweep never misses; it may see a sign where nothing is.
type signs uint32 // no more than 31: pairs has two halves

const (
	signAt        signs = 1 << iota // @
	signHigh                        // a byte of a non-ASCII character
	signDotDigit                    // ".1"
	signDigitDot                    // "1."
	signColons                      // "::"
	signHexColon                    // "a:"
	signColonHex                    // ":a"
	signEscape                      // "%4", "%u", "\u", "\x" or "&#"
	signEscape2                     // the same: its first byte needs a bit of its own
	signEscape3                     // the same
	signJSON                        // "yJ", as in the eyJ that begins a JSON Web Token
	signCamel                       // a capital behind a letter or digit, as in all base64
	signHiddenAt0                   // what an @ becomes in base64, as a group's first byte
	signHiddenAt1                   // as its second
	signHiddenAt2                   // as its third
	signSextet                      // a letter of base64; begins and so tells nothing by itself
	signDigits                      // two digits
	signDashes                      // "--", as around a key in PEM
	signScheme                      // "Be" or "Ba", in either case, as in Bearer and Basic
	signSchemeEnd                   // "r " or "c ", as they end
	signClick                       // "d=", as behind gclid
	signHexDot                      // "a."
	signDotHex                      // ".a"
	signArpa                        // "rp", in either case, as in .arpa
)

const (
	signsEscape   = signEscape | signEscape2 | signEscape3
	signsHiddenAt = signHiddenAt0 | signHiddenAt1 | signHiddenAt2
	signAlone     = signAt | signHigh // of one byte
)

// pairs holds for each byte, in the low half, the signs that it completes, and,
// in the high half, those that it begins. Those of one byte need no beginning:
// every byte begins theirs.
var pairs = func() (t [256]uint64) {
	for c := range t {
		b := byte(c)
		begin := signAlone
		var end signs
		set := func(at *signs, s signs, when bool) {
			if when {
				*at |= s
			}
		}
		set(&end, signAt, b == '@')
		set(&end, signHigh, b >= 0x80)
		set(&begin, signDotDigit, b == '.')
		set(&end, signDotDigit, isDigit(b))
		set(&begin, signDigitDot, isDigit(b))
		set(&end, signDigitDot, b == '.')
		set(&begin, signColons, b == ':')
		set(&end, signColons, b == ':')
		set(&begin, signHexColon, isHex(b))
		set(&end, signHexColon, b == ':')
		set(&begin, signColonHex, b == ':')
		set(&end, signColonHex, isHex(b))
		set(&begin, signEscape, b == '%')
		set(&end, signEscape, isHex(b) || b == 'u' || b == 'U')
		set(&begin, signEscape2, b == '\\')
		set(&end, signEscape2, b == 'u' || b == 'x')
		set(&begin, signEscape3, b == '&')
		set(&end, signEscape3, b == '#')
		set(&begin, signJSON, b == 'y')
		set(&end, signJSON, b == 'J')
		set(&begin, signCamel, isAlnum(b))
		set(&end, signCamel, b >= 'A' && b <= 'Z')
		set(&begin, signDigits, isDigit(b))
		set(&end, signDigits, isDigit(b))
		set(&begin, signDashes, b == '-')
		set(&end, signDashes, b == '-')
		set(&begin, signScheme, b|0x20 == 'b')
		set(&end, signScheme, b|0x20 == 'e' || b|0x20 == 'a')
		set(&begin, signSchemeEnd, b|0x20 == 'r' || b|0x20 == 'c')
		set(&end, signSchemeEnd, b == ' ')
		set(&begin, signClick, b == 'd')
		set(&end, signClick, b == '=')
		set(&begin, signArpa, b|0x20 == 'r')
		set(&end, signArpa, b|0x20 == 'p')
		set(&begin, signHexDot, isHex(b))
		set(&end, signHexDot, b == '.')
		set(&begin, signDotHex, b == '.')
		set(&end, signDotHex, isHex(b))
		if v := sextet[b]; v != notSextet {
			end |= signSextet
			// @ is 0100_0000: as first byte sextets 010000 00xxxx, as second
			// xx0100 0000xx, as third xxxx01 000000.
			set(&begin, signHiddenAt0, v == 0b010000)
			set(&end, signHiddenAt0, v>>4 == 0)
			set(&begin, signHiddenAt1, v&0b1111 == 0b0100)
			set(&end, signHiddenAt1, v>>2 == 0)
			set(&begin, signHiddenAt2, v&0b11 == 0b01)
			set(&end, signHiddenAt2, v == 0)
		}
		t[c] = uint64(begin)<<32 | uint64(end)
	}
	return t
}()

// sweep reads a text once and returns what signs it has.
func sweep(text []byte) signs {
	const all = uint64(signAlone) << 32
	before, seen := all, uint64(0)
	for len(text) >= 4 {
		a, b, c, d := pairs[text[0]], pairs[text[1]], pairs[text[2]], pairs[text[3]]
		seen |= a&(before>>32) | b&(a>>32) | c&(b>>32) | d&(c>>32)
		before, text = d, text[4:]
	}
	for _, c := range text {
		now := pairs[c]
		seen |= now & (before >> 32)
		before = now
	}
	return signs(seen)
}

func isDigit(c byte) bool { return c-'0' <= 9 }
func isLetter(c byte) bool {
	return (c|0x20)-'a' <= 'z'-'a'
}
func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }
func isHex(c byte) bool   { return isDigit(c) || (c|0x20)-'a' <= 'f'-'a' }

// unhex returns the value of a hexadecimal digit.
func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return (c | 0x20) - 'a' + 10
}
