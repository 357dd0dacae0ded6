package redact

import (
	"bytes"
	"encoding/binary"

	"weir/redact/record"
)

// leastGuarded is the fewest bytes of a value that the guard looks for.
const leastGuarded = 6

// withheld are the values of an exchange that must not be in its line. They lie
// in the exchange's memory.
type withheld struct {
	values [][]byte
	heads  [1 << gramBits]uint16
	next   []uint16
	budget int // comparisons that may still be made in the line at hand
}

// maxWithheld bounds how many are looked for, maxCompared the comparisons in one
// line; gramBits is the size of the table of their beginnings.
const (
	maxWithheld = 1024
	maxCompared = 1 << 16
	gramBits    = 9
)

func (w *withheld) len() int { return len(w.values) }

func (w *withheld) add(value []byte) {
	if len(value) >= leastGuarded && len(w.values) < maxWithheld {
		w.values = append(w.values, value)
	}
}

func (w *withheld) cutTo(n int) { w.values = w.values[:n] }

func (w *withheld) reset() {
	clear(w.values)
	w.values, w.next = w.values[:0], w.next[:0]
}

// gram numbers the first bytes of b, of which there are enough.
func gram(b []byte) uint32 {
	n := binary.LittleEndian.Uint32(b) ^ uint32(b[4])<<11 ^ uint32(b[5])<<22
	return n * 0x9E3779B1 >> (32 - gramBits)
}

// prepare makes the table of beginnings.
func (w *withheld) prepare() {
	clear(w.heads[:])
	w.next = w.next[:0]
	for i, v := range w.values {
		g := gram(v)
		w.next = append(w.next, w.heads[g])
		w.heads[g] = uint16(i + 1)
	}
}

// in reports whether any of the values stands in text. Who sends so many that
// begin alike that it can't be told in reasonable time is answered yes.
func (w *withheld) in(text []byte) bool {
	for at := 0; at+leastGuarded <= len(text); at++ {
		rest := text[at:]
		for i := w.heads[gram(rest)]; i != 0; i = w.next[i-1] {
			if w.budget--; w.budget < 0 || bytes.HasPrefix(rest, w.values[i-1]) {
				return true
			}
		}
	}
	return false
}

// encode makes the line in each format that a sink wants, and has each looked
// through: a field in which something withheld stands is taken out, and
// counted as a defect of ours.
func (s *state) encode() {
	prepared := false
	for f := range s.lines {
		if !s.engine.formats[f] {
			continue
		}
		s.lines[f], s.marks = record.Append(s.lines[f][:0], record.Format(f), &s.entry, s.marks[:0])
		if len(s.marks) == 0 {
			continue
		}
		if !prepared {
			s.decodeWithheld()
			s.withheld.prepare()
			prepared = true
		}
		if hits := s.guard(s.lines[f]); hits > 0 {
			s.engine.metrics.Guarded(hits)
			s.lines[f], s.marks = record.Append(s.lines[f][:0], record.Format(f), &s.entry, s.marks[:0])
		}
	}
}

// guard takes the fields out of the entry in which something withheld stands,
// as it is in the line, before it was escaped for it, or percent-decoded. It
// returns how many there were.
func (s *state) guard(line []byte) (hits int) {
	s.withheld.budget = maxCompared
	for i := range s.marks {
		m := &s.marks[i]
		if len(m.Text) < leastGuarded {
			continue
		}
		if !s.withheld.in(m.Text) && !s.withheld.in(line[m.Start:m.End]) && !s.withheldBelow(m.Text) {
			continue
		}
		// A network or an origin that is one by its form is what the transform
		// yields of many values: that a visitor sends it elsewhere takes
		// nothing from the entry.
		if m.Source.Yields(m.Text) {
			continue
		}
		s.entry.Clear(m.Field)
		hits++
	}
	return hits
}

// maxLayers bounds the layers of percent-encoding that the guard looks below.
const maxLayers = 4

// withheldBelow looks below the percent-encoding of text.
func (s *state) withheldBelow(text []byte) bool {
	for range maxLayers {
		plain, ok := s.decoded(text, false)
		if !ok || len(plain) == len(text) {
			return false
		}
		if s.withheld.in(plain) {
			return true
		}
		text = plain
	}
	return false
}

// decodeWithheld adds what stands below the percent-encoding of the values. The
// layers are bounded: who sends %252525… would else have each of thousands
// decoded, and all of them copied.
func (s *state) decodeWithheld() {
	for _, v := range s.withheld.values {
		for range maxLayers {
			plain, ok := s.decoded(v, false)
			if !ok || len(plain) == len(v) {
				break
			}
			s.withheld.add(plain)
			v = plain
		}
	}
}
