package policy

import (
	"slices"
	"strings"

	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
)

// knowledge is what a policy file says of places: the categories of `fields`,
// and the names that `fields` and the rules write.
type knowledge struct {
	vocabulary *detect.Vocabulary

	fields []*field
	exact  map[string]category.Key
	names  map[string]*set // by the prefix of their shelf
	any    set             // names that rules compare field.name with
}

// set is texts in the order in which they came first.
type set struct {
	all []string
	has map[string]bool
}

func (s *set) add(text string) {
	if s.has[text] {
		return
	}
	if s.has == nil {
		s.has = make(map[string]bool)
	}
	s.has[text] = true
	s.all = append(s.all, text)
}

// field is one entry of `fields`.
type field struct {
	pattern  []string
	text     string
	category category.Key
	at       source.Pos
}

func newKnowledge(v *detect.Vocabulary) *knowledge {
	return &knowledge{vocabulary: v, exact: make(map[string]category.Key), names: make(map[string]*set)}
}

// field adds an entry of `fields`. It is wild where it has "*" or "**".
func (k *knowledge) field(f *field) {
	k.fields = append(k.fields, f)
	if !slices.Contains(f.pattern, "*") && !slices.Contains(f.pattern, "**") {
		k.exact[f.text] = f.category
		k.place(f.text)
	}
}

// place makes the name of a place known.
func (k *knowledge) place(text string) {
	prefix, name, ok := parsePlace(text)
	if !ok || name == "" || name == "*" {
		return
	}
	if k.names[prefix] == nil {
		k.names[prefix] = &set{}
	}
	k.names[prefix].add(name)
}

// name makes a name known wherever names are.
func (k *knowledge) name(name string) {
	if name != "" && name != "*" {
		k.any.add(name)
	}
}

// namesOf are the names that the policy writes of those on a shelf.
func (k *knowledge) namesOf(prefix string, lower bool) []string {
	var out set
	add := func(name string) {
		if lower {
			name = strings.ToLower(name)
		}
		out.add(name)
	}
	if s := k.names[prefix]; s != nil {
		for _, name := range s.all {
			add(name)
		}
	}
	for _, f := range k.fields {
		if name, ok := f.nameOn(prefix); ok {
			add(name)
		}
	}
	for _, name := range k.any.all {
		add(name)
	}
	return out.all
}

// nameOn is the name that a wild pattern ends in, where it matches with that
// name on a shelf: **.kundenr knows kundenr on every one.
func (f *field) nameOn(prefix string) (string, bool) {
	last := len(f.pattern)
	for last > 0 && f.pattern[last-1] != "*" && f.pattern[last-1] != "**" {
		last--
	}
	if last == 0 || last == len(f.pattern) {
		return "", false
	}
	for i := len(f.pattern) - 1; i >= last; i-- {
		name := strings.Join(f.pattern[i:], ".")
		if matches(f.pattern, strings.Split(prefix+"."+name, ".")) {
			return name, true
		}
	}
	return "", false
}

// categoryOf is what `fields` say of a place: the entry that names it, else the
// first that matches it.
func (k *knowledge) categoryOf(text string) (category.Key, bool) {
	if c, ok := k.exact[text]; ok {
		return c, true
	}
	var parts []string
	for _, f := range k.fields {
		if parts == nil {
			parts = strings.Split(text, ".")
		}
		if matches(f.pattern, parts) {
			return f.category, true
		}
	}
	return "", false
}

// matches reports whether a pattern fits a place, both taken apart at their dots:
// "*" is one part, "**" any number of them.
func matches(pattern, parts []string) bool {
	for i, p := range pattern {
		if p == "**" {
			for j := i; j <= len(parts); j++ {
				if matches(pattern[i+1:], parts[j:]) {
					return true
				}
			}
			return false
		}
		if i >= len(parts) || p != "*" && p != parts[i] {
			return false
		}
	}
	return len(pattern) == len(parts)
}

// placePrefixes are the beginnings of places, for messages.
func placePrefixes() []string {
	var out []string
	for kind := range raw.Kind(raw.KindCount) {
		out = append(out, kind.Place())
	}
	return out
}
