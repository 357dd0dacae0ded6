package rewrite

import (
	"hash/maphash"

	"weir/redact/record"
)

// memory remembers what was written of fields lately: for a keyed hash of 128 bits
// of what was read, the clean text and what was found. It is bounded; full, it
// forgets everything.
type memory struct {
	seeds [2]maphash.Seed
	slots []slot
	used  int
	text  []byte
	done  []tally
}

type slot struct {
	key         [2]uint64 // zero is free
	uses        uint32
	start, end  uint32 // in text
	first, last uint32 // in done
}

// tally is how often a kind of finding stood in a field.
type tally struct {
	*record.Redaction
	count int
}

const (
	slotBits = 14
	maxUsed  = 1 << slotBits / 4 * 3
	maxTries = 16
	maxText  = 4 << 20
)

func newMemory() memory {
	return memory{
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		slots: make([]slot, 1<<slotBits),
	}
}

// hash is the key of a text in a field.
func (m *memory) hash(field uint64, text []byte) [2]uint64 {
	return [2]uint64{maphash.Bytes(m.seeds[0], text) ^ field, maphash.Bytes(m.seeds[1], text) + field | 1}
}

// find returns the slot of a key, and whether it holds what was written. nil is no
// room.
func (m *memory) find(key [2]uint64) (s *slot, known bool) {
	for i := range uint64(maxTries) {
		s = &m.slots[(key[0]+i)%(1<<slotBits)]
		if s.key == key {
			return s, true
		}
		if s.key[1] == 0 {
			return s, false
		}
	}
	return nil, false
}

// keep puts into a free slot what was written, and what was found.
func (m *memory) keep(s *slot, key [2]uint64, text []byte, done []tally) {
	m.used++
	s.key, s.uses = key, 0
	s.start = uint32(len(m.text))
	m.text = append(m.text, text...)
	s.end = uint32(len(m.text))
	s.first = uint32(len(m.done))
	m.done = append(m.done, done...)
	s.last = uint32(len(m.done))
}

// full reports whether it is time to forget.
func (m *memory) full() bool { return m.used >= maxUsed || len(m.text) >= maxText }

// settle gives c what was counted since the last time.
func (m *memory) settle(c *Counts) {
	if m.used == 0 {
		return
	}
	for i := range m.slots {
		s := &m.slots[i]
		if s.uses == 0 {
			continue
		}
		for _, t := range m.done[s.first:s.last] {
			c.add(t.Redaction, int64(t.count)*int64(s.uses))
		}
		s.uses = 0
	}
}

// forget empties m.
func (m *memory) forget(c *Counts) {
	m.settle(c)
	clear(m.slots)
	m.used, m.text, m.done = 0, m.text[:0], m.done[:0]
}
