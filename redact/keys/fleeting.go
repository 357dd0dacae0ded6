package keys

import (
	"crypto/rand"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"weir/redact/category"
)

// Fleeting is a ring that is nowhere but in memory, and so ends with the process:
// two texts have one pseudonym only if one run wrote both. It has a key for every
// day. It is safe for concurrent use.
type Fleeting struct {
	root  secret
	named atomic.Pointer[fleetingDay]
}

// fleetingDay is the day that was named last.
type fleetingDay struct {
	number int64
	name   string
}

// NewFleeting makes a ring of random keys.
func NewFleeting() *Fleeting {
	f := &Fleeting{}
	_, _ = rand.Read(f.root[:]) // which never fails
	return f
}

// Key is as Ring.Key, and never fails.
func (f *Fleeting) Key(class string, start time.Time, domain string, c category.Key) (Key, error) {
	return f.derive(class, start, labelPseudonym, domain, string(c)), nil
}

// Encryption is as Ring.Encryption, and never fails.
func (f *Fleeting) Encryption(class string, start time.Time, domain string, w Way) (Key, error) {
	return f.derive(class, start, labelEncryption, domain, string(w)), nil
}

func (f *Fleeting) derive(class string, start time.Time, parts ...string) (k Key) {
	var day secret
	f.root.derive(&day, "weir keys 1 fleeting", class, f.Epoch(start))
	day.derive((*secret)(&k.b), parts...)
	clear(day[:])
	return k
}

// Epoch names the day of start, in UTC.
func (f *Fleeting) Epoch(start time.Time) string {
	unix := start.Unix()
	day := unix / secondsADay
	if unix%secondsADay < 0 {
		day--
	}
	if d := f.named.Load(); d != nil && d.number == day {
		return d.name
	}
	name := start.UTC().Format(time.DateOnly)
	f.named.Store(&fleetingDay{day, name})
	return name
}

const secondsADay = 24 * 60 * 60

// Version is always the same: no key is ever given up.
func (f *Fleeting) Version() uint64 { return 0 }

func (f *Fleeting) String() string             { return placeholder }
func (f *Fleeting) GoString() string           { return placeholder }
func (f *Fleeting) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, placeholder) }
