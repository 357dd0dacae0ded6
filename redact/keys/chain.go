package keys

import (
	"crypto/rand"
	"crypto/subtle"
	"slices"
	"time"
)

// chain is a row of epochs whose keys follow one from the other.
type chain struct {
	since  int64  // Unix seconds from which on it is used; 0 for a class's first
	oldest int64  // number of the oldest epoch that is kept
	key    secret // that epoch's
}

// lineage is what a ring holds for a retention class: its chains in the order of
// since, one more for each time that they were broken.
type lineage struct {
	chains []chain
	keep   time.Duration // how long entries live; 0 where nobody has told
}

// at sets s to the key of an epoch of the chain.
func (c *chain) at(epoch int64, s *secret) error {
	switch {
	case epoch < c.oldest:
		return ErrDestroyed
	case epoch-c.oldest > maxAhead:
		return ErrFuture
	}
	c.step(epoch, s)
	return nil
}

// step sets s to the key of an epoch that is not before the oldest.
func (c *chain) step(epoch int64, s *secret) {
	*s = c.key
	for range epoch - c.oldest {
		s.next()
	}
}

// chain returns the chain that is used for what began at start, in Unix seconds.
func (l *lineage) chain(start int64) *chain {
	i := len(l.chains) - 1
	for i > 0 && l.chains[i].since > start {
		i--
	}
	return &l.chains[i]
}

// begin adds a chain with a key of its own that is used from since on, at an epoch,
// in the place of those that begin later: who knows one of them has stolen that too.
func (l *lineage) begin(since, epoch int64) error {
	next := chain{since: since, oldest: epoch}
	if _, err := rand.Read(next.key[:]); err != nil {
		return err
	}
	n := 0
	for n < len(l.chains) && l.chains[n].since < since {
		n++
	}
	l.replace(append(roomy(l.chains[:n]), next))
	clear(next.key[:])
	return nil
}

// precede puts a chain before the first, if there is one, whose epochs all lie
// ahead: it was made by a clock that was ahead. That one begins with its epochs
// then, and goes where another has taken its place by that time.
func (l *lineage) precede(epoch, seconds int64) error {
	before := chain{oldest: epoch}
	if _, err := rand.Read(before.key[:]); err != nil {
		return err
	}
	all := append(append(make([]chain, 0, len(l.chains)+1), before), l.chains...)
	if len(all) > 1 {
		all[1].since = max(all[1].since, all[1].oldest*seconds)
	}
	if len(all) > 2 && all[1].since >= all[2].since {
		copy(all[1:], all[2:])
		clear(all[len(all)-1:])
		all = all[:len(all)-1]
	}
	l.replace(all)
	clear(before.key[:])
	return nil
}

// retire destroys the keys of epochs before oldest, and reports whether there
// were any.
func (l *lineage) retire(oldest int64, number func(unix int64) int64) (changed bool) {
	over := 0
	for over+1 < len(l.chains) && number(l.chains[over+1].since-1) < oldest {
		over++
	}
	if over > 0 {
		l.replace(slices.Clone(l.chains[over:]))
		changed = true
	}
	first := &l.chains[0]
	if first.oldest >= oldest {
		return changed
	}
	var s secret
	first.step(oldest, &s) // no exchange waits
	first.oldest, first.key = oldest, s
	clear(s[:])
	return true
}

// replace puts chains in the place of those that are there, which it clears.
func (l *lineage) replace(chains []chain) {
	l.clear()
	l.chains = chains
}

func (l *lineage) clear() { clear(l.chains) }

func (l *lineage) equal(other *lineage) bool {
	same := len(l.chains) == len(other.chains)
	for i := 0; same && i < len(l.chains); i++ {
		a, b := &l.chains[i], &other.chains[i]
		same = a.since == b.since && a.oldest == b.oldest && subtle.ConstantTimeCompare(a.key[:], b.key[:]) == 1
	}
	return same
}

// add puts a chain behind the others.
func (l *lineage) add(c *chain) { l.replace(append(roomy(l.chains), *c)) }

// roomy returns a copy with room for one more: one that grew would leave keys behind.
func roomy(chains []chain) []chain {
	return append(make([]chain, 0, len(chains)+1), chains...)
}
