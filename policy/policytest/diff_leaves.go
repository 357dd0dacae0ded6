package policytest

import (
	"slices"
	"strings"

	"weir/policy"
	"weir/redact/category"
)

// How much of a value leaves: nothing, what a transform makes of it, all.
const (
	withheldRank = 0
	wholeRank    = 100
)

// out is what becomes of a category on its way to a party.
type out struct {
	rank int
	text string
}

// passes is what becomes of a value that stands at a place.
func passes(e *policy.Ruling, place string, k category.Key) out {
	if e.Verdict == policy.Deny {
		return out{withheldRank, "denied"}
	}
	if slices.ContainsFunc(e.Strip, func(s category.Key) bool { return k != "" && k.Within(s) }) {
		return out{withheldRank, "stripped"}
	}
	for _, r := range e.Rewrite {
		if r.Place == place {
			name, _, _ := strings.Cut(r.Transform, "(")
			return out{max(slices.Index(transformWords, name), 0), r.Transform}
		}
	}
	return out{wholeRank, "leaves"}
}

// categories are those of a request, each with a place.
func (p *passed) sentOf(k category.Key) (places []string) {
	for i := range p.out.Found {
		if f := &p.out.Found[i]; f.Category == k && sent(f.Kind) && !slices.Contains(places, f.Place) {
			places = append(places, f.Place)
		}
	}
	return places
}

// leaves notes what a party receives otherwise.
func (d *differ) leaves() {
	if !d.old.judge.ToParty && !d.new.judge.ToParty {
		return
	}
	var keys []category.Key
	for _, p := range []*passed{d.new, d.old} {
		for i := range p.out.Found {
			if f := &p.out.Found[i]; sent(f.Kind) {
				keys = with(keys, f.Category)
			}
		}
	}
	if len(keys) == 0 || !d.new.out.Scanned {
		keys = append(keys, "") // what is not recognised, or was not seen
	}
	for _, k := range keys {
		d.leaving(k)
	}
}

func (d *differ) leaving(k category.Key) {
	a, b := d.old.sentOf(k), d.new.sentOf(k)
	if len(a) == 0 {
		a = b
	}
	if len(b) == 0 {
		b = a
	}
	was, _ := most(&d.old.judge.Egress.Done, a, k)
	is, place := most(&d.new.judge.Egress.Done, b, k)
	c := Change{Turn: Leaves, To: d.new.receiver(), Category: k, Place: place, Was: was.text, Is: is.text, By: placeOf(d.new.name, d.new.judge.Egress.By), shows: is.rank}
	switch {
	case was == is || was.rank == withheldRank && is.rank == withheldRank:
		return
	case is.rank < was.rank:
		c.Turn = Withheld
	}
	d.note(c)
}

// most is what leaves of a category in the place where most of it does.
func most(e *policy.Ruling, places []string, k category.Key) (o out, place string) {
	if len(places) == 0 {
		return passes(e, "", k), ""
	}
	for i, at := range places {
		if one := passes(e, at, k); i == 0 || one.rank > o.rank {
			o, place = one, at
		}
	}
	return o, place
}

// receiver is who receives a request, in a word.
func (p *passed) receiver() string {
	to := &p.judge.Party
	switch {
	case to.Use != "":
		return to.Use
	case to.ID != "":
		return to.ID
	case to.Host != "" && p.out.tells(to.Host):
		return to.Host + " (not declared)"
	}
	return "a recipient that is not declared"
}

// browser is who receives cookies.
const browser = "the visitor's browser"

// answers notes which responses, and which cookies of one, reach a browser otherwise.
func (d *differ) answers() {
	before, after := d.old.refused(), d.new.refused()
	switch c := (Change{To: browser, Place: "response", shows: wholeRank}); {
	case before == nil && after == nil:
		d.cookies()
	case after == nil:
		c.Turn, c.Was, c.Is = Leaves, before.Kind.String(), "sent"
		d.note(c)
	case before == nil:
		c.Turn, c.Was, c.Is, c.By = Withheld, "sent", after.Kind.String(), placeOf(d.new.name, after.By)
		d.note(c)
	}
}

// refused is what denies the whole response, nil where nothing does.
func (p *passed) refused() *policy.Response {
	for i := range p.judge.Respond {
		if r := &p.judge.Respond[i]; r.Kind == policy.DenyResponse && !r.Monitored {
			return r
		}
	}
	return nil
}

func (d *differ) cookies() {
	a, all := d.old.held()
	b, more := d.new.held()
	for i := range max(all, more) {
		c := Change{To: browser, Category: "user.device.cookie_id", Place: "response.cookie." + d.cookie(i), shows: wholeRank}
		switch {
		case a(i) != nil && b(i) == nil:
			c.Turn, c.Was, c.Is = Leaves, a(i).Kind.String(), "set"
		case a(i) == nil && b(i) != nil:
			c.Turn, c.Was, c.Is, c.By = Withheld, "set", b(i).Kind.String(), placeOf(d.new.name, b(i).By)
		default:
			continue
		}
		d.note(c)
	}
}

// held tells of each cookie what keeps it from the browser, and of how many at most it does.
func (p *passed) held() (of func(i int) *policy.Response, count int) {
	all := p.judge.Respond
	for i := range all {
		if all[i].Kind == policy.StripCookie {
			count = max(count, all[i].Index+1)
		}
	}
	return func(i int) *policy.Response {
		for j := range all {
			if r := &all[j]; !r.Monitored && r.Kind == policy.StripCookie && r.Index == i {
				return r
			}
		}
		return nil
	}, count
}

// cookie is the name of one, where one of the policies declares it.
func (d *differ) cookie(i int) string {
	for _, p := range []*passed{d.new, d.old} {
		for j := range p.judge.Respond {
			if r := &p.judge.Respond[j]; r.Kind == policy.StripCookie && r.Index == i && r.Cookie != "*" {
				return r.Cookie
			}
		}
	}
	return "*"
}
