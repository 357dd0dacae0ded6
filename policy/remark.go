package policy

import (
	"strings"

	"weir/policy/source"
)

// Level is how much a remark matters.
type Level uint8

const (
	Note    Level = iota // worth knowing
	Warning              // allowed, and probably not meant
	Failure              // the policy promises or relies on what is not so
)

func (l Level) String() string { return [...]string{"note", "warning", "error"}[l] }

// Remark is what the lint says of one place of a policy.
type Remark struct {
	// Name is that of the check, one of Checks; it does not change from version to
	// version, and a waiver can name it.
	Name  string
	Level Level
	// About is what the remark is of, as a path: redact.NAME, promises.ID,
	// parties.ID.uses.ID, fields.PLACE. It is "" where it is of the file.
	About string

	File string
	At   source.Pos
	// Message says what is odd; Instead what to write, "" where that does not follow.
	Message, Instead string
}

// String is file, line, column, what is odd and what to write instead, on one line.
func (r *Remark) String() string { return r.located().Error() }

func (r *Remark) located() *source.Error {
	return &source.Error{File: r.File, Pos: r.At, Message: r.Message, Instead: r.Instead}
}

// is reports whether a remark is of something or of a part of it.
func (r *Remark) is(about string) bool {
	rest, ok := strings.CutPrefix(r.About, about)
	return ok && (rest == "" || rest[0] == '.')
}

// Check is one thing that the lint looks for.
type Check struct {
	Name  string
	Level Level
	Says  string // what it looks for
}

// Checks are all that the lint looks for, by their names.
func Checks() []Check {
	return []Check{
		{"address-kept", Warning, "a rule writes whole addresses"},
		{"address-narrow", Warning, "a rule leaves so much of addresses that they are one household's"},
		{"address-shortened", Warning, "a rule shortens addresses as if they were text"},
		{"agreement-ending", Warning, "an agreement with a party ends within 90 days"},
		{"agreement-missing", Warning, "there is no agreement with a party that processes data for somebody"},
		{"agreement-void", Failure, "an agreement with a party is not in force"},
		{"allowance-wide", Warning, "mail addresses are allowed that can be anybody's"},
		{"anonymous-claimed", Warning, "a promise calls pseudonyms anonymous"},
		{"category-replaced", Warning, "Fideslang has another key by now"},
		{"category-unfindable", Warning, "weir finds no value of this category: that it is not there is not known"},
		{"category-ungiven", Warning, "nothing can be found of this category"},
		{"class-pseudonyms", Warning, "entries with pseudonyms are kept for more than a year, and nothing says why"},
		{"country-missing", Warning, "nothing says in which country a party is"},
		{"decision-ending", Warning, "the decision by which data goes to a party's country ends within 180 days"},
		{"detector-slow", Warning, "a pattern is slow on texts that were made for that"},
		{"detector-unused", Warning, "no rule names what a detector finds"},
		{"document-dates", Warning, "the document is of two dates"},
		{"document-silent", Note, "the document does not say how long logs are kept"},
		{"erasure-late", Warning, "what is to be erased is kept longer than other entries"},
		{"field-unused", Warning, "no rule names the category of a field"},
		{"header-spelling", Warning, "the name of a header is spelt as none is"},
		{"host-twice", Warning, "two uses have one host, and it is undecided which one receives data"},
		{"names-unused", Warning, "no rule names a category of the list of names"},
		{"place-begins", Warning, "a rule asks how a place begins whose name is not known"},
		{"promise-against-use", Failure, "a use that is declared breaks a promise"},
		{"promise-constant", Warning, "a promise reads nothing that passes"},
		{"promise-unconcerned", Warning, "nothing that can pass is what a promise is about"},
		{"promise-undecidable", Warning, "a promise is about what weir can not see"},
		{"purpose-missing", Warning, "nothing says what a party receives data for"},
		{"quote-missing", Note, "a promise quotes no sentence of the document"},
		{"quote-unchecked", Note, "a promise quotes a document that is not named"},
		{"quote-wrong", Failure, "a sentence is not in the document"},
		{"residency-broken", Failure, "personal data goes to a party outside the countries of `residency`"},
		{"rule-keeps-unknown", Warning, "a rule writes values of names that nobody has looked at"},
		{"rule-never-decides", Warning, "another rule takes all that this one would"},
		{"rule-never-matches", Warning, "a condition is never true"},
		{"rule-remainder-only", Warning, "a rule names a place and does not decide the findings there"},
		{"safeguard-dead", Failure, "the ground on which data goes to a party does not hold any more"},
		{"safeguard-missing", Failure, "personal data may not go to a party's country"},
		{"safeguard-unfit", Warning, "a ground of transfers is not for a party's country"},
		{"topic-silent", Warning, "the document speaks of something of which the policy says nothing"},
		{"transform-unfit", Warning, "a transform can not read values that its rule is about"},
		{"use-denied", Warning, "egress denies a use as it is declared"},
		{"waiver-expired", Warning, "a waiver is over"},
		{"waiver-unused", Note, "nothing needs a waiver"},
	}
}

func checkNamed(name string) (Check, bool) {
	for _, c := range Checks() {
		if c.Name == name {
			return c, true
		}
	}
	return Check{}, false
}
