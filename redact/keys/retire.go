package keys

import (
	"slices"
	"time"
)

// Retire destroys the keys of a class's epochs whose last entry has expired:
// those that ended before the given time, which is that of the oldest entry the
// log still has, and, by the ring's own clock, at least as long ago as the class
// keeps its entries. Clock and log have to agree: a clock that is ahead destroys
// nothing that the log needs, a log that lost entries nothing that is young.
//
// The keys are gone from memory when it returns, and from the disk; what the
// file held before is overwritten as far as the file system does that. A copy of
// the ring made earlier still has them. The error is ErrUnknownClass where Class
// has not told how long entries live, or an *Error: then this ring stays as it was,
// and the next call tries again.
func (r *Ring) Retire(class string, before time.Time) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	r.mu.Lock()
	l := r.classes[class]
	if l == nil || l.keep <= 0 {
		r.mu.Unlock()
		return ErrUnknownClass
	}
	oldest := min(r.number(before.Unix()), r.number(r.now().Add(-l.keep).Unix()))
	due := oldest > l.chains[0].oldest && !r.store.external
	r.mu.Unlock()
	if !due {
		return nil
	}
	found, err := r.store.change(func(classes map[string]*lineage) (bool, error) {
		stored := classes[class]
		if stored == nil {
			return false, nil // shredded by another process
		}
		return stored.retire(oldest, r.number), nil
	})
	if err == nil {
		r.adopt(found)
	}
	return err
}

// Break gives every class a chain of its own from a time on, rounded up to a
// second, that does not follow from the ones before: whoever has a copy of the ring
// as it was cannot know what comes. What began earlier keeps its keys.
func (r *Ring) Break(from time.Time) error {
	since := from.Unix()
	if from.Nanosecond() > 0 {
		since++
	}
	return r.edit(func(classes map[string]*lineage) error {
		for _, l := range classes {
			if err := l.begin(since, r.number(since)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Shred destroys every key of a class, of all classes where none is named: nothing
// that was made with them can be recomputed or decrypted again, as far as no copy
// of the ring survives. Each begins anew at once, with an epoch that is named by
// the time, so that no entry from before is taken for one that has a key; what began
// before and has not ended has none. The error is ErrUnknownClass, and nothing is
// destroyed, where the ring has not all of them.
func (r *Ring) Shred(classes ...string) error {
	now := r.now().Unix()
	return r.edit(func(found map[string]*lineage) error {
		for _, name := range classes {
			if found[name] == nil {
				return r.store.fault(ErrUnknownClass, nil, "name one that weir keys status shows")
			}
		}
		for name, l := range found {
			if len(classes) > 0 && !slices.Contains(classes, name) {
				continue
			}
			l.replace(nil)
			if err := l.begin(now, r.number(now)); err != nil {
				return err
			}
		}
		return nil
	})
}

// edit changes the ring on disk, then in memory.
func (r *Ring) edit(change func(map[string]*lineage) error) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	if r.store.external {
		return r.store.fault(ErrReadOnly, nil, "change it where it is made")
	}
	found, err := r.store.change(func(classes map[string]*lineage) (bool, error) { return true, change(classes) })
	if err == nil {
		r.adopt(found)
	}
	return err
}

// Reload reads the ring again, which another process may have changed or put in its
// place, and reports whether it had. The error is an *Error: then the ring that was
// read last stays in use.
func (r *Ring) Reload() (changed bool, err error) {
	r.changing.Lock()
	defer r.changing.Unlock()
	found, err := r.store.look()
	if err != nil {
		return false, err
	}
	if err := r.newer(found); err != nil {
		wipe(found)
		return false, err
	}
	return r.adopt(found), nil
}

// newer refuses an external ring whose epochs all lie ahead. Into weir's own a
// chain is put for now, when it is asked for.
func (r *Ring) newer(found map[string]*lineage) error {
	for _, l := range found {
		if r.store.external && l.chains[0].oldest > r.today() {
			return r.store.fault(ErrNewer, nil, "set the clock right, or if it is, give weir another ring: pseudonyms begin anew")
		}
	}
	return nil
}

// adopt puts what was found on disk in the place of what is in memory, which it
// clears, and reports whether that was something else.
func (r *Ring) adopt(found map[string]*lineage) (changed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, l := range r.classes {
		if found[name] == nil {
			l.clear()
			delete(r.classes, name)
			changed = true
		}
	}
	for name, l := range found {
		known := r.classes[name]
		if known == nil {
			known = new(lineage)
			r.classes[name] = known
		}
		if known.equal(l) {
			l.clear()
			continue
		}
		known.replace(l.chains)
		changed = true
	}
	if !changed {
		return false
	}
	r.breaks = r.breaks[:0]
	for _, l := range r.classes {
		for i := range l.chains {
			if since := l.chains[i].since; since != 0 {
				r.breaks = append(r.breaks, since)
			}
		}
	}
	slices.Sort(r.breaks)
	r.breaks = slices.Compact(r.breaks)
	r.named.Store(nil)
	r.forget()
	return true
}
