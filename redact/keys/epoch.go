package keys

import (
	"slices"
	"time"
)

// epochName is the epoch that was named last.
type epochName struct {
	from, until int64 // Unix seconds
	name        string
}

// Epoch names the epoch of an exchange that began at start, by the UTC time of
// its own beginning: "2026-11-22", or "2026-11-22T10:00:00Z" where epochs are not
// of whole days, or where the chains were broken then.
func (r *Ring) Epoch(start time.Time) string {
	unix := start.Unix()
	if e := r.named.Load(); e != nil && e.from <= unix && unix < e.until {
		return e.name
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.around(unix)
	r.named.Store(&e)
	return e.name
}

// around returns the epoch that a time lies in. r.mu is held.
func (r *Ring) around(unix int64) epochName {
	number := r.number(unix)
	e := epochName{from: number * r.seconds, until: (number + 1) * r.seconds}
	layout := time.RFC3339
	if r.daily {
		layout = time.DateOnly
	}
	for _, b := range r.breaks {
		switch {
		case b > unix:
			e.until = min(e.until, b)
		case b > e.from:
			e.from, layout = b, time.RFC3339
		}
	}
	e.name = time.Unix(e.from, 0).UTC().Format(layout)
	return e
}

// Ends is when the key in use now gives way to the next one.
func (r *Ring) Ends() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Unix(r.around(r.now().Unix()).until, 0).UTC()
}

// Held is what a ring has for a retention class.
type Held struct {
	Class  string
	From   time.Time   // the beginning of the oldest epoch that has a key
	Ends   time.Time   // its end: the last exchange began before it
	Epochs int         // that have a key, up to the one in use now
	Breaks []time.Time // from which on keys do not follow from those before
}

// Held returns what the ring has, by class, in the order of their names.
func (r *Ring) Held() []Held {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]Held, 0, len(r.classes))
	for _, name := range r.sorted() {
		l := r.classes[name]
		first := l.chains[0].oldest
		h := Held{Class: name, From: time.Unix(first*r.seconds, 0).UTC(), Epochs: max(0, int(r.today()-first)+1)}
		h.Ends = h.From.Add(time.Duration(r.seconds) * time.Second)
		for i := range l.chains {
			if since := l.chains[i].since; since != 0 {
				h.Breaks = append(h.Breaks, time.Unix(since, 0).UTC())
			}
		}
		all = append(all, h)
	}
	return all
}

// Classes names every retention class that the ring has a chain for, those of
// earlier policies included, in order.
func (r *Ring) Classes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sorted()
}

func (r *Ring) sorted() []string {
	names := make([]string, 0, len(r.classes))
	for name := range r.classes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Alive is how many epochs' keys can be derived today, over all classes.
func (r *Ring) Alive() (n int) {
	for _, h := range r.Held() {
		n += h.Epochs
	}
	return n
}

// From is the beginning of the oldest epoch whose keys can be derived, over all
// classes; zero where there is none.
func (r *Ring) From() (from time.Time) {
	for _, h := range r.Held() {
		if from.IsZero() || h.From.Before(from) {
			from = h.From
		}
	}
	return from
}
