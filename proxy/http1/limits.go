package http1

import (
	"fmt"
	"time"
)

// Limits bound what a peer may send and how long it may take. Start from
// Default. Times are kept by the Sweeper, to about a tenth of a second.
type Limits struct {
	HeaderBytes         int // whole head, start line included
	HeaderCount         int // field lines of a head, or of a trailer section
	URLBytes            int // request target
	ChunkExtensionBytes int // all chunk extensions of one body together
	TrailerBytes        int // trailer section of one body
	DrainBytes          int // unread request body that is read to keep a connection

	// ReadHead is for a whole head from its first byte on, and for the first
	// byte on a fresh connection. Idle is for the first byte of every further
	// request. Answer is how long an upstream may take from the end of the
	// request to the first byte of its response. Read and Write are for silence
	// within a body. 0 is no limit.
	ReadHead, Idle, Answer, Read, Write time.Duration
	// Linger is how long a closing connection goes on reading, so that its peer
	// gets to read what it was last told.
	Linger time.Duration
}

// Default is what suits most: 64 KiB of head in 128 lines, a target of 16 KiB,
// 10 s for a head, a minute for everything else.
func Default() Limits {
	return Limits{
		HeaderBytes: 64 << 10, HeaderCount: 128, URLBytes: 16 << 10,
		ChunkExtensionBytes: 2 << 10, TrailerBytes: 16 << 10, DrainBytes: 256 << 10,
		ReadHead: 10 * time.Second, Idle: 75 * time.Second, Answer: 60 * time.Second,
		Read: 60 * time.Second, Write: 60 * time.Second, Linger: 5 * time.Second,
	}
}

// Validate reports the first limit out of its range.
func (l *Limits) Validate() error {
	for _, s := range []struct {
		name      string
		value     int
		low, high int
	}{
		{"header bytes", l.HeaderBytes, 256, 16 << 20},
		{"header count", l.HeaderCount, 1, 100_000},
		{"url bytes", l.URLBytes, 16, 16 << 20},
		{"chunk extension bytes", l.ChunkExtensionBytes, 0, 1 << 20},
		{"trailer bytes", l.TrailerBytes, 0, 16 << 20},
		{"drain bytes", l.DrainBytes, 0, 1 << 30},
	} {
		if s.value < s.low || s.value > s.high {
			return fmt.Errorf("http1: %s must be %d to %d, not %d", s.name, s.low, s.high, s.value)
		}
	}
	for _, d := range []time.Duration{l.ReadHead, l.Idle, l.Answer, l.Read, l.Write, l.Linger} {
		if d < 0 {
			return fmt.Errorf("http1: a time limit must not be negative, got %v", d)
		}
	}
	return nil
}
