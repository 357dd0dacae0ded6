// Package detect recognises identifiers: in text by their form (Scanner,
// Address), in fields by their name (Vocabulary), in paths by the words
// that cannot be anybody's (Word). A Set adds what the user knows: patterns
// (Pattern) and values that are nobody's (AllowList). Canonical gives the form of a
// value under which a pseudonym is made.
//
// It looks through what hides a value: percent-encoding and other escapes,
// also several times over, full-width letters, base64. Where it has to choose
// between a finding too many and one too few, it takes one too many.
//
// Nothing here keeps a value beyond the next call, and no type here prints one.
// The package imports nothing of weir but the category keys.
package detect
