package redact

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// leastGuarded is the fewest bytes of a value that the guard looks for.
const leastGuarded = 6

// withheld are the values of an exchange that must not be in its line. They lie
// in the exchange's memory.
//
// There are two ways to find one in a text. Few are chained by a hash of how they
// begin, which is quick. Where there are many, or many begin alike, they are put
// in order: a search of it tells of each byte of the text whether a value stands
// there, in a time that nothing a visitor sends makes longer.
type withheld struct {
	values  [][]byte
	heads   [1 << gramBits]uint16 // of chains, 0 for none; where ordered 1 for some
	next    []uint16
	steps   int // that may still be made along the chains
	ordered bool
}

const (
	maxChained = 1024    // values that are chained
	maxSteps   = 1 << 14 // along chains, of one exchange
	maxOrdered = 64      // bytes of a value that are looked for where they are ordered
	gramBits   = 9       // of the size of the table of beginnings
)

func (w *withheld) len() int { return len(w.values) }

func (w *withheld) add(value []byte) {
	if len(value) >= leastGuarded {
		w.values = append(w.values, value)
	}
}

func (w *withheld) cutTo(n int) {
	clear(w.values[n:])
	w.values = w.values[:n]
}

func (w *withheld) reset() {
	clear(w.values)
	if cap(w.values) > maxChained {
		w.values, w.next = nil, nil
	}
	w.values, w.next = w.values[:0], w.next[:0]
}

// gram numbers the first bytes of b, of which there are enough: six.
func gram(b []byte) uint64 {
	_ = b[leastGuarded-1]
	six := uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint16(b[4:]))<<32
	return six * 0x9E3779B97F4A7C15 >> (64 - gramBits)
}

// prepare makes the values ready to be looked for.
func (w *withheld) prepare() {
	if len(w.values) > maxChained {
		w.order()
		return
	}
	clear(w.heads[:])
	w.steps, w.ordered, w.next = maxSteps, false, w.next[:0]
	for i, v := range w.values {
		g := gram(v)
		w.next = append(w.next, w.heads[g])
		w.heads[g] = uint16(i + 1)
	}
}

// order puts the values in order, and takes out each that begins as another does
// that is there. Of long values the beginning has to do: a text that shares so
// much with one is withheld too.
func (w *withheld) order() {
	clear(w.heads[:])
	w.ordered = true
	for i, v := range w.values {
		w.values[i] = v[:min(len(v), maxOrdered)]
		w.heads[gram(v)] = 1
	}
	slices.SortFunc(w.values, bytes.Compare)
	kept := w.values[:0]
	for _, v := range w.values {
		if len(kept) == 0 || !bytes.HasPrefix(v, kept[len(kept)-1]) {
			kept = append(kept, v)
		}
	}
	w.cutTo(len(kept))
}

// in reports whether any of the values stands in text.
func (w *withheld) in(text []byte) bool {
	if w.ordered {
		return w.inOrder(text)
	}
	for at := 0; at+leastGuarded <= len(text); at++ {
		rest := text[at:]
		for i := w.heads[gram(rest)]; i != 0; i = w.next[i-1] {
			if w.steps--; w.steps < 0 {
				w.order()
				return w.inOrder(rest)
			}
			if bytes.HasPrefix(rest, w.values[i-1]) {
				return true
			}
		}
	}
	return false
}

// inOrder is in for values in order. Of those that do not come after what stands
// at a place, only the last can be how it begins: one before it would be how the
// last one begins too, and such are taken out.
func (w *withheld) inOrder(text []byte) bool {
	for at := 0; at+leastGuarded <= len(text); at++ {
		rest := text[at:]
		if w.heads[gram(rest)] == 0 {
			continue
		}
		i, found := slices.BinarySearchFunc(w.values, rest, bytes.Compare)
		if found || i > 0 && bytes.HasPrefix(rest, w.values[i-1]) {
			return true
		}
	}
	return false
}
