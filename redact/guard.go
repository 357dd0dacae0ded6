package redact

import (
	"bytes"

	"weir/redact/record"
)

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
	for i := range s.marks {
		m := &s.marks[i]
		if len(m.Text) < leastGuarded {
			continue
		}
		escaped := m.End-m.Start != len(m.Text)
		if !s.withheld.in(m.Text) && !(escaped && s.withheld.in(line[m.Start:m.End])) && !s.withheldBelow(m.Text) {
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
		for layer := 0; layer < maxLayers && bytes.IndexByte(v, '%') >= 0; layer++ {
			plain, ok := s.decoded(v, false)
			if !ok || len(plain) == len(v) {
				break
			}
			s.withheld.add(plain)
			v = plain
		}
	}
}
