package policy

import (
	"strings"
	"sync"

	"weir/redact/detect"
)

// index finds names by their text, in time that does not depend on how many there
// are. Names that differ in the case of ASCII letters only share a hash.
type index struct {
	mask  uint32
	slots []indexSlot
	names []string
}

type indexSlot struct {
	hash uint32
	at   int32 // in names, plus 1; 0 is free
}

func newIndex(names []string) *index {
	size := 8
	for size < 2*len(names) {
		size *= 2
	}
	x := &index{mask: uint32(size - 1), slots: make([]indexSlot, size), names: names}
	for i, name := range names {
		h := hashName(name)
		at := h & x.mask
		for x.slots[at].at != 0 {
			at = (at + 1) & x.mask
		}
		x.slots[at] = indexSlot{h, int32(i + 1)}
	}
	return x
}

// find returns the place of a name in names, or -1. fold ignores ASCII case.
func (x *index) find(hash uint32, name []byte, fold bool) int {
	for at := hash & x.mask; x.slots[at].at != 0; at = (at + 1) & x.mask {
		s := x.slots[at]
		if s.hash != hash {
			continue
		}
		known := x.names[s.at-1]
		if known == string(name) || fold && len(known) == len(name) && equalFold(name, known) {
			return int(s.at - 1)
		}
	}
	return -1
}

// hashName is FNV-1a over the bytes with the bit of ASCII case set.
func hashName[T string | []byte](name T) uint32 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i]|0x20)) * 16777619
	}
	return h
}

func equalFold(b []byte, s string) bool {
	for i, c := range b {
		d := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if 'A' <= d && d <= 'Z' {
			d += 'a' - 'A'
		}
		if c != d {
			return false
		}
	}
	return true
}

// words is weir's vocabulary of names, in a form that is quick to ask.
type words struct {
	*index
	matches []detect.Match
	at      map[string]int // by spelling
}

// vocabulary is built once: it is the binary's.
var vocabulary = sync.OnceValue(func() *words {
	v := &words{at: make(map[string]int)}
	var names []string
	detect.Names(func(m detect.Match) bool {
		if _, again := v.at[m.Name]; again {
			return true
		}
		v.at[m.Name] = len(names)
		v.matches = append(v.matches, m)
		names = append(names, strings.Clone(m.Name))
		return true
	})
	v.index = newIndex(names)
	return v
})
