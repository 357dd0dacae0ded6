package detect

import (
	"fmt"
	"slices"

	"weir/redact/category"
)

// kinds are the forms that a scanner recognises, as a set of bits.
type kinds uint32

const (
	kindEmail kinds = 1 << iota
	kindAddress
	kindPhone
	kindMAC
	kindCard
	kindIBAN
	kindNational
	kindCookieID // identifiers of analytics cookies
	kindClickID
	kindUUID
	kindCredentials
	kindCoordinates
	kindBirth
	allKinds = 1<<iota - 1

	// Those that numbers finds, and those that runs finds.
	numberKinds = kindPhone | kindCard | kindIBAN | kindNational | kindCookieID | kindCoordinates | kindBirth
	runKinds    = kindMAC | kindNational | kindUUID | kindCredentials
)

// kindCategories gives the category of each kind, in the order of its bits.
var kindCategories = [...]category.Key{
	category.Email, category.IPAddress, category.PhoneNumber, category.DeviceID, category.CreditCard, category.BankAccount,
	category.NationalNumber, category.CookieID, category.UniqueID, category.UniqueID, category.Credentials, category.PreciseLocation,
	category.DateOfBirth,
}

// ByForm are the categories that are recognised by their form, wherever they stand.
func ByForm() []category.Key {
	all := slices.Clone(kindCategories[:])
	slices.Sort(all)
	return slices.Compact(all)
}

// Own is a detector of the user's. Next returns the first span of text at from
// or behind it that the detector recognises, and how sure it is; ok is false
// where there is none. name is that of the field, nil where it has none. It must keep
// nothing of text and name, be safe for concurrent use, and take no more than linear
// time over all calls for one text.
type Own interface {
	Category() category.Key
	Next(text, name []byte, from int) (start, end int, confidence uint8, ok bool)
}

// Allowed says which values are not personal: the company's own addresses, those
// of a load balancer. It must be safe for concurrent use.
type Allowed interface {
	// Allows is asked of each finding, with its category and its value, decoded.
	// Of a mail address that stands behind =, % or !, value begins with that.
	Allows(c category.Key, value []byte) bool
}

// SetConfig says what is looked for.
type SetConfig struct {
	// Categories reports whether anybody asks for a category: forms of those that
	// nobody asks for are not looked for, and cost nothing. Nil asks for all.
	Categories func(category.Key) bool
	// Regions are the countries whose national telephone numbers are known without
	// a word beside them that says so, as ISO 3166-1 alpha-2 codes in upper case.
	// Empty means DK.
	Regions []string
	// Own are the user's detectors. They are asked whatever Categories says.
	Own []Own
	// Allowed may be nil.
	Allowed Allowed
}

// Validate reports the first region whose numbers are not known.
func (c *SetConfig) Validate() error {
	for _, r := range c.Regions {
		if !KnownRegion(r) {
			return fmt.Errorf("region %q: its telephone numbers are not known; write an ISO 3166-1 code such as DK", r)
		}
	}
	return nil
}

// Set is what a Scanner looks for. It is immutable and safe for concurrent use.
type Set struct {
	kinds   kinds
	signs   signs // that give reason to look
	regions []string
	plans   []plan // of the regions
	own     []Own
	allowed Allowed
}

// builtin is what a Scanner looks for that was told nothing.
var builtin = Set{kinds: allKinds, signs: signsOf(allKinds), regions: []string{"DK"}, plans: []plan{plans["DK"]}}

// NewSet makes a Set.
func NewSet(cfg SetConfig) (*Set, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Set{kinds: allKinds, regions: builtin.regions, plans: builtin.plans, own: slices.Clone(cfg.Own), allowed: cfg.Allowed}
	if len(cfg.Regions) > 0 {
		s.regions, s.plans = slices.Clone(cfg.Regions), nil
		for _, r := range s.regions {
			s.plans = append(s.plans, plans[r])
		}
	}
	if cfg.Categories != nil {
		s.kinds = 0
		for i, c := range kindCategories {
			if cfg.Categories(c) {
				s.kinds |= 1 << i
			}
		}
	}
	s.signs = signsOf(s.kinds)
	return s, nil
}

// Allows reports whether the set says that a value of category c, decoded, is not
// personal.
func (s *Set) Allows(c category.Key, value []byte) bool {
	return s != nil && s.allowed != nil && s.allowed.Allows(c, value)
}

// In says what the field is called that the next texts are of, as it was sent; nil
// where it has no name. It is kept until Forget.
func (s *Scanner) In(name []byte) { s.name = name }

// Use makes the scanner look for what set says, from the next scan on; nil is
// the built-in set: all categories, and Denmark's telephone numbers.
func (s *Scanner) Use(set *Set) { s.set = set }

func (s *Scanner) inForce() *Set {
	if s.set == nil {
		return &builtin
	}
	return s.set
}

// signsOf returns the signs that recognisers of those kinds go by, and the layers
// in which they may be hidden.
func signsOf(k kinds) signs {
	if k == 0 {
		return 0
	}
	seen := signHigh | signsEscape | signCamel
	for _, of := range [...]struct {
		kinds kinds
		signs signs
	}{
		{kindEmail, signAt | signsHiddenAt},
		{kindAddress, signArpa | signDotDigit | signDigitDot | signColons | signHexColon | signColonHex},
		{kindMAC, signHexColon | signColonHex | signHexDot | signDotHex},
		{runKinds, signDigits},
		{kindCredentials, signJSON | signDashes | signScheme | signSchemeEnd},
		{kindClickID, signClick},
		{numberKinds, signDigits},
	} {
		if k&of.kinds != 0 {
			seen |= of.signs
		}
	}
	return seen
}

// home reports whether region is one of the set's.
func (s *Set) home(region string) bool { return slices.Contains(s.regions, region) }
