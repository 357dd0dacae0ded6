package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/policy/source"
)

// maxWaivers bounds the waivers of a policy.
const maxWaivers = 500

// waiver is one of `waivers`: for a time the lint does not tell of something. It changes
// nothing that is decided.
type waiver struct {
	check    string // of Checks; "" where it is for a rule
	rule     string // or a promise
	place    string // the path of what it is about, as Remark.About; "" is anything
	until    time.Time
	reason   string
	approved string
	at       source.Pos
}

func readWaivers(n source.Node) []waiver {
	var out []waiver
	for i, entry := range n.List() {
		if i == maxWaivers {
			entry.Refuse(fmt.Sprintf("there are more than %d waivers", maxWaivers), "")
			break
		}
		if entry.Is("text") {
			entry.Refuse("expected a waiver, found text", "- {lint: safeguard-dead, at: parties.chat, until: 2027-01-01, reason: …, approved: …}")
			continue
		}
		m := entry.Map(source.Keys{Known: []string{"rule", "lint", "at", "until", "reason", "approved"}})
		w := waiver{at: entry.Pos(), rule: m.Get("rule").Word().Value, place: m.Get("at").Word().Value}
		w.until = m.Require("until", "until: 2027-01-01").Date()
		w.reason = m.Require("reason", "reason: why it stays as it is").Word().Value
		w.approved = m.Require("approved", "approved: who said so").Word().Value
		switch lint := m.Get("lint"); {
		case lint.Exists() && m.Get("rule").Exists():
			entry.Refuse("a waiver is of a rule or of a lint", "one of the two, and `at` for the place")
		case lint.Exists():
			w.check = readCheck(lint)
		case !m.Get("rule").Exists() && m.Node().Is("a mapping"):
			entry.Refuse("nothing says what is waived", "lint: the name of a check, or rule: the name of a rule")
		}
		if w.check != "" || w.rule != "" {
			out = append(out, w)
		}
	}
	return out
}

// readCheck reads the name of a check.
func readCheck(n source.Node) string {
	name := n.Word().Value
	if _, ok := checkNamed(name); ok || name == "" {
		return name
	}
	var all []string
	for _, c := range Checks() {
		all = append(all, c.Name)
	}
	instead, ok := source.Nearest(name, all)
	if !ok {
		instead = "one of " + strings.Join(all, ", ")
	}
	n.Refuse(fmt.Sprintf("there is no lint %q", cut(name)), instead)
	return ""
}

// checkWaived refuses waivers of rules that are not there.
func (d *document) checkWaived(f *source.File) {
	names := d.ruleNames()
	for _, w := range d.waivers {
		if w.rule == "" || slices.Contains(names, w.rule) {
			continue
		}
		instead, ok := source.Nearest(w.rule, names)
		if !ok {
			instead = "the name of a rule, or the id of a promise"
		}
		f.Refuse(w.at, fmt.Sprintf("there is no rule %q to waive", cut(w.rule)), instead)
	}
}

// covers reports whether a waiver is of a remark.
func (w *waiver) covers(r *Remark) bool {
	if w.check != "" && w.check != r.Name || w.place != "" && !r.is(w.place) {
		return false
	}
	if w.rule == "" {
		return true
	}
	return slices.ContainsFunc([]string{"redact.", "egress.", "respond.", "retain.", "promises."}, func(section string) bool { return r.About == section+w.rule })
}

// waive takes the remarks out that a waiver silences at a time, and tells of waivers that
// are over or that nothing needs. The remarks that it took out come second.
func (l *lint) waive(at time.Time) (left, waived []*Remark) {
	used := make([]bool, len(l.policy.document.waivers))
	for _, r := range l.found {
		silent := false
		for i := range l.policy.document.waivers {
			w := &l.policy.document.waivers[i]
			if !w.covers(r) {
				continue
			}
			used[i] = true
			silent = silent || at.Before(w.until)
		}
		if silent {
			waived = append(waived, r)
		} else {
			left = append(left, r)
		}
	}
	l.found = left
	for i, w := range l.policy.document.waivers {
		l.about = "waivers." + w.check + w.rule
		switch {
		case !at.Before(w.until):
			l.say("waiver-expired", w.at, fmt.Sprintf("the waiver of %q ended on %s", cut(w.check+w.rule), w.until.Format(time.DateOnly)), "what it was for, put right; or a later day, approved again")
		case !used[i]:
			l.say("waiver-unused", w.at, fmt.Sprintf("nothing needs the waiver of %q", cut(w.check+w.rule)), "the policy without it")
		}
	}
	return l.found, waived
}
