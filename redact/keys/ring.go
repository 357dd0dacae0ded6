package keys

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
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

	named   atomic.Pointer[epochName]
	derived atomic.Pointer[[]section]

	// changing is held by who changes the ring on disk, and taken before mu, which
	// exchanges wait for and nobody holds while a disk works.
	changing sync.Mutex
	mu       sync.Mutex
	chains   map[string]*chain
}

// Open reads the ring in c.Dir, or makes one. The error is an *Error where the
// ring or its folder is at fault.
func Open(c Config) (*Ring, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Epoch == 0 {
		c.Epoch = 24 * time.Hour
	}
	r := &Ring{
		store:   store{dir: c.Dir, external: c.External, epoch: c.Epoch},
		now:     c.Now,
		seconds: int64(c.Epoch / time.Second),
		daily:   c.Epoch%(24*time.Hour) == 0,
	}
	r.forget()
	chains, err := r.store.open()
	if err != nil {
		return nil, err
	}
	now := r.number(c.Now())
	for _, chain := range chains {
		if chain.oldest > now {
			return nil, r.store.fault(ErrNewer, nil, "set the clock right, or if it is, take this ring away and let weir make a new one: pseudonyms begin anew")
		}
	}
	r.chains = chains
	return r, nil
}

// number returns the number of the epoch that t lies in.
func (r *Ring) number(t time.Time) int64 {
	s := t.Unix()
	n := s / r.seconds
	if s%r.seconds < 0 {
		n--
	}
	return n
}

// Epoch names the epoch of an exchange that began at start, by the UTC time of
// its own beginning: "2026-11-22", or "2026-11-22T10:00:00Z" where epochs are
// not of whole days.
func (r *Ring) Epoch(start time.Time) string {
	number := r.number(start)
	if e := r.named.Load(); e != nil && e.number == number {
		return e.name
	}
	layout := time.RFC3339
	if r.daily {
		layout = time.DateOnly
	}
	name := time.Unix(number*r.seconds, 0).UTC().Format(layout)
	r.named.Store(&epochName{number, name})
	return name
}

// epochName is the epoch that was named last.
type epochName struct {
	number int64
	name   string
}

// Class tells how long entries of a class live, and gives a class that the ring
// does not know a chain of its own. The error is ErrUnknownClass for an external
// ring without it, or an *Error.
func (r *Ring) Class(class string, keep time.Duration) error {
	c, err := r.chain(class)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c.keep = keep
	return nil
}

// Key returns the key of a category in a service's domain for exchanges of a
// retention class that began at start. It asks the disk only for a class that
// the ring does not know. The error is ErrDestroyed, ErrFuture, ErrUnknownClass
// or an *Error.
func (r *Ring) Key(class string, start time.Time, domain string, c category.Key) (Key, error) {
	epoch := r.number(start)
	for _, s := range *r.derived.Load() {
		if s.epoch == epoch && s.class == class && s.domain == domain {
			if k, ok := s.keys[c]; ok {
				return k, nil
			}
			break
		}
	}
	return r.derive(section{epoch, class, domain, nil}, c)
}

// at returns the key of an epoch of the chain.
func (c *chain) at(epoch int64) (secret, error) {
	switch {
	case epoch < c.oldest:
		return secret{}, ErrDestroyed
	case epoch-c.oldest > maxAhead:
		return secret{}, ErrFuture
	}
	s := c.key
	for range epoch - c.oldest {
		s = s.next()
	}
	return s, nil
}

// known returns a class's chain, nil where there is none.
func (r *Ring) known(class string) *chain {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.chains[class]
}

// chain returns a class's chain, and adds it to the ring, on disk first, where
// there is none.
func (r *Ring) chain(class string) (*chain, error) {
	if c := r.known(class); c != nil {
		return c, nil
	}
	r.changing.Lock()
	defer r.changing.Unlock()
	if c := r.known(class); c != nil {
		return c, nil // meanwhile
	}
	if !validClass(class) {
		return nil, fmt.Errorf("%w: name it with letters, digits, dots and hyphens", ErrUnknownClass)
	}
	if r.store.external {
		return nil, r.store.fault(ErrUnknownClass, nil, "add class "+class+" where the ring is made")
	}
	var added *chain
	err := r.store.change(func(chains map[string]*chain) (bool, error) {
		if added = chains[class]; added != nil {
			return false, nil // another process was first
		}
		// An exchange that began before midnight may ask after it.
		added = &chain{oldest: r.number(r.now()) - 1}
		if _, err := rand.Read(added.key[:]); err != nil {
			return false, err
		}
		chains[class] = added
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.chains[class] = added
	return added, nil
}

func (r *Ring) String() string               { return placeholder }
func (r *Ring) GoString() string             { return placeholder }
func (r *Ring) Format(s fmt.State, _ rune)   { _, _ = io.WriteString(s, placeholder) }
func (r *Ring) MarshalText() ([]byte, error) { return []byte(placeholder), nil }
func (r *Ring) LogValue() slog.Value         { return slog.StringValue(placeholder) }
