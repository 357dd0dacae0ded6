package raw

import "time"

// Trace is where an exchange stands in a distributed trace, by W3C's Trace
// Context, and what its spans are to tell.
type Trace struct {
	ID     [16]byte
	Parent [8]byte // zero where the trace begins here
	Server [8]byte // the exchange's own span
	Client [8]byte // that of the request to the upstream; zero where there was none
	// Asked is when the upstream was asked, after Started.
	Asked time.Duration
	// Upstream is it as configured, "" where the client chose it.
	Upstream string
}
