package detect

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"weir/redact/category"
)

// The bounds of what is allowed.
const (
	maxAllowed     = 2000 // values
	maxAllowedStar = 200  // of them with a star
	maxAllowedText = 256  // bytes of one
	maxStarDigits  = 5    // that a star stands for in a mail address
)

// AllowList is values that are not personal data: an Allowed. Its zero value allows
// nothing. Once it is in use nothing may be added.
type AllowList struct {
	exact    map[allowedKey]bool
	starred  []starred
	networks []network
	texts    []category.Key // those of exact and starred
	home     *plan          // whose telephone numbers need no country code; nil for none
}

// NewAllowList makes an AllowList for a set with those regions: where it has one, a
// telephone number means the same as it is written within that country.
func NewAllowList(regions []string) *AllowList {
	l := &AllowList{}
	if len(regions) == 0 {
		regions = builtin.regions
	}
	if p, ok := plans[regions[0]]; ok && len(regions) == 1 {
		l.home = &p
	}
	return l
}

type allowedKey struct {
	category category.Key
	text     string // canonical
}

// starred is *end or begin*.
type starred struct {
	category   category.Key
	begin, end string
}

type network struct {
	category category.Key
	prefix   netip.Prefix
}

// Add allows a value of a category or one below it: the value itself, in any form that has the same
// canonical one; with a star at its beginning or end, which stands for letters,
// digits and . _ + - but no @; or, of an address, a network such as 10.0.0.0/8. In a
// mail address a star stands for at most maxStarDigits digits: a number before an @
// may be of a card or a person. Nor does it fit behind = % or !, as another's address
// stands before them.
//
// The error says what is wrong, and after a semicolon what to write.
func (l *AllowList) Add(c category.Key, value string) (message, instead string) {
	stars := strings.Count(value, "*")
	begin, end, _ := strings.Cut(value, "*")
	switch {
	case value == "" || len(value) > maxAllowedText:
		return fmt.Sprintf("a value has 1 to %d bytes", maxAllowedText), ""
	case len(l.exact)+len(l.networks)+len(l.starred) >= maxAllowed:
		return fmt.Sprintf("there are more than %d allowed values", maxAllowed), ""
	case stars > 1 || stars == 1 && begin != "" && end != "":
		return "a star stands once, at the beginning or the end", "such as *@nordhost.example"
	case stars == 1 && len(begin)+len(end) < 3:
		return "this allows nearly everything", "at least 3 characters beside the star"
	case stars == 1 && c.Within(category.IPAddress):
		return "a part of the addresses is a network", "such as 10.0.0.0/8"
	case stars == 1 && len(l.starred) == maxAllowedStar:
		return fmt.Sprintf("there are more than %d values with a star", maxAllowedStar), ""
	}
	if c.Within(category.IPAddress) {
		return l.address(c, value)
	}
	if !slices.Contains(l.texts, c) {
		l.texts = append(l.texts, c)
	}
	if stars == 1 {
		l.starred = append(l.starred, starred{c, strings.ToLower(begin), strings.ToLower(end)})
		return "", ""
	}
	if l.exact == nil {
		l.exact = make(map[allowedKey]bool)
	}
	l.exact[allowedKey{c, string(canonical(nil, c, []byte(value), l.home))}] = true
	return "", ""
}

func (l *AllowList) address(c category.Key, value string) (message, instead string) {
	p, err := netip.ParsePrefix(value)
	if a, single := netip.ParseAddr(value); err != nil && single == nil {
		a = a.Unmap().WithZone("")
		p, err = netip.PrefixFrom(a, a.BitLen()), nil
	}
	switch {
	case err != nil:
		return "this is no address and no network", "such as 192.0.2.7 or 10.0.0.0/8"
	case p.Bits() == 0:
		return "this allows every address", "a network, such as 10.0.0.0/8"
	}
	l.networks = append(l.networks, network{c, p.Masked()})
	return "", ""
}

// Allows reports whether a value was added. It is of Allowed.
func (l *AllowList) Allows(c category.Key, value []byte) bool {
	if len(value) > maxAllowedText {
		return false
	}
	if len(l.networks) > 0 && c.Within(category.IPAddress) {
		if a, ok := Address(value); ok {
			for _, n := range l.networks {
				if c.Within(n.category) && n.prefix.Contains(a.Addr()) {
					return true
				}
			}
		}
	}
	if !l.about(c) {
		return false
	}
	routed := len(value) > 0 && isRoute(value[0]) && c.Within(category.Email)
	if routed {
		value = value[1:]
	}
	// Of most values the canonical form is at hand, and takes no memory.
	var buf [maxAllowedText]byte
	text := buf[:copy(buf[:], value)]
	if c.Within(category.Email) && isASCII(text) && !bytes.ContainsAny(text, "%<>: ") {
		lower(text)
	} else {
		text = canonical(nil, c, value, l.home)
	}
	for key := c; key != ""; key = above(key) {
		if l.exact[allowedKey{key, string(text)}] {
			return true
		}
	}
	if routed {
		return false
	}
	lower(text)
	for i := range l.starred {
		if s := &l.starred[i]; c.Within(s.category) && s.fits(text, c.Within(category.Email)) {
			return true
		}
	}
	return false
}

// about reports whether a text is allowed of c or of a category above it.
func (l *AllowList) about(c category.Key) bool {
	for _, known := range l.texts {
		if c.Within(known) {
			return true
		}
	}
	return false
}

// above is the category that k is one of.
func above(k category.Key) category.Key {
	return k[:max(0, strings.LastIndexByte(string(k), '.'))]
}

func (s *starred) fits(text []byte, mail bool) bool {
	n := len(s.begin) + len(s.end)
	if len(text) <= n || string(text[:len(s.begin)]) != s.begin || string(text[len(text)-len(s.end):]) != s.end {
		return false
	}
	digits := 0
	for _, c := range text[len(s.begin) : len(text)-len(s.end)] {
		if isDigit(c) {
			digits++
		}
		if !isAlnum(c) && c != '.' && c != '_' && c != '+' && c != '-' {
			return false
		}
	}
	return !mail || digits <= maxStarDigits
}
