package policytest

import (
	"slices"

	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/transform"
)

// decidedField is what a policy decides on one field.
type decidedField struct {
	place   *raw.Place
	by      map[category.Key]*Answer // "" of what is left beside findings
	order   []category.Key
	whole   *Answer // the finding that is all of the value, by its name
	written bool    // anything is left in the entry
}

// decided are the fields of an exchange, by what tells them apart.
func (p *passed) decided() (all map[uint64]*decidedField, order []uint64) {
	all = map[uint64]*decidedField{}
	for i := range p.out.Answers {
		a := &p.out.Answers[i]
		if a.Place == nil {
			continue
		}
		f := all[a.field]
		if f == nil {
			f = &decidedField{place: a.Place, by: map[category.Key]*Answer{}}
			e := ExplainedField{Field: a.Place.Text, index: a.Index, kind: a.Place.Kind, Found: []ExplainedFinding{{Transform: "keep"}}}
			f.written = a.Place.Kind == raw.Path || p.fields.written(&e) != ""
			all[a.field], order = f, append(order, a.field)
		}
		if f.by[a.Category] == nil {
			f.by[a.Category], f.order = a, append(f.order, a.Category)
		}
		if a.Category != "" && a.Category == a.Place.Category {
			f.whole = a
		}
	}
	return all, order
}

// of is what is done to a category's value in a field. One that the policy does not find is
// a part of what is left, or of what the name says.
func (f *decidedField) of(k category.Key) (t transform.Transform, by *Answer) {
	if f == nil || !f.written {
		return transform.Drop(), nil
	}
	by = f.by[k]
	if by == nil {
		by = f.by[""]
	}
	if by == nil {
		by = f.whole
	}
	if by == nil {
		return transform.Drop(), nil
	}
	t = by.Decision.Transform
	if f.whole != nil {
		t = transform.Stricter(t, f.whole.Decision.Transform)
	}
	return t, by
}

// written notes what the entries hold otherwise.
func (d *differ) written() {
	before, order := d.old.decided()
	after, behind := d.new.decided()
	for _, id := range behind {
		if before[id] == nil {
			order = append(order, id)
		}
	}
	for _, id := range order {
		a, b := before[id], after[id]
		var keys []category.Key
		more := false // of its values, or less
		for _, f := range []*decidedField{a, b} {
			if f == nil {
				continue
			}
			for _, k := range f.order {
				if !slices.Contains(keys, k) {
					keys = append(keys, k)
				}
			}
		}
		for _, k := range keys {
			if k == "" && (named(a) || named(b)) {
				continue // the other one says more of the same value
			}
			more = d.field(a, b, k) || more
		}
		if !more {
			d.nameOf(a, b)
		}
	}
}

// named reports whether a policy knows the category of all of a field.
func named(f *decidedField) bool { return f != nil && f.whole != nil }

// field notes what is written otherwise of a category in a field, and whether anything is.
func (d *differ) field(a, b *decidedField, k category.Key) bool {
	was, _ := a.of(k)
	is, by := b.of(k)
	turn := turned(was, is, Written)
	if turn == "" {
		return false
	}
	c := Change{Turn: turn, Category: k, Was: doneText(was), Is: doneText(is), shows: int(is.Kind())}
	if by != nil {
		c.By = d.new.fields.rule(by.Decision.Rule)
	}
	if b != nil {
		c.Place = b.place.Text
	} else {
		c.Place = a.place.Text
	}
	if a != nil && c.Place[len(c.Place)-1] == '*' {
		c.Place = a.place.Text // which may know the name
	}
	d.note(c)
	return true
}

// doneText is a transform in words.
func doneText(t transform.Transform) string {
	switch t.Kind() {
	case transform.KindKeep:
		return "as it is"
	case transform.KindDrop:
		return "dropped"
	}
	return t.String()
}

// subjects notes whose pseudonyms entries hold otherwise.
func (d *differ) subjects() {
	a, b := d.old.pseudonyms(), d.new.pseudonyms()
	for _, k := range b {
		if !slices.Contains(a, k) {
			d.note(Change{Turn: Written, Category: k, Place: "subjects", Was: "dropped", Is: "hash()", shows: int(transform.KindHash)})
		}
	}
	for _, k := range a {
		if !slices.Contains(b, k) {
			d.note(Change{Turn: Withheld, Category: k, Place: "subjects", Was: "hash()", Is: "dropped"})
		}
	}
}

// pseudonyms are the categories of which the entry holds subjects.
func (p *passed) pseudonyms() []category.Key {
	if list, _ := p.out.Entry["subjects"].([]any); len(list) == 0 {
		return nil
	}
	var all []category.Key
	for i := range p.out.Found {
		k := p.out.Found[i].Category
		if slices.ContainsFunc(p.policy.Subjects(), func(s category.Key) bool { return k.Within(s) }) {
			all = with(all, k)
		}
	}
	return all
}
