package policy

import (
	"hash/maphash"
	"sync/atomic"

	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/transform"
)

// Decide answers for one finding, or for the remainder. What was decided before
// for the same place, category and confidence band is looked up.
func (p *Policy) Decide(q *raw.Question) transform.Decision {
	pl := p.places.of(q.Place)
	if pl == nil {
		return p.decideUnknown(q)
	}
	known := p.plan(q, pl)
	if known.settled() {
		return known.last.decision
	}
	return p.finish(q, pl, known)
}

// Settled is what Decide answers of every value at a place, where nothing of the
// exchange changes it; ok is false where something may.
func (p *Policy) Settled(at *raw.Place, key category.Key, confidence uint8) (d transform.Decision, ok bool) {
	pl := p.places.of(at)
	if pl == nil {
		return d, false
	}
	known := p.plan(&raw.Question{Place: at, Category: key, Confidence: confidence}, pl)
	if !known.settled() {
		return d, false
	}
	return known.last.decision, true
}

// plan returns the plan for a question, from the place's table where it is there.
func (p *Policy) plan(q *raw.Question, pl *place) *plan {
	category := 0
	switch q.Category {
	case "":
	case pl.Category:
		category = pl.category
	default:
		c, ok := p.places.categories[q.Category]
		if !ok {
			return p.make(q, pl, false)
		}
		category = c
	}
	row := p.row(pl)
	if row == nil {
		return p.recall(q, pl)
	}
	slot := &(*row)[category*p.bands.count+p.bands.of(q.Confidence)]
	if known := slot.Load(); known != nil {
		return known
	}
	made := p.make(q, pl, true)
	if made.kept {
		slot.Store(made)
	}
	return made
}

// maxSlots bounds the slots of all rows together, of 8 bytes each. An honest sender
// names few places; who names every word of the vocabulary in every header gets
// no more than this.
const maxSlots = 1 << 20

// row returns where a place's plans are, nil where there is no room for one.
func (p *Policy) row(pl *place) *[]atomic.Pointer[plan] {
	if row := pl.decided.plans.Load(); row != nil {
		return row
	}
	size := int64(len(p.places.categories) * p.bands.count)
	if p.slots.Load() >= maxSlots || p.slots.Add(size) > maxSlots {
		return nil
	}
	made := make([]atomic.Pointer[plan], size)
	if !pl.decided.plans.CompareAndSwap(nil, &made) {
		p.slots.Add(-size)
	}
	return pl.decided.plans.Load()
}

// recall is plan for a place without a row: the table of fixed size stands in.
func (p *Policy) recall(q *raw.Question, pl *place) *plan {
	key := p.recent.key(q, pl, 0)
	if known, ok := p.recent.get(key); ok {
		return known
	}
	made := p.make(q, pl, true)
	if made.kept {
		p.recent.put(key, made)
	}
	return made
}

// make works out the plan for a question of which only the place, the category
// and the confidence are known.
func (p *Policy) make(q *raw.Question, pl *place, keep bool) *plan {
	known := readsPlace | readsKind | readsCategory | readsService
	if p.bands.used {
		known |= readsConfidence
	}
	if !pl.open {
		known |= readsName
	}
	f := takeFacts(p, q, pl, known)
	defer f.giveBack()
	if !keep {
		return p.planFor(f, nil)
	}
	return p.planFor(f, &p.plans.places)
}

// finish does at run time what is left of a plan. What depends only on the name or the
// path as they were sent is remembered by a hash of them.
func (p *Policy) finish(q *raw.Question, pl *place, left *plan) transform.Decision {
	f := takeFacts(p, q, pl, 0)
	defer f.giveBack()
	tabled := readsName | readsPath
	if left.reads&tabled == 0 || q.Exchange == nil || q.Field == nil {
		return p.follow(left, f)
	}
	key := p.recent.key(q, pl, left.reads)
	if known, ok := p.recent.get(key); ok {
		return p.follow(known, f)
	}
	f.known = readsStatic | readsPath
	if !p.bands.used {
		f.known &^= readsConfidence
	}
	made := p.planFor(f, &p.plans.names)
	if made.kept {
		p.recent.put(key, made)
	}
	return p.follow(made, f)
}

// decideUnknown answers where the place is not one of this policy's: of nothing
// that could be remembered.
func (p *Policy) decideUnknown(q *raw.Question) transform.Decision {
	pl := &place{open: true}
	if q.Place != nil {
		pl.Place = *q.Place
		pl.open, pl.lower = q.Place.Name == "*", lowerNames(q.Place.Kind)
	} else if q.Field != nil {
		pl.Place = *p.Place(q.Field.Kind, q.Field.Name.Peek())
		pl.open, pl.lower = pl.Name == "*", lowerNames(pl.Kind)
	}
	f := takeFacts(p, q, pl, ^reads(0))
	defer f.giveBack()
	return p.follow(p.planFor(f, nil), f)
}

// recent remembers plans by a keyed hash of the name or the path that they were
// made for: the text itself is nowhere. It has a fixed size; what is newer takes
// the place of what is older.
type recent struct {
	seeds   [2]maphash.Seed
	entries [recentSize]atomic.Pointer[recentPlan]
}

const recentSize = 4096

type recentKey [2]uint64

type recentPlan struct {
	key  recentKey
	plan *plan
}

func newRecent() *recent {
	return &recent{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

// key is the hash of what a plan was made for: the place, and what was read of the
// name and the path.
func (r *recent) key(q *raw.Question, pl *place, read reads) recentKey {
	var key recentKey
	for i := range key {
		var h maphash.Hash
		h.SetSeed(r.seeds[i])
		head := [...]byte{byte(pl.ID), byte(pl.ID >> 8), q.Confidence, bit(read&readsName) | 2*bit(read&readsPath), byte(len(q.Category))}
		_, _ = h.Write(head[:])
		_, _ = h.WriteString(string(q.Category))
		if read&readsName != 0 {
			name := q.Field.Name.Peek()
			_, _ = h.Write([]byte{byte(len(name)), byte(len(name) >> 8), byte(len(name) >> 16)})
			_, _ = h.Write(name)
		}
		if read&readsPath != 0 {
			_, _ = h.Write(q.Exchange.Request.Peek(q.Exchange.Request.Path))
		}
		key[i] = h.Sum64()
	}
	return key
}

func bit(read reads) byte {
	if read != 0 {
		return 1
	}
	return 0
}

func (r *recent) get(key recentKey) (*plan, bool) {
	if e := r.entries[key[0]%recentSize].Load(); e != nil && e.key == key {
		return e.plan, true
	}
	return nil, false
}

func (r *recent) put(key recentKey, pl *plan) {
	r.entries[key[0]%recentSize].Store(&recentPlan{key, pl})
}

// bands are the confidences that rules tell apart.
type bands struct {
	by    [101]uint8 // band by hundredths
	count int
	used  bool // the confidence may be evaluated beforehand
}

const maxBands = 16

// newBands cuts where one of the thresholds, 0 to 1, lies on a hundredth or
// between two. With too many of them the confidence is evaluated each time.
func newBands(thresholds []float64) bands {
	b := bands{count: 1, used: true}
	for c := 1; c < len(b.by); c++ {
		before, here := float64(c-1)/100, float64(c)/100
		for _, t := range thresholds {
			if before <= t && t <= here {
				b.count++
				break
			}
		}
		if b.count > maxBands {
			return bands{count: 1}
		}
		b.by[c] = uint8(b.count - 1)
	}
	return b
}

func (b *bands) of(confidence uint8) int { return int(b.by[min(confidence, 100)]) }
