package detect

import (
	"math/bits"

	"weir/redact/category"
)

// issuer is a range of issuer identification numbers (ISO/IEC 7812-1), as the
// card schemes publish theirs, with the lengths of their account numbers.
type issuer struct {
	digits   int // of from and to
	from, to int
	lengths  uint32 // a bit for each
	wide     bool   // so wide a range that only a word or groups make a number of it a card
}

var issuers = [...]issuer{
	{1, 4, 4, 1<<16 | 1<<19, false},       // Visa
	{1, 4, 4, 1 << 13, true},              // Visa, of old
	{2, 51, 55, 1 << 16, false},           // Mastercard
	{4, 2221, 2720, 1 << 16, false},       // Mastercard
	{2, 34, 34, 1 << 15, false},           // American Express
	{2, 37, 37, 1 << 15, false},           // American Express
	{4, 3528, 3589, 15 << 16, false},      // JCB
	{4, 1800, 1800, 1 << 15, true},        // JCB, of old
	{4, 2131, 2131, 1 << 15, true},        // JCB, of old
	{3, 300, 305, 1<<14 | 1<<16, false},   // Diners Club
	{4, 3095, 3095, 1<<14 | 1<<16, false}, // Diners Club
	{2, 36, 36, 1<<14 | 1<<16, false},     // Diners Club
	{2, 38, 39, 1<<14 | 1<<16, false},     // Diners Club
	{4, 6011, 6011, 1<<16 | 1<<19, false}, // Discover
	{3, 644, 649, 1<<16 | 1<<19, false},   // Discover
	{2, 65, 65, 1<<16 | 1<<19, false},     // Discover, RuPay
	{4, 5019, 5019, 1 << 16, false},       // Dankort
	{4, 2200, 2204, 1<<16 | 1<<19, false}, // Mir
	{4, 9792, 9792, 1 << 16, false},       // Troy
	{2, 62, 62, 15 << 16, false},          // UnionPay
	{2, 81, 81, 15 << 16, true},           // UnionPay, RuPay
	{2, 82, 82, 1 << 16, true},            // RuPay
	{2, 50, 50, 255 << 12, true},          // Maestro, RuPay
	{2, 56, 58, 255 << 12, true},          // Maestro
	{2, 60, 69, 255 << 12, true},          // Maestro, RuPay
}

// cardShapes are the groups in which account numbers are written.
var cardShapes = [...][5]int{{4, 4, 4, 4, 0}, {4, 6, 5, 0, 0}, {4, 6, 4, 0, 0}, {4, 4, 4, 4, 3}, {4, 4, 5, 0, 0}, {4, 4, 4, 3, 0}}

// card reports the account number of a payment card that begins with group g: of an
// issuer's range and length, with its check digit (Luhn, ISO/IEC 7812-1 annex B).
func (s *Scanner) card(t []byte, g int) int {
	d := &s.figures
	size := d.size(g)
	h, grouped := g, size < 12
	if grouped {
		if size != 4 || g+1 == d.n {
			return g
		}
		if h = d.cardGroups(t, g); h == g {
			return g
		}
	} else if size > 19 {
		return g
	}
	var buf [19]byte
	n := d.digits(t, buf[:], g, h)
	if n < 12 || !luhn(buf[:n]) {
		return g
	}
	wide, ok := issued(buf[:n])
	start, end := d.groups[g].start, d.groups[h].end
	if !ok || !apart(t, start, end) {
		return g
	}
	near := d.hintOf(t, g)
	switch {
	case near&hintCard != 0:
		s.sole(t, start, end, category.CreditCard, Certain)
	case wide && !(grouped && n == 16), near&(hintOther|hintNational|hintPhone) != 0 && !grouped:
		return g
	case grouped:
		s.sole(t, start, end, category.CreditCard, Sure)
	default:
		s.sole(t, start, end, category.CreditCard, Likely)
	}
	return h + 1
}

// cardGroups returns the last group of a number in one of the shapes; g itself
// where the groups have another.
func (d *figures) cardGroups(t []byte, g int) int {
	gap := d.gap(t, g)
	if len(gap) != 1 || gap[0] != ' ' && gap[0] != '-' && gap[0] != '.' && gap[0] != '+' {
		return g
	}
	best := g
	for _, shape := range cardShapes {
		h := g
		for h < d.n && h-g < len(shape) && d.size(h) == shape[h-g] && (h == g || string(d.gap(t, h-1)) == string(gap)) {
			h++
		}
		if whole := h-g == len(shape) || shape[h-g] == 0; whole && h-1 > best {
			best = h - 1
		}
	}
	return best
}

// luhn reports whether the last of the digits is the check digit of the others.
func luhn(digits []byte) bool {
	sum, same := 0, true
	for i := range digits {
		v := int(digits[len(digits)-1-i])
		if i&1 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
		same = same && digits[i] == digits[0]
	}
	return sum%10 == 0 && !same
}

// issued reports whether digits lie in an issuer's range and have its length.
func issued(digits []byte) (wide, ok bool) {
	prefix := [5]int{}
	for i := range 4 {
		prefix[i+1] = prefix[i]*10 + int(digits[i])
	}
	for i := range issuers {
		is := &issuers[i]
		if p := prefix[is.digits]; p >= is.from && p <= is.to && is.lengths>>len(digits)&1 != 0 {
			return is.wide, true
		}
	}
	return false, false
}

// weighted returns the sum of digits times weights.
func weighted(digits []byte, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += int(digits[i]) * w
	}
	return sum
}

// onlyBit reports whether exactly one bit of v is set.
func onlyBit(v uint16) bool { return bits.OnesCount16(v) == 1 }
