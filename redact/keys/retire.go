package keys

import (
	"crypto/subtle"
	"maps"
	"slices"
	"time"
)

// Retire destroys the keys of a class's epochs whose last entry has expired:
// those that ended before the given time, which is that of the oldest entry the
// log still has, and, by the ring's own clock, at least as long ago as the class
// keeps its entries. Clock and log have to agree: a clock that is ahead destroys
// nothing that the log needs, a log that lost entries nothing that is young.
//
// The epochs are gone from memory when it returns, and from the disk; what the
// file held before is overwritten as far as the file system does that. A copy of
// the ring made earlier still has them. The error is ErrUnknownClass where Class
// has not told how long entries live, or an *Error: then this ring stays as it was,
// and the next call tries again.
func (r *Ring) Retire(class string, before time.Time) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	c, ok := r.copied(class)
	if !ok || c.keep <= 0 {
		return ErrUnknownClass
	}
	oldest := min(r.number(before), r.number(r.now().Add(-c.keep)))
	if oldest <= c.oldest || r.store.external {
		return nil
	}
	next, err := c.at(oldest)
	if err != nil {
		return err
	}
	err = r.store.change(func(chains map[string]*chain) (bool, error) {
		stored := chains[class]
		if stored == nil || !stored.continues(&c) {
			return false, r.store.fault(ErrReplaced, nil, "restart weir to use it")
		}
		if stored.oldest >= oldest {
			next, oldest = stored.key, stored.oldest // another process was first
			return false, nil
		}
		stored.oldest, stored.key = oldest, next
		return true, nil
	})
	if err != nil {
		return err
	}
	clear(c.key[:])
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := r.chains[class]
	kept.oldest, kept.key = oldest, next
	r.forget()
	return nil
}

// copied returns a class's chain as it is now.
func (r *Ring) copied(class string) (c chain, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if kept := r.chains[class]; kept != nil {
		return *kept, true
	}
	return c, false
}

// Classes names every retention class that the ring has a chain for, those of
// earlier policies included, in order.
func (r *Ring) Classes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.chains))
}

// Alive is how many epochs' keys can be derived today, over all classes.
func (r *Ring) Alive() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, c := range r.chains {
		n += max(0, int(r.number(r.now())-c.oldest)+1)
	}
	return n
}

// From is the beginning of the oldest epoch whose keys can be derived, over all
// classes; zero where there is none.
func (r *Ring) From() (from time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.chains {
		if at := time.Unix(c.oldest*r.seconds, 0).UTC(); from.IsZero() || at.Before(from) {
			from = at
		}
	}
	return from
}

// continues reports whether c is the same chain as other, at the same epoch or
// another.
func (c *chain) continues(other *chain) bool {
	if c.oldest < other.oldest {
		c, other = other, c
	}
	s, err := other.at(c.oldest)
	return err == nil && subtle.ConstantTimeCompare(s[:], c.key[:]) == 1
}
