package keys

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"weir/redact/category"
)

// maxAhead bounds how many epochs a key is derived beyond the oldest one: a
// clock gone wild must not hold up the traffic.
const maxAhead = 100_000

// Config says where a ring is kept.
type Config struct {
	// Dir is the ring's folder. It is made, with mode 0700, where it does not exist.
	Dir string
	// External is a ring that somebody else makes and rotates, such as a mounted
	// secret: it is never written, and may be readable by its group.
	External bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Epoch is how long one key lives, in whole seconds; 0 is 24 hours. Epochs
	// are counted in UTC.
	Epoch time.Duration
}

// Validate reports what is wrong with c.
func (c *Config) Validate() error {
	if c.Dir == "" {
		return errors.New("keys: no folder is named; write a path such as keys/")
	}
	if c.Epoch < 0 || c.Epoch%time.Second != 0 {
		return fmt.Errorf("keys: an epoch of %v is not a number of whole seconds; write one such as 24h", c.Epoch)
	}
	return nil
}

// Ring holds the chains of all retention classes. It is safe for concurrent use.
type Ring struct {
	store   store
	now     func() time.Time
	seconds int64 // of an epoch
	daily   bool  // epochs are of whole days

	version atomic.Uint64
	named   atomic.Pointer[epochName]

	// changing is held by who changes the ring on disk, and taken before mu, which
	// exchanges wait for and nobody holds while a disk works.
	changing sync.Mutex
	mu       sync.Mutex
	classes  map[string]*lineage
	derived  map[derivation]*Key
	breaks   []int64 // when chains were broken, in Unix seconds, in order
	failed   error   // why no chain could be added last, at failedAt
	failedAt time.Time
}

// Open reads the ring in c.Dir, or makes one. The error is an *Error where the
// ring or its folder is at fault.
func Open(c Config) (*Ring, error) {
	r, err := unread(c)
	if err != nil {
		return nil, err
	}
	found, err := r.store.open()
	if err != nil {
		return nil, err
	}
	if err := r.newer(found); err != nil {
		wipe(found)
		return nil, err
	}
	r.adopt(found)
	return r, nil
}

// unread is a ring that has nothing yet.
func unread(c Config) (*Ring, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Epoch == 0 {
		c.Epoch = 24 * time.Hour
	}
	return &Ring{
		store:   store{dir: c.Dir, external: c.External, epoch: c.Epoch, link: os.Link},
		now:     c.Now,
		seconds: int64(c.Epoch / time.Second),
		daily:   c.Epoch%(24*time.Hour) == 0,
		classes: make(map[string]*lineage),
		derived: make(map[derivation]*Key),
	}, nil
}

// Version changes whenever keys that the ring gave before must not be used any
// more: it was changed on disk, or old ones were destroyed.
func (r *Ring) Version() uint64 { return r.version.Load() }

// number returns the number of the epoch that a time, in Unix seconds, lies in.
func (r *Ring) number(unix int64) int64 {
	n := unix / r.seconds
	if unix%r.seconds < 0 {
		n--
	}
	return n
}

func (r *Ring) today() int64 { return r.number(r.now().Unix()) }

// Class tells how long entries of a class live, and gives a class that the ring
// does not know a chain of its own. The error is ErrUnknownClass for an external
// ring without it, or an *Error.
func (r *Ring) Class(class string, keep time.Duration) error {
	r.mu.Lock()
	l := r.classes[class]
	r.mu.Unlock()
	if l == nil {
		if err := r.add(class); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.classes[class]; l != nil {
		l.keep = keep
	}
	return nil
}

// Key returns the key of a category in a service's domain for exchanges of a
// retention class that began at start. It asks the disk only for a class that
// the ring does not know, and not within a second of a failure. The error is ErrDestroyed, ErrFuture, ErrUnknownClass
// or an *Error.
func (r *Ring) Key(class string, start time.Time, domain string, c category.Key) (Key, error) {
	return r.key(derivation{class: class, label: labelPseudonym, domain: domain, name: string(c)}, start)
}

// Encryption returns the key by which addresses are encrypted in a way, in a
// service's domain, for exchanges of a retention class that began at start. Errors
// are those of Key.
func (r *Ring) Encryption(class string, start time.Time, domain string, w Way) (Key, error) {
	return r.key(derivation{class: class, label: labelEncryption, domain: domain, name: string(w)}, start)
}

func (r *Ring) key(d derivation, start time.Time) (Key, error) {
	k, err := r.derive(d, start)
	if err != errMissing {
		return k, err
	}
	if err := r.addOnce(d.class); err != nil {
		return Key{}, err
	}
	if k, err = r.derive(d, start); err == errMissing {
		err = ErrDestroyed // taken away meanwhile
	}
	return k, err
}

// errMissing is a class without a chain for the time at hand, which add may make.
var errMissing = errors.New("no chain")

func (r *Ring) derive(d derivation, start time.Time) (Key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.classes[d.class]
	if l == nil {
		return Key{}, errMissing
	}
	unix := start.Unix()
	c := l.chain(unix)
	d.epoch, d.since = r.number(unix), c.since
	k, err := Key{}, ErrDestroyed
	if unix >= c.since {
		k, err = r.remembered(d, c)
	}
	if err == ErrDestroyed && !r.store.external {
		if today := r.today(); d.epoch >= today-1 && l.chains[0].oldest > today {
			err = errMissing
		}
	}
	return k, err
}

var errClassName = fmt.Errorf("%w: name it with letters, digits, dots and hyphens", ErrUnknownClass)

// again is how long a disk that failed is not asked again for exchanges.
const again = time.Second

// addOnce is add for exchanges, of which there may be many while a disk is full.
func (r *Ring) addOnce(class string) error {
	if err := r.lately(); err != nil {
		return err
	}
	r.changing.Lock()
	defer r.changing.Unlock()
	if err := r.lately(); err != nil { // of the one that was waited for
		return err
	}
	err := r.chainFor(class)
	if of := (*Error)(nil); errors.As(err, &of) && !r.store.external {
		r.mu.Lock()
		r.failed, r.failedAt = err, r.now()
		r.mu.Unlock()
	}
	return err
}

// lately is the failure that is not older than again.
func (r *Ring) lately() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed != nil {
		if ago := r.now().Sub(r.failedAt); ago < 0 || ago >= again {
			r.failed = nil
		}
	}
	return r.failed
}

// add is chainFor, one at a time.
func (r *Ring) add(class string) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	return r.chainFor(class)
}

// chainFor gives a class its first chain, on disk first, or one before those that
// all lie ahead, which a clock that was ahead made. r.changing is held.
func (r *Ring) chainFor(class string) error {
	if !validClass(class) {
		return errClassName
	}
	if r.store.external {
		return r.store.fault(ErrUnknownClass, nil, "add class "+class+" where the ring is made")
	}
	today := r.today()
	found, err := r.store.change(func(classes map[string]*lineage) (bool, error) {
		l := classes[class]
		switch {
		case l == nil:
			l = new(lineage)
			classes[class] = l
		case l.chains[0].oldest <= today:
			return false, nil // another process was first
		}
		// An exchange that began before midnight may ask after it.
		return true, l.precede(today-1, r.seconds)
	})
	if err == nil {
		r.adopt(found)
	}
	return err
}

func (r *Ring) String() string               { return placeholder }
func (r *Ring) GoString() string             { return placeholder }
func (r *Ring) Format(s fmt.State, _ rune)   { _, _ = io.WriteString(s, placeholder) }
func (r *Ring) MarshalText() ([]byte, error) { return []byte(placeholder), nil }
func (r *Ring) LogValue() slog.Value         { return slog.StringValue(placeholder) }
