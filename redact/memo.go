package redact

import (
	"sync/atomic"

	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// memo is what was worked out of one policy, so that it need not be again. Its
// keys and values are places, categories and rules, all of them the policy's, the
// vocabulary's or the binary's: nothing of it is of an exchange. It is of fixed
// size; what is newer takes the place of what is older.
type memo struct {
	decider  Decider
	version  uint64                            // of the ring of keys: pseudonyms do not outlive theirs
	habits   [habitSlots]atomic.Pointer[habit] // by place
	written  [writtenSlots]atomic.Pointer[written]
	recalled *recalled
}

const habitSlots = 1024

// habit is what is always decided at a place: of what is left of a value, and of
// one that has the place's category. What is not always the same is nil.
type habit struct {
	place       *raw.Place
	rest, named *transform.Decision
}

// written is how a finding at a place is written.
type written struct {
	place *raw.Place
	*record.Redaction
}

// writtenSlots is how many are remembered, a power of two; writtenTries in how many
// slots one may stand.
const (
	writtenSlots = 1024
	writtenTries = 4
)

// remembered is the memo of a policy: a new one where that is not the last one's.
func (e *Engine) remembered(d Decider) *memo {
	m := e.memo.Load()
	version := uint64(0)
	if e.keys != nil {
		version = e.keys.Version()
	}
	if m == nil || m.decider != d || m.version != version {
		m = &memo{decider: d, version: version, recalled: newRecalled()}
		e.memo.Store(m)
	}
	return m
}

func (m *memo) habit(p *raw.Place) *habit {
	slot := &m.habits[uint(p.ID)%habitSlots]
	if h := slot.Load(); h != nil && h.place == p {
		return h
	}
	h := &habit{place: p}
	if d, ok := m.decider.Settled(p, "", 0); ok {
		h.rest = &d
	}
	if d, ok := m.decider.Settled(p, p.Category, p.Confidence); ok {
		h.named = &d
	}
	slot.Store(h)
	return h
}

func (m *memo) redaction(p *raw.Place, key category.Key, done transform.Transform, rule string) *record.Redaction {
	first := uint(p.ID)*8 + uint(len(key)) + uint(done.Kind())
	var slot *atomic.Pointer[written]
	for i := range uint(writtenTries) {
		slot = &m.written[(first+i)%writtenSlots]
		w := slot.Load()
		if w == nil {
			break
		}
		if w.place == p && w.Category == key && w.Transform == done && w.Rule == rule {
			return w.Redaction
		}
	}
	w := &written{p, record.NewRedaction(p.Text, key, done, rule)}
	slot.Store(w)
	return w.Redaction
}
