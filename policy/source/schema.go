package source

import (
	"maps"
	"slices"
)

// Schema is the JSON Schema (draft 7, which editors know best) of all files that the reader
// accepts, and of some more: what only shows between values is the reader's to refuse.
// It is to be encoded as JSON.
func (s *Shape) Schema(title string) map[string]any {
	out := s.schema()
	out["$schema"], out["title"] = "http://json-schema.org/draft-07/schema#", title
	return out
}

func (s *Shape) schema() map[string]any {
	out := map[string]any{}
	if s.doc != "" {
		out["description"] = s.doc
	}
	if kinds := slices.Sorted(maps.Keys(s.kinds)); len(kinds) == 1 {
		out["type"] = kinds[0]
	} else if len(kinds) > 1 {
		out["type"] = kinds
	}
	s.textSchema(out)
	if s.least != nil {
		out["minimum"], out["maximum"] = *s.least, *s.most
	}
	if s.items != nil {
		out["items"] = s.items.schema()
	}
	if s.keys != nil {
		properties, required := map[string]any{}, []string{}
		for key, of := range s.keys {
			properties[key] = of.schema()
			if s.required[key] >= s.maps {
				required = append(required, key)
			}
		}
		out["properties"], out["additionalProperties"] = properties, false
		if slices.Sort(required); len(required) > 0 {
			out["required"] = required
		}
	} else if s.others != nil {
		out["additionalProperties"] = s.others.schema()
	}
	return out
}

// textSchema says which texts a value can be, if not any.
func (s *Shape) textSchema(out map[string]any) {
	for text := range s.texts {
		if s.formed[text] {
			continue
		}
		if !s.blank && s.only("string") {
			out["pattern"] = `^[^\t\n]*[^\s][^\t\n]*$`
		}
		return // and others are read as they are
	}
	if !s.kinds["string"] {
		return
	}
	var forms []any
	if len(s.words) > 0 {
		forms = append(forms, map[string]any{"enum": s.words})
	}
	for _, p := range s.patterns {
		forms = append(forms, map[string]any{"pattern": p})
	}
	switch {
	case len(forms) == 0:
	case s.only("string"):
		for _, f := range forms {
			if len(forms) == 1 {
				maps.Copy(out, f.(map[string]any))
				return
			}
		}
		out["anyOf"] = forms
	default:
		other := slices.DeleteFunc(slices.Sorted(maps.Keys(s.kinds)), func(k string) bool { return k == "string" })
		out["anyOf"] = append([]any{map[string]any{"type": other}}, forms...)
	}
}

func (s *Shape) only(kind string) bool { return len(s.kinds) == 1 && s.kinds[kind] }

// Unread are the paths of known keys that the specimen does not have, or whose value nobody
// asked for: of these Schema would say nothing.
func (s *Shape) Unread() []string { return s.unread("") }

func (s *Shape) unread(path string) (all []string) {
	if len(s.kinds) == 0 {
		return []string{path}
	}
	for _, key := range slices.Sorted(maps.Keys(s.keys)) {
		all = append(all, s.keys[key].unread(path+"."+key)...)
	}
	if s.others != nil && s.keys == nil {
		all = append(all, s.others.unread(path+".*")...)
	}
	if s.items != nil {
		all = append(all, s.items.unread(path+"[]")...)
	}
	return all
}
