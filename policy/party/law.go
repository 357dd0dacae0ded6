package party

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/policy/source"
)

//go:embed law.yaml
var builtIn []byte

// Law is where personal data may go, and since when: Art. 44 to 49 GDPR. Each of its
// facts has the days on which it holds, so that what happened is judged by the law of
// its day. It is immutable.
type Law struct {
	area       map[string][]Term // the European Economic Area, by country
	adequate   map[string][]Term // by country
	safeguards map[string][]Term // by name
}

// Term is a time for which something holds.
type Term struct {
	From  time.Time // zero is always
	Until time.Time // the first day on which it does not hold any more; zero is open
	// Decision names what brought it about, such as "Decision (EU) 2023/1795"; Ended what
	// ended it, "" where that was its own date.
	Decision, Ended string
	Needs           string   // the safeguard that a party must have for it, such as dpf; "" is none
	Countries       []string // that a safeguard is for; none is any
	Agreement       bool     // an agreement must be in force
	// It is for agreements that were signed from a day on, or before one; zero is any, and
	// an agreement of which that is not known counts as signed late.
	SignedFrom, SignedBefore time.Time
	Source                   string
}

func (t Term) holds(at time.Time) bool {
	return !at.Before(t.From) && (t.Until.IsZero() || at.Before(t.Until))
}

// Safeguards are the words that a party's `safeguard` can have: the ground on which data
// may go to it, those of the past too.
func Safeguards() []string {
	return []string{"eea", "adequacy", "dpf", "scc", "bcr", "art49", "none", "privacy_shield", "safe_harbour"}
}

// BuiltIn is the law as weir knows it: law.yaml, which names its sources.
func BuiltIn() *Law { return ReadLaw(source.Parse("law.yaml", builtIn)) }

// EEA reports whether a country was in the European Economic Area at a time.
func (l *Law) EEA(country string, at time.Time) bool {
	_, ok := inForce(l.area[country], at)
	return ok
}

// Names reports whether the law says anything of a country or an organisation.
func (l *Law) Names(country string) bool { return l.area[country] != nil || l.adequate[country] != nil }

// Decided reports whether a decision lets data go to a country at a time to who has a
// safeguard.
func (l *Law) Decided(country, safeguard string, at time.Time) bool {
	return slices.ContainsFunc(l.adequate[country], func(t Term) bool {
		return t.holds(at) && (t.Needs == safeguard || safeguard == "adequacy")
	})
}

// Adequate reports whether personal data could go to a country at a time: within the
// EEA, by a decision on its adequacy (Art. 45), or by a safeguard of the party (Art. 46,
// 47, 49) with the agreement that it takes. Why says by what, or why not. A country ""
// is not known, and nothing may go there.
func (l *Law) Adequate(country string, safeguards []string, agreement Agreement, at time.Time) (ok bool, why string) {
	if country == "" {
		return false, "the country is not known"
	}
	if l.EEA(country, at) {
		return true, "EEA"
	}
	missing := ""
	for _, t := range l.adequate[country] {
		switch {
		case !t.holds(at):
		case t.Needs == "" || slices.Contains(safeguards, t.Needs):
			return true, t.Decision
		default:
			missing = fmt.Sprintf("%s asks for safeguard: [%s]", t.Decision, t.Needs)
		}
	}
	for _, name := range safeguards {
		why := ""
		for _, t := range l.safeguards[name] {
			lacks := t.lacks(name, country, agreement, at)
			if lacks == "" {
				return true, name
			}
			if why == "" {
				why = lacks
			}
		}
		if why != "" {
			missing = why
		}
	}
	if missing == "" {
		missing = country + " is outside the EEA, and no decision or safeguard is for it"
	}
	return false, missing
}

// lacks says what a safeguard lacks on a day, "" for nothing.
func (t Term) lacks(name, country string, agreement Agreement, at time.Time) string {
	signed := agreement.Signed
	switch {
	case len(t.Countries) > 0 && !slices.Contains(t.Countries, country):
		return name + " is not for " + country
	case at.Before(t.From):
		return name + " did not hold yet"
	case !t.holds(at):
		return name + " did not hold any more"
	case !t.SignedBefore.IsZero() && (signed.IsZero() || !signed.Before(t.SignedBefore)):
		return name + " was signed too late for " + t.Decision
	case !signed.IsZero() && signed.Before(t.SignedFrom):
		return name + " was signed before " + t.SignedFrom.Format(time.DateOnly) + ", when " + t.Decision + " came"
	case t.Agreement && !agreement.InForce(at):
		return name + " without an agreement in force"
	}
	return ""
}

// Dead reports whether a safeguard held once and does not any more, and since when.
func (l *Law) Dead(safeguard string, at time.Time) (since time.Time, dead bool) {
	for _, t := range l.safeguards[safeguard] {
		if t.Until.IsZero() || at.Before(t.Until) {
			return time.Time{}, false
		}
		if t.Until.After(since) {
			since = t.Until
		}
	}
	return since, !since.IsZero()
}

// Expiring is the day on which the decision that lets personal data go to a country at a
// time ends, where that is known and no other one goes on. It is not asked of countries of the EEA.
func (l *Law) Expiring(country string, at time.Time) (until time.Time, ok bool) {
	for now := at; ; now = until {
		t, holds := inForce(l.adequate[country], now)
		if !holds {
			return until, !until.IsZero()
		}
		if until = t.Until; until.IsZero() {
			return until, false
		}
	}
}

// inForce is the term that holds at a time, of several the one that goes on longest.
func inForce(all []Term, at time.Time) (found Term, ok bool) {
	for _, t := range all {
		if t.holds(at) && (!ok || t.Until.IsZero() || !found.Until.IsZero() && t.Until.After(found.Until)) {
			found, ok = t, true
		}
	}
	return found, ok
}

// Ended says what ended a safeguard that is dead, "" where its own date did.
func (l *Law) Ended(safeguard string) string {
	var all []string
	for _, t := range l.safeguards[safeguard] {
		if t.Ended != "" {
			all = append(all, t.Ended)
		}
	}
	return strings.Join(all, ", ")
}
