package rewrite

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"slices"

	"weir/redact/record"
)

// memory remembers what was written of fields lately: for a keyed hash of 128 bits
// of what was read, the clean text and what was found. It grows to a fixed size;
// then what is new takes the place of what was not asked for again.
type memory struct {
	seeds   [2]maphash.Seed
	buckets uint64 // the number of buckets
	used    int
	tags    []uint32 // of slots, 0 for a free one
	slots   []slot
	long    []byte
	sets    []set // of findings: many fields have the same
}

// set is what was found in a field, and how often it was so.
type set struct {
	done []tally
	uses int64
}

// slot fills a line of a processor's cache.
type slot struct {
	key  [2]uint64
	uses uint32
	set  uint16
	size uint16 // of the text
	hot  bool   // it was asked for again
	text [inSlot]byte
}

// tally is how often a kind of finding stood in a field.
type tally struct {
	*record.Redaction
	count int
}

const (
	inSlot  = 39
	ways    = 4      // slots in which one text may stand
	fewest  = 1 << 6 // buckets at first
	most    = 1 << 14
	growth  = 16
	maxSets = 1 << 10
	maxLong = 4 << 20
)

func newMemory() *memory {
	m := &memory{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
	m.make(fewest)
	return m
}

func (m *memory) make(buckets int) {
	m.buckets, m.used = uint64(buckets), 0
	m.tags, m.slots = make([]uint32, buckets*ways), make([]slot, buckets*ways)
}

// hash is the key of a text in a field.
func (m *memory) hash(field uint64, text []byte) [2]uint64 {
	return [2]uint64{maphash.Bytes(m.seeds[0], text) ^ field, maphash.Bytes(m.seeds[1], text) + field}
}

// salt tells what is remembered of one epoch from that of others. There may be as
// many as a log has times: to forget at each would be to let it set the pace.
func (m *memory) salt(epoch string) uint64 { return maphash.String(m.seeds[0], epoch) }

// place is where a key's slots begin, and its tag.
func (m *memory) place(key [2]uint64) (first int, tag uint32) {
	return int(key[0] & (m.buckets - 1) * ways), uint32(key[0]>>32) | 1
}

// find returns the slot that holds what was written, nil where there is none.
func (m *memory) find(key [2]uint64) *slot {
	first, tag := m.place(key)
	for i, t := range m.tags[first : first+ways] {
		if t == tag && m.slots[first+i].key == key {
			return &m.slots[first+i]
		}
	}
	return nil
}

// append appends what a slot holds.
func (m *memory) append(dst []byte, s *slot) []byte {
	s.uses++
	s.hot = true
	if s.size <= inSlot {
		return append(dst, s.text[:s.size]...)
	}
	at := binary.LittleEndian.Uint32(s.text[:])
	return append(dst, m.long[at:at+uint32(s.size)]...)
}

// keep remembers what was written and which set was found.
func (m *memory) keep(key [2]uint64, text []byte, set int) {
	if len(text) > math.MaxUint16 || set < 0 || len(m.long) > maxLong {
		return
	}
	first, tag := m.place(key)
	at := first + m.room(first)
	s := &m.slots[at]
	m.count(s)
	if m.tags[at] == 0 {
		m.used++
	}
	m.tags[at] = tag
	*s = slot{key: key, set: uint16(set), size: uint16(len(text))}
	if len(text) <= inSlot {
		copy(s.text[:], text)
		return
	}
	binary.LittleEndian.PutUint32(s.text[:], uint32(len(m.long)))
	m.long = append(m.long, text...)
}

// room chooses one of the slots from first on.
func (m *memory) room(first int) int {
	for i := range ways {
		if m.tags[first+i] == 0 {
			return i
		}
	}
	for i := range ways {
		s := &m.slots[first+i]
		if !s.hot {
			return i
		}
		s.hot = false
	}
	return 0
}

// found counts what was found in a field. It returns the number of the set, -1 where
// there are too many.
func (m *memory) found(done []tally, c *Counts) int {
	for i := range m.sets {
		if slices.Equal(m.sets[i].done, done) {
			m.sets[i].uses++
			return i
		}
	}
	if len(m.sets) == maxSets {
		for _, t := range done {
			c.add(t.Redaction, int64(t.count))
		}
		return -1
	}
	m.sets = append(m.sets, set{slices.Clone(done), 1})
	return len(m.sets) - 1
}

// count counts what was found in a text as often as it was written from memory.
func (m *memory) count(s *slot) {
	if s.uses > 0 {
		m.sets[s.set].uses += int64(s.uses)
		s.uses = 0
	}
}

// tend makes room where there is none left, and gives c what was counted.
func (m *memory) tend(c *Counts) {
	if m.used*4 > len(m.slots)*3 && m.buckets < most {
		m.forget(c)
		m.make(int(m.buckets) * growth)
	}
	if len(m.long) > maxLong || len(m.sets) == maxSets {
		m.forget(c)
	}
}

// forget empties m, and gives c what was counted.
func (m *memory) forget(c *Counts) {
	for i := range m.slots {
		m.count(&m.slots[i])
	}
	for i := range m.sets {
		for _, t := range m.sets[i].done {
			c.add(t.Redaction, int64(t.count)*m.sets[i].uses)
		}
	}
	clear(m.tags)
	clear(m.slots)
	m.used = 0
	m.long, m.sets = m.long[:0], m.sets[:0]
}
