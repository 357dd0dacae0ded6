package raw

import "time"

// Retention is how long an entry is kept, and what it holds. It is the policy's
// and holds nothing of an exchange.
type Retention struct {
	Class string // "30d"; entries of one class lie together
	Keep  time.Duration
	// Only are the fields that such an entry holds, by their names in it; nil is all.
	Only []string
}
