package record

import (
	"encoding/hex"
	"time"
)

// Trace says where an exchange stands in a distributed trace that is recorded. Its ids are random
// by W3C's specification, and taken over from those only whose word is believed.
type Trace struct {
	ID     TraceID
	Parent SpanID // zero where the trace begins here
	Server SpanID // of the exchange
	Client SpanID // of the request to the upstream; zero where there was none
	// Asked is when the upstream was asked, after the exchange's start.
	Asked time.Duration
	// Upstream is the upstream as configured, Route the policy's template that
	// the path matched; "" for none.
	Upstream, Route string
}

// TraceID and SpanID are as in W3C's Trace Context; zero is none.
type (
	TraceID [16]byte
	SpanID  [8]byte
)

func (t TraceID) String() string { return hex.EncodeToString(t[:]) }

// String is "" for none.
func (s SpanID) String() string {
	if s == (SpanID{}) {
		return ""
	}
	return hex.EncodeToString(s[:])
}
