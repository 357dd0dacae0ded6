package party

import (
	"time"

	"weir/redact/category"
)

// Recipient is who receives what goes to a host: a use of a declared party, or who
// could be told of one that is not declared.
type Recipient struct {
	ID   string // of the party, "google"; "" where it is not declared
	Use  string // of the party's use, "google/analytics"; "" where it is not declared
	Name string // the legal entity's

	Country string // ISO 3166-1 alpha-2, "" where it is not known
	Role    string // processor, controller, joint or group
	Basis   string // Art. 6(1) GDPR, in one word

	Purposes   []string // keys of Fideslang's data uses
	Categories []category.Key
	Safeguard  []string // Art. 44 to 49 GDPR: eea, adequacy, dpf, scc …
	Agreement  Agreement

	Declared bool
	// Source is how it was told: Declared or one of its neighbours.
	Source string
	// Host is what may be shown of the host: as it is declared, without a star, else its
	// registrable domain; "" for an address.
	Host string
}

// How a recipient was told. Of what is Undecided or Elsewhere no use is declared, and
// ID, Name, Country, Role, Safeguard and Agreement are the party's where it can be no
// other one.
const (
	Declared    = "declared"
	Undecided   = "undecided" // a declared host, whose uses are told apart by what was not seen, or can be read in two ways
	Elsewhere   = "elsewhere" // declared for other services alone
	Registrable = "eTLD+1"    // not declared: by the registrable domain
	Unknown     = "unknown"   // not declared, and no domain
)

// Agreement is the contract with a party: Art. 28(3) GDPR.
type Agreement struct {
	ID      string
	Signed  time.Time // zero where the file does not say
	Expires time.Time // zero where it does not end
}

// InForce reports whether there is an agreement and it holds at a time.
func (a Agreement) InForce(at time.Time) bool {
	return a.ID != "" && !at.Before(a.Signed) && (a.Expires.IsZero() || at.Before(a.Expires))
}
