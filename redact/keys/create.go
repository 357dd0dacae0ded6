package keys

import (
	"errors"
	"io/fs"
	"os"
)

// Create makes a ring where there is none, with a chain for each of the classes.
// The error is an *Error: of ErrExists where a ring stands there already, whatever
// its state, which stays as it is.
func Create(c Config, classes ...string) (*Ring, error) {
	c.External = false
	r, err := unread(c)
	if err != nil {
		return nil, err
	}
	exists := r.store.fault(ErrExists, nil, "use it, or destroy its keys by weir keys shred")
	if _, err := os.Lstat(r.store.path(ringName)); !errors.Is(err, fs.ErrNotExist) {
		return nil, exists
	}
	// Written once: after a crash there is a ring with all of them, or none.
	found, err := r.store.begin(func(found map[string]*lineage) (bool, error) {
		if len(found) > 0 {
			return false, exists // another process was first
		}
		for _, class := range classes {
			if !validClass(class) {
				return false, errClassName
			}
			l := new(lineage)
			found[class] = l
			if err := l.precede(r.today()-1, r.seconds); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	r.adopt(found)
	return r, nil
}
