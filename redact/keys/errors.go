package keys

import "errors"

// What can be wrong with a ring. The error that Open returns wraps one of them
// and names the path and what to do.
var (
	ErrTooOpen    = errors.New("others than its owner can read or change it")
	ErrShort      = errors.New("the key ring is cut short")
	ErrDamaged    = errors.New("the key ring is damaged")
	ErrVersion    = errors.New("the key ring is of another version of weir")
	ErrUnreadable = errors.New("the key ring cannot be read")
	ErrReadOnly   = errors.New("the key ring cannot be written")
	ErrNewer      = errors.New("the key ring is newer than the clock says it is now")
	ErrEpoch      = errors.New("the key ring was made for epochs of another length")
	ErrExists     = errors.New("a key ring is there already")
)

// What can be wrong with a question to a ring.
var (
	ErrDestroyed    = errors.New("the keys of that epoch are destroyed")
	ErrFuture       = errors.New("that epoch is too far ahead of the oldest one kept")
	ErrUnknownClass = errors.New("the key ring has no such retention class")
)

// Error says what is wrong with a ring on disk. It holds nothing of the ring.
type Error struct {
	Path    string
	Err     error  // one of those above
	Cause   error  // what the system said, if anything
	Instead string // what to do
}

func (e *Error) Error() string {
	s := e.Path + ": " + e.Err.Error()
	if e.Cause != nil {
		s += " (" + e.Cause.Error() + ")"
	}
	return s + "; " + e.Instead
}

// Unwrap gives both to errors.Is.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.Cause}
}
