package keys

import (
	"maps"

	"weir/redact/category"
)

// maxSections and maxKeys bound the derived keys that are remembered: of so many
// epochs, classes and domains, and of each so many categories.
const (
	maxSections = 32
	maxKeys     = 512
)

// section holds the derived keys of one epoch, class and domain. Neither it nor
// the list that it stands in is changed once others can see it.
type section struct {
	epoch  int64
	class  string
	domain string
	keys   map[category.Key]Key
}

func (s *section) same(other *section) bool {
	return s.epoch == other.epoch && s.class == other.class && s.domain == other.domain
}

// derive makes the key of a category in a section, and remembers it. The section
// that grew last stands first.
func (r *Ring) derive(s section, c category.Key) (Key, error) {
	chain, err := r.chain(s.class)
	if err != nil {
		return Key{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	epoch, err := chain.at(s.epoch)
	if err != nil {
		return Key{}, err
	}
	k := epoch.key(s.domain, c)
	clear(epoch[:])

	s.keys = make(map[category.Key]Key)
	sections := []section{s}
	for _, other := range *r.derived.Load() {
		if !other.same(&s) {
			sections = append(sections, other)
		} else if len(other.keys) < maxKeys {
			maps.Copy(s.keys, other.keys)
		}
	}
	s.keys[c] = k
	sections = sections[:min(len(sections), maxSections)]
	r.derived.Store(&sections)
	return k, nil
}

// forget drops the derived keys.
func (r *Ring) forget() { r.derived.Store(new([]section)) }
