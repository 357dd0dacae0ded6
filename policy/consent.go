package policy

import (
	"cmp"
	"slices"
	"strings"
)

// Choice is what somebody said of one purpose.
type Choice uint8

const (
	NotAsked  Choice = iota // nothing is known: not given
	Given                   // Art. 6(1)(a) GDPR
	Refused                 // never given
	Withdrawn               // given once, and taken back: Art. 7(3) GDPR
)

// choices are the words for it, in x-weir-consent and in cases.
var choices = []string{"", "given", "refused", "withdrawn"}

func (c Choice) String() string { return choices[c] }

// ParseChoice is the choice that a word names: given, refused or withdrawn.
func ParseChoice(word string) (Choice, bool) {
	i := slices.Index(choices, word)
	return Choice(max(i, 0)), i > 0
}

// Consent is what is known of one person's choices. It holds purposes of the policy
// and no value that was sent. The zero Consent is that of somebody who was not asked.
type Consent struct {
	purposes []purposeChoice
	// GPC and DNT are the signals Sec-GPC: 1 and DNT: 1.
	GPC, DNT bool

	refused []refusal // by the signals
}

// refusal is a purpose that a signal refuses, by the policy.
type refusal struct{ purpose, from string }

type purposeChoice struct {
	purpose string
	choice  Choice
	from    string
}

// Choose notes a choice for a purpose; from says where it was read. Where two sources
// disagree on one purpose the stricter counts: withdrawn, refused, given.
func (c *Consent) Choose(purpose string, choice Choice, from string) {
	if choice == NotAsked {
		return
	}
	i, found := slices.BinarySearchFunc(c.purposes, purpose, func(p purposeChoice, purpose string) int { return cmp.Compare(p.purpose, purpose) })
	switch {
	case !found:
		c.purposes = slices.Insert(c.purposes, i, purposeChoice{purpose, choice, from})
	case choice > c.purposes[i].choice:
		c.purposes[i] = purposeChoice{purpose, choice, from}
	}
}

// Given reports whether all of the purposes are consented to. Of each the choice for
// itself counts, else that for the nearest purpose above it; one that nobody was asked
// about is not given, and nor is one that a signal refuses. Of no purposes nothing is given.
func (c *Consent) Given(purposes ...string) bool {
	for _, p := range purposes {
		if choice, _ := c.Of(p); choice != Given {
			return false
		}
	}
	return len(purposes) > 0
}

// Withdrawn reports whether the consent to a purpose was taken back.
func (c *Consent) Withdrawn(purpose string) bool {
	choice, _ := c.chosen(purpose)
	return choice == Withdrawn
}

// Of is the choice that counts for a purpose, and where it was read: a header,
// "cookie", "tcf", "gpc" or "dnt".
func (c *Consent) Of(purpose string) (Choice, string) {
	choice, from := c.chosen(purpose)
	if choice == Withdrawn {
		return choice, from
	}
	for _, r := range c.refused {
		if belowUse(purpose, r.purpose) {
			return Refused, r.from
		}
	}
	return choice, from
}

// chosen is what was chosen for a purpose or the nearest above it.
func (c *Consent) chosen(purpose string) (Choice, string) {
	for above := purpose; ; {
		i, found := slices.BinarySearchFunc(c.purposes, above, func(p purposeChoice, purpose string) int { return cmp.Compare(p.purpose, purpose) })
		if found {
			return c.purposes[i].choice, c.purposes[i].from
		}
		dot := strings.LastIndexByte(above, '.')
		if dot < 0 {
			return NotAsked, ""
		}
		above = above[:dot]
	}
}

// belowUse reports whether a data use is another one or below it.
func belowUse(purpose, above string) bool {
	rest, ok := strings.CutPrefix(purpose, above)
	return ok && (rest == "" || rest[0] == '.')
}
