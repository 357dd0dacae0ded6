package transform

import (
	"time"

	"weir/redact/category"
)

// Keys is the ring of pseudonym keys.
type Keys interface {
	// Key is the key of a category in a service's domain, for exchanges of a
	// retention class that began at start.
	Key(class string, start time.Time, domain string, key category.Key) ([32]byte, error)
	// Epoch names the epoch of start, "2026-11-22".
	Epoch(start time.Time) string
}

func secretBytes(k [32]byte) []byte { return k[:] }
