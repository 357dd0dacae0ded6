package detect

import (
	"bytes"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"weir/redact/category"
)

// Canonical appends the canonical form of a value of category c to dst: that
// under which a pseudonym is made, so that one identifier has one pseudonym
// however it was written. testdata/canonical.txt holds vectors. In each form
// percent-encoding is decoded until none is left, the text is brought to NFKC,
// and white space around it is dropped. Then
//
//   - an address (user.device.ip_address) becomes its 16 bytes, IPv4 mapped (RFC
//     4291 section 2.5.5.2), without zone and port;
//   - a mail address (user.contact.email) becomes lower case, without mailto:,
//     angle brackets or a dot at its end, its domain in ASCII (UTS 46, lookup);
//   - a telephone number (user.contact.phone_number) becomes its digits, behind a
//   - where it was written with + or 00 and so is E.164. A national number
//     stays national, so that +45 12 34 56 78 and 12 34 56 78 have unlike
//     pseudonyms; but see Scanner.Canonical;
//   - a card number (user.financial.credit_card) becomes its digits; an account
//     number (user.financial.bank_account), IBAN or not, and what identifies
//     somebody to a state (user.government_id) become upper case without blanks,
//     dots, hyphens and slashes. A + stays, which says of a Swedish or Finnish
//     number that the person is of another century;
//   - a date of birth (user.demographic.date_of_birth) becomes YYYY-MM-DD where
//     DateOf reads a day in it;
//   - in what identifies a device or somebody (user.device, user.unique_id), a MAC
//     address becomes lower case with colons, a UUID lower case without braces and
//     urn:uuid:, Google Analytics' cookie GA1.2.x.y the client identifier x.y. All
//     else there, keys and tokens too, stays as it is.
//
// What does not parse as its category says keeps the common form, and what is
// written in more layers than anybody needs stays as it is. The forms of text are
// stable: the canonical form of one is that form itself.
func Canonical(dst []byte, c category.Key, value []byte) []byte {
	return canonical(dst, c, value, nil)
}

// Canonical is the function of that name, but for telephone numbers: where the
// set in force has one region, a number as it is written within that country
// becomes E.164 too.
func (s *Scanner) Canonical(dst []byte, c category.Key, value []byte) []byte {
	var home *plan
	if set := s.inForce(); len(set.plans) == 1 {
		home = &set.plans[0]
	}
	return canonical(dst, c, value, home)
}

func canonical(dst []byte, c category.Key, value []byte, home *plan) []byte {
	if c.Within(category.IPAddress) {
		if a, ok := Address(value); ok {
			b := a.Addr().As16()
			return append(dst, b[:]...)
		}
	}
	start := len(dst)
	dst, ok := normal(dst, value)
	switch {
	case !ok:
	case c.Within(category.Email):
		return mail(dst, start)
	case c.Within(category.PhoneNumber):
		return phone(dst, start, home)
	case c.Within(category.CreditCard), c.Within(category.BankAccount), c.Within("user.government_id"):
		return compact(dst, start, c.Within(category.CreditCard))
	case c.Within(category.DateOfBirth):
		return birthday(dst, start, c)
	case c.Within("user.device"), c.Within(category.UniqueID):
		return identity(dst, start)
	}
	return dst
}

// maxRounds bounds how often what was decoded is decoded again: of ten bytes a
// layer, the layers of a long value would each have all of it read.
const maxRounds = 16

// normal appends value decoded, in NFKC and without white space around it. As
// NFKC can bring forth a new escape (％41), it is done until nothing changes. ok is
// false where that takes too long: then the value is appended as it is.
func normal(dst, value []byte) (_ []byte, ok bool) {
	start := len(dst)
	if isASCII(value) && bytes.IndexByte(value, '%') < 0 {
		return append(dst, bytes.TrimSpace(value)...), true
	}
	dst = unescapeAll(dst, value)
	for round := 0; !isASCII(dst[start:]) && !norm.NFKC.IsNormalString(string(dst[start:])); round++ {
		if round == maxRounds {
			return append(dst[:start], value...), false
		}
		dst = unescapeAll(dst[:start], []byte(norm.NFKC.String(string(dst[start:]))))
	}
	text := bytes.TrimSpace(dst[start:])
	return append(dst[:start], text...), true
}

// unescapeAll appends src with all percent-encoding decoded, also what decoding
// brings forth. Nothing of it is left, and it takes one pass.
func unescapeAll(dst, src []byte) []byte {
	start := len(dst)
	for _, c := range src {
		dst = append(dst, c)
		for n := len(dst); n-start >= 3 && dst[n-3] == '%' && isHex(dst[n-2]) && isHex(dst[n-1]); n = len(dst) {
			dst[n-3] = unhex(dst[n-2])<<4 | unhex(dst[n-1])
			dst = dst[:n-2]
		}
	}
	return dst
}

// mail makes the mail address in dst[start:] canonical. Its domain in ASCII can
// end in dots that were other signs before, so it is done until nothing changes.
func mail(dst []byte, start int) []byte {
	for range 8 { // twice is the most that was seen
		dst = append(dst[:start], bareMail(dst[start:])...)
		if isASCII(dst[start:]) {
			lower(dst[start:])
			return dst
		}
		before := string(dst[start:])
		if dst = mailASCII(dst, start); string(dst[start:]) == before {
			return dst
		}
	}
	return dst
}

// mailASCII brings the domain of the mail address in dst[start:] to ASCII where
// that can be done, and all of it to lower case.
func mailASCII(dst []byte, start int) []byte {
	at := bytes.LastIndexByte(dst[start:], '@')
	domain := string(dst[start+at+1:])
	local := norm.NFKC.Bytes(bytes.Map(unicode.ToLower, dst[start:start+at+1]))
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		domain = ascii
	}
	dst = append(dst[:start], local...)
	return append(dst, norm.NFKC.String(toLower(domain))...)
}

// bareMail takes off what is written around a mail address.
func bareMail(text []byte) []byte {
	for n := -1; n != len(text); {
		n = len(text)
		if n >= 7 && bytes.EqualFold(text[:7], []byte("mailto:")) {
			text = text[7:]
		}
		if len(text) > 2 && text[0] == '<' && text[len(text)-1] == '>' {
			text = text[1 : len(text)-1]
		}
		text = bytes.TrimSpace(bytes.TrimRight(text, "."))
	}
	return text
}

func lower(b []byte) {
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
}

func toLower(s string) string {
	return string(bytes.Map(unicode.ToLower, []byte(s)))
}
