package policy

import "weir/policy/party"

// countries are the codes of ISO 3166-1 alpha-2 that are assigned.
func countries() []string { return party.Countries() }
