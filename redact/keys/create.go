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
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := store{dir: c.Dir}
	if _, err := os.Lstat(s.path(ringName)); !errors.Is(err, fs.ErrNotExist) {
		return nil, s.fault(ErrExists, nil, "use it, or destroy its keys by weir keys shred")
	}
	c.External = false
	r, err := Open(c)
	if err != nil {
		return nil, err
	}
	for _, class := range classes {
		if err := r.Class(class, 0); err != nil {
			return nil, err
		}
	}
	return r, nil
}
