package policy

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
		if len(known) == len(name) && (fold && equalFold(name, known) || known == string(name)) {
			return int(s.at - 1)
		}
	}
	return -1
}

// hashName is a hash of the bytes with the bit of ASCII case set, eight at a time;
// the last eight may overlap those before.
func hashName[T string | []byte](name T) uint32 {
	const odd = 0x9E3779B97F4A7C15
	h := uint64(len(name)) * odd
	if len(name) < 8 {
		return uint32((h ^ (few(name) | caseBits)) * odd >> 32)
	}
	for at := 0; at+8 < len(name); at += 8 {
		h = (h ^ (eight(name[at:]) | caseBits)) * odd
		h ^= h >> 32
	}
	return uint32((h ^ (eight(name[len(name)-8:]) | caseBits)) * odd >> 32)
}

// caseBits are the bits that tell the case of eight ASCII letters.
const caseBits = 0x2020202020202020

// eight are the first eight bytes of s.
func eight[T string | []byte](s T) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// few are the bytes of an s of less than eight, some of them twice. Two texts of
// one length differ in it where they do.
func few[T string | []byte](s T) uint64 {
	n := len(s)
	if n >= 4 {
		last := s[n-4:]
		return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(last[0])<<32 | uint64(last[1])<<40 | uint64(last[2])<<48 | uint64(last[3])<<56
	}
	if n == 0 {
		return 0
	}
	return uint64(s[0]) | uint64(s[n/2])<<8 | uint64(s[n-1])<<16
}

// equalFold compares texts, ignoring the case of ASCII letters.
func equalFold(b []byte, s string) bool {
	switch n := len(b); {
	case n != len(s):
		return false
	case n < 8:
		return alike(few(b), few(s))
	default:
		for at := 0; at+8 < n; at += 8 {
			if !alike(eight(b[at:]), eight(s[at:])) {
				return false
			}
		}
		return alike(eight(b[n-8:]), eight(s[n-8:])) // which may overlap those before
	}
}

// alike compares eight bytes: they may differ in the bit of case of such that are letters.
func alike(x, y uint64) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	small := (x | caseBits) &^ highs
	letters := (small + (0x80-'a')*ones) &^ (small + (0x7F-'z')*ones) &^ x & highs
	return (x^y)&^(letters>>2) == 0
}
