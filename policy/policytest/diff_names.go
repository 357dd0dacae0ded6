package policytest

import (
	"strings"
	"time"

	"weir/redact/raw"
)

// Names and hosts stand in an entry beside values, and an entry stands for its time.

// nameOf notes that the entry newly has the name of a field, or no longer.
func (d *differ) nameOf(a, b *decidedField) {
	was, is := d.old.tells(a), d.new.tells(b)
	c := Change{Turn: Written, Was: "no name", Is: "its name"}
	switch {
	case is && !was:
		c.Place = b.place.Text
	case was && !is:
		c.Turn, c.Place, c.Was, c.Is = Withheld, a.place.Text, "its name", "no name"
	default:
		return
	}
	d.note(c)
}

// tells reports whether an entry has the name under which a field was sent.
func (p *passed) tells(f *decidedField) bool {
	if f == nil || f.place.Name == "" || f.place.Name == "*" {
		return false
	}
	e := ExplainedField{Field: f.place.Text, kind: f.place.Kind}
	key, name := e.entryKey(), f.place.Name
	switch f.place.Kind {
	case raw.Query:
		return inList(p.fields.text(key), "&", name)
	case raw.RequestCookie, raw.ResponseCookie:
		for _, line := range written(p.out.Entry[key]) {
			if inList(line, "; ", name) {
				return true
			}
		}
	default:
		if key != "" && p.out.Entry[key] != nil {
			return true
		}
	}
	list, _ := p.out.Entry["redacted"].([]any)
	for _, r := range list {
		if m, _ := r.(map[string]any); m["field"] == f.place.Text {
			return true
		}
	}
	return false
}

// inList reports whether a list of NAME=VALUE has a name.
func inList(list, divider, name string) bool {
	for part := range strings.SplitSeq(list, divider) {
		if n, _, _ := strings.Cut(part, "="); n == name {
			return true
		}
	}
	return false
}

// hosts notes what entries newly tell of who was asked, where no rule on the host did it.
func (d *differ) hosts() {
	for _, kind := range []raw.Kind{raw.Host, raw.ServerName} {
		e := ExplainedField{kind: kind}
		place := kind.Place()
		was, is := d.old.hostAt(e.entryKey()), d.new.hostAt(e.entryKey())
		if was == is || d.noted(place) {
			continue
		}
		c := Change{Turn: Written, Place: place, Was: hostText(was, is), Is: hostText(is, was)}
		if hostParts(is) < hostParts(was) {
			c.Turn = Withheld
		}
		d.note(c)
	}
}

// hostAt is what the entry has of a host, "" where that is nothing.
func (p *passed) hostAt(key string) string {
	text, _ := p.out.Entry[key].(string)
	if text == "*" {
		return ""
	}
	return plainPseudonyms(text)
}

// hostText says how much of a host is written, beside what else might be.
func hostText(host, other string) string {
	switch {
	case host == "":
		return "not written"
	case other != "" && hostParts(host) < hostParts(other):
		return "its domain"
	}
	return "written"
}

func hostParts(host string) int {
	if host == "" {
		return 0
	}
	return 1 + strings.Count(host, ".")
}

// noted reports whether anything was noted of a place of the exchange at hand.
func (d *differ) noted(place string) bool {
	for k := range d.told {
		if k.place == place {
			return true
		}
	}
	return false
}

// retention notes for how much longer or shorter the entry stays. What a rule holds is kept
// beyond its time.
func (d *differ) retention() {
	a, b := &d.old.judge.Retention, &d.new.judge.Retention
	c := Change{Turn: Longer, Was: a.Class, Is: b.Class, By: placeOf(d.new.name, b.By), shows: int(b.Keep / (24 * time.Hour))}
	if a.Hold != "" {
		c.Was += ", held"
	}
	if b.Hold != "" {
		c.Is += ", held"
	}
	switch held := b.Hold != ""; {
	case held == (a.Hold != "") && a.Keep == b.Keep:
		return
	case held != (a.Hold != "") && !held || held == (a.Hold != "") && b.Keep < a.Keep:
		c.Turn = Shorter
	}
	d.note(c)
}
