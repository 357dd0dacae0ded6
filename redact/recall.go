package redact

import (
	"bytes"
	"hash/maphash"
	"sync/atomic"

	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// recalled remembers what became of values that come again and again: what a
// browser says of itself, what a server says of its answers, the cookie of a
// visitor who looks at one page after the other. A value is known by a keyed hash:
// the value itself is nowhere. The table is of fixed size, what is newer takes the
// place of what is older, and the first time that a value comes only its hash is
// noted, so that values that come once cost no memory.
type recalled struct {
	seeds    [2]maphash.Seed
	outcomes [recalledSlots]atomic.Pointer[outcome]
	seen     [recalledSlots]atomic.Uint32
}

// recalledSlots is a power of two.
const recalledSlots = 8192

// outcome is what became of a value at a place. Most of them fit into what a
// processor reads at once.
type outcome struct {
	hash   uint64
	place  *raw.Place
	check  uint64 // another hash, where something is written of the value
	length uint16
	as     manner
	unfit  bool // what becomes of it depends on more
	kept   bool // it is written as it came
	shown  bool // scrap is written
	hides  uint8
	traced uint8
	list   [2]*record.Redaction // what it is told as at place
	hidden [2]part              // that the guard looks for, so many as hides
	traces [2]part              // that must not be the exchange's trace, so many as traced
	more   *more                // what found no room
	scrap  transform.Scrap
}

// more is what found no room in an outcome.
type more struct {
	list           []listing
	hidden, traces []part
}

// listing is one call of list.
type listing struct {
	place *raw.Place
	*record.Redaction
}

// part is a part of a value.
type part struct{ start, end uint16 }

func (p part) of(text []byte) []byte { return text[p.start:p.end:p.end] }

// recording is what becomes of a value while that is worked out.
type recording struct {
	on, unfit bool
	as        manner
	hash      uint64
	withheld  int // how many were withheld before
	mark      int // where the Maker stood
	failed    int // how many keys were missing
	list      []listing
	traces    []part
	text      []byte
}

// manner is how a value is dealt with: the same may stand at one place in either.
type manner uint8

const (
	asValue manner = iota
	asReference
	asHost
)

func newRecalled() *recalled {
	return &recalled{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

// recall does what was done the last time that this value stood at this place. If
// it can't, mine tells that what is done now is recorded: then remember is called
// when it is done. Who has a Cleaner remembers whole fields.
func (s *state) recall(as manner, f *raw.Field, p *raw.Place, text []byte) (done, mine bool) {
	if s.recording.on || s.cleaner != nil || len(text) > maxRecalled {
		return false, false
	}
	r := s.memo.recalled
	h := maphash.Bytes(r.seeds[0], text)
	if name := f.Name.Peek(); string(name) != p.Name {
		h ^= maphash.Bytes(r.seeds[1], name) // many names may lead to a place, and the scanner is told the one that was sent
	}
	h += (uint64(s.retention.number)<<32 | uint64(p.ID)<<3 | uint64(s.exchange.Direction)<<2 | uint64(as)) * 0x9E3779B97F4A7C15
	for way := range uint64(2) {
		o := r.outcomes[h%recalledSlots^way].Load()
		if o != nil && o.hash == h && o.place == p && o.as == as && int(o.length) == len(text) && (o.unfit || s.replay(o, r, text)) {
			return !o.unfit, false
		}
	}
	if seen := &r.seen[h>>16%recalledSlots]; seen.Load() != uint32(h>>32) {
		seen.Store(uint32(h >> 32))
		return false, false
	}
	c := &s.recording
	c.on, c.unfit, c.as, c.hash, c.withheld, c.mark, c.failed = true, false, as, h, s.withheld.len(), s.maker.Mark(), s.maker.Failed()
	c.list, c.traces, c.text = c.list[:0], c.traces[:0], text
	return false, true
}

// maxRecalled is the longest value that is remembered, in bytes.
const maxRecalled = 1 << 10

// replay does what o says, or nothing where that does not hold here and now.
func (s *state) replay(o *outcome, r *recalled, text []byte) bool {
	if (o.shown || o.kept) && maphash.Bytes(r.seeds[1], text) != o.check {
		return false
	}
	switch {
	case o.shown:
		if !s.maker.Again(&o.scrap) {
			return false
		}
	case o.kept:
		s.value.Category, s.value.Text = "", text
		s.maker.Apply(transform.Keep(), &s.value)
	}
	for _, t := range o.list {
		if t != nil {
			s.tell(listing{o.place, t})
		}
	}
	for _, h := range o.hidden[:o.hides] {
		s.withheld.add(h.of(text))
	}
	if o.more != nil {
		for _, t := range o.more.list {
			s.tell(t)
		}
		for _, h := range o.more.hidden {
			s.withheld.add(h.of(text))
		}
	}
	if s.entry.Trace != nil {
		for _, t := range o.traces[:o.traced] {
			s.untraced(t.of(text))
		}
		for _, t := range o.more.tracesOf() {
			s.untraced(t.of(text))
		}
	}
	return true
}

func (m *more) tracesOf() []part {
	if m == nil {
		return nil
	}
	return m.traces
}

// remember ends what recall began, and keeps what became of the value where all of
// it follows from the value, the place and the policy.
func (s *state) remember(p *raw.Place) {
	c := &s.recording
	o := &outcome{place: p, as: c.as, hash: c.hash, length: uint16(len(c.text))}
	if c.unfit || s.maker.Failed() != c.failed || !s.written(o) || !s.hidden(o) {
		o = &outcome{place: p, as: c.as, hash: c.hash, length: o.length, unfit: true}
	} else {
		o.tells(c.list)
		o.traced = uint8(copy(o.traces[:], c.traces))
		if rest := c.traces[o.traced:]; len(rest) > 0 {
			o.room().traces = append([]part(nil), rest...)
		}
	}
	c.on, c.text = false, nil
	s.memo.recalled.put(o)
}

// put takes the place of an outcome of the same value, else of none, else of any.
func (r *recalled) put(o *outcome) {
	first, second := &r.outcomes[o.hash%recalledSlots], &r.outcomes[o.hash%recalledSlots^1]
	was := first.Load()
	if was == nil || was.hash == o.hash || second.Load() != nil && o.hash>>40&1 == 0 {
		first.Store(o)
	} else {
		second.Store(o)
	}
}

func (o *outcome) room() *more {
	if o.more == nil {
		o.more = new(more)
	}
	return o.more
}

// tells takes what the value was told as.
func (o *outcome) tells(list []listing) {
	for i, t := range list {
		if i < len(o.list) && t.place == o.place && o.more == nil {
			o.list[i] = t.Redaction
		} else {
			o.room().list = append(o.room().list, t)
		}
	}
}

// written takes what was written of the value, and reports whether it may be kept.
func (s *state) written(o *outcome) bool {
	c := &s.recording
	if s.maker.Mark() == c.mark {
		return true
	}
	o.check = maphash.Bytes(s.memo.recalled.seeds[1], c.text)
	if len(c.list) == 0 && s.withheld.len() == c.withheld && s.maker.Kept(c.mark) {
		o.kept = true
		return true
	}
	o.shown = true
	return s.maker.Scrap(c.mark, &o.scrap)
}

// hidden takes what was withheld of the value, and reports whether it stands there.
func (s *state) hidden(o *outcome) bool {
	c := &s.recording
	for i := c.withheld; i < s.withheld.len(); i++ {
		h, ok := partOf(c.text, s.withheld.values[i])
		if !ok {
			return false
		}
		if int(o.hides) < len(o.hidden) {
			o.hidden[o.hides] = h
			o.hides++
		} else {
			o.room().hidden = append(o.room().hidden, h)
		}
	}
	return true
}

// partOf is where in text a value stands.
func partOf(text, value []byte) (part, bool) {
	at := bytes.Index(text, value)
	return part{uint16(at), uint16(at + len(value))}, at >= 0
}

// trace notes that a finding must not be the exchange's trace.
func (c *recording) trace(finding []byte) {
	if p, ok := partOf(c.text, finding); ok {
		c.traces = append(c.traces, p)
	} else {
		c.unfit = true
	}
}
