package category

import "strings"

// Key is a category's key, such as "user.contact.email". "" is the remainder.
type Key string

// The keys that weir's own code names.
const (
	Remainder Key = ""

	Credentials Key = "user.authorization.credentials"
	Email       Key = "user.contact.email"
	IPAddress   Key = "user.device.ip_address"
	UniqueID    Key = "user.unique_id"
	PhoneNumber Key = "user.contact.phone_number"
	CookieID    Key = "user.device.cookie_id"
	DeviceID    Key = "user.device.device_id"
	CreditCard  Key = "user.financial.credit_card"
	BankAccount Key = "user.financial.bank_account"
	DateOfBirth Key = "user.demographic.date_of_birth"

	NationalNumber  Key = "user.government_id.national_identification_number"
	PreciseLocation Key = "user.location.precise"
)

// Within reports whether k is ancestor or lies below it in the tree. A key that
// Fideslang has replaced and the one in its place are the same.
func (k Key) Within(ancestor Key) bool {
	return below(k, ancestor) || below(current(k), current(ancestor))
}

func below(k, ancestor Key) bool {
	return strings.HasPrefix(string(k), string(ancestor)) &&
		(len(k) == len(ancestor) || ancestor != "" && k[len(ancestor)] == '.')
}

func current(k Key) Key {
	if !maybeReplaced[hint(k)] {
		return k // spares most keys the look into the tree
	}
	if by := tree[k]; by != "" {
		return by
	}
	return k
}

// own reports whether k is one of weir's or the policy's own: "x." and one or
// more segments of lower-case letters, digits and underscores, each beginning
// with a letter.
func own(k Key) bool {
	rest, ok := strings.CutPrefix(string(k), "x.")
	if !ok {
		return false
	}
	for segment := range strings.SplitSeq(rest, ".") {
		if segment == "" || segment[0] < 'a' || segment[0] > 'z' {
			return false
		}
		for _, c := range []byte(segment) {
			if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_') {
				return false
			}
		}
	}
	return true
}
