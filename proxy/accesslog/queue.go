package accesslog

import (
	"bytes"
	"math"
	"slices"
	"sync"
	"time"

	"weir/redact/record"
)

// queue holds lines until a writer takes them: one buffer fills while the other
// is written. Once a line found no room, all are refused until the writer has
// come through, so that the gap entry stands where the missing ones would.
type queue struct {
	mu     sync.Mutex
	front  batch
	gap    record.Gap // of what is missing behind front; Entries 0: nothing
	losing bool
	closed bool
	room   room

	// The writer's alone; back only shrinks outside mu.
	back  batch
	spare []byte
	rest  int64     // bytes in back, read by others under mu
	busy  time.Time // when the memory was last needed
}

// calm is how long memory is not needed before it is given back: between the
// batches of a steady load little waits too, and what is given back has to be grown again.
const calm = 10 * time.Second

// batch is whole lines and the times of their entries.
type batch struct {
	lines   []byte
	times   span
	entries int // lines that are no gap's
	gaps    int
	gap     record.Gap // what the last line tells, where gaps is 1
	told    int        // bytes of that line
}

// span is the earliest and the latest of some times, in Unix nanoseconds.
type span struct{ first, last int64 }

var noSpan = span{math.MaxInt64, math.MinInt64}

func (s span) empty() bool { return s.first > s.last }

func (s span) with(o span) span { return span{min(s.first, o.first), max(s.last, o.last)} }

func newQueue() queue {
	return queue{front: batch{times: noSpan}, back: batch{times: noSpan}}
}

// add copies a line, or counts it as missing. wake says that the writer should
// not wait for its interval.
func (q *queue) add(s record.Sealed, limit int) (lost, wake bool) {
	n := s.Time.UnixNano()
	q.mu.Lock()
	defer q.mu.Unlock()
	before := len(q.front.lines)
	q.room.reserved -= int64(s.Reserved)
	switch {
	case q.closed, len(s.Line) > MaxLine, len(s.Line) == 0:
		q.miss(s.Time)
		return true, false
	case s.Reserved > 0: // there is room, whatever else was lost
	case q.losing:
		q.miss(s.Time)
		return true, false
	case q.room.strict && !q.fits(int64(len(s.Line)), limit), before+len(s.Line) > limit:
		q.losing = true
		q.miss(s.Time)
		return true, q.room.strict && !q.room.full
	}
	if before+len(s.Line) > cap(q.front.lines) { // doubled: append would copy more often
		q.front.lines = slices.Grow(q.front.lines, max(before, len(s.Line), threshold/4))
	}
	q.front.lines = append(q.front.lines, s.Line...)
	q.front.times = span{min(q.front.times.first, n), max(q.front.times.last, n)}
	q.front.entries++
	early := min(threshold, limit/2)
	return false, before < early && len(q.front.lines) >= early || q.low(limit)
}

// miss counts an entry into the gap.
func (q *queue) miss(t time.Time) {
	if q.gap.Entries == 0 {
		q.gap.First, q.gap.Last = t, t
	}
	q.gap.Entries++
	if t.Before(q.gap.First) {
		q.gap.First = t
	}
	if t.After(q.gap.Last) {
		q.gap.Last = t
	}
}

// regret takes the entry of a gap back that waits to be written and could not be,
// so that what is lost until it can be is told by the same one.
func (q *queue) regret() {
	b := &q.back
	if b.gaps == 0 || len(b.lines) < b.told {
		return
	}
	b.lines, b.gaps = b.lines[:len(b.lines)-b.told], 0
	q.missing(b.gap)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.rest = int64(len(b.lines))
}

// missing adds a gap of another making: entries that a torn tail cost.
func (q *queue) missing(g record.Gap) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.gap.Entries
	q.miss(g.First)
	q.miss(g.Last)
	q.gap.Entries = n + g.Entries
}

// take gives what waits to back, which must be empty, and ends it with the
// entry of the gap behind it, if there is one.
func (q *queue) take(now time.Time, service string, format record.Format) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.shrink(now)
	gap := q.gap.Entries > 0 && !q.room.full
	if len(q.front.lines) == 0 && !gap {
		return false
	}
	spare := q.spare[:0]
	q.back, q.front = q.front, batch{lines: spare, times: noSpan}
	q.spare = q.back.lines
	if gap {
		q.gap.Time, q.gap.Service = now, service
		before := len(q.back.lines)
		q.back.lines = record.AppendGap(q.back.lines, format, q.gap)
		q.back.gap, q.back.told = q.gap, len(q.back.lines)-before
		q.back.times = q.back.times.with(span{now.UnixNano(), now.UnixNano()})
		q.back.gaps = 1
		q.spare = q.back.lines
		q.gap, q.losing = record.Gap{}, false
	}
	q.rest = int64(len(q.back.lines))
	return true
}

// shrink gives memory back when a burst is over. q.mu is held.
func (q *queue) shrink(now time.Time) {
	large := max(cap(q.spare), cap(q.front.lines))
	if large <= threshold || len(q.front.lines) >= large/16 || now.Before(q.busy) {
		q.busy = now
		return
	}
	if now.Sub(q.busy) < calm {
		return
	}
	q.spare = nil
	if len(q.front.lines) == 0 {
		q.front.lines = nil
	}
}

// wrote drops the n bytes of back that are written and counts their lines.
func (q *queue) wrote(n int) (lines int) {
	lines = bytes.Count(q.back.lines[:n], []byte{'\n'})
	q.back.lines = q.back.lines[n:]
	q.mu.Lock()
	q.rest = int64(len(q.back.lines))
	q.room.disk -= int64(n)
	q.back.entries -= min(lines, q.back.entries) // one more may be the gap's
	q.mu.Unlock()
	return lines
}

// waiting is how many bytes are not written yet, and the times of their entries.
func (q *queue) waiting() (int64, span) {
	q.mu.Lock()
	defer q.mu.Unlock()
	times := q.front.times
	if q.rest > 0 {
		times = times.with(q.back.times)
	}
	return q.rest + int64(len(q.front.lines)), times
}

// close refuses lines from now on.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}

// abandoned counts the entries that were never written, when nobody will come
// for them any more.
func (q *queue) abandoned() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.back.entries + q.front.entries
}
