package relay

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"time"

	"weir/redact/raw"
)

// Tracing says of which exchanges spans are made.
type Tracing struct {
	// Sample is the share of exchanges whose trace begins here, 0 to 1. Where a
	// request names a trace and is believed, that says whether it is recorded.
	Sample float64
	// Inject has the upstream told weir's own span in traceparent, and that nothing
	// is recorded where weir records nothing of what a client that is not trusted
	// asks. Else traceparent, tracestate and baggage pass as they came.
	Inject bool
}

func (t *Tracing) validate() error {
	if t != nil && !(t.Sample >= 0 && t.Sample <= 1) {
		return errors.New("relay: the share of exchanges that are traced is not between 0 and 1")
	}
	return nil
}

// trace decides whether spans are made of the exchange. A client that is not
// trusted names no trace: its ids would be written as they are, and its flag
// would have everything recorded.
func (j *journey) trace(t *Tracing) {
	var parent raw.Trace
	if j.believed() {
		sampled, ok := j.parent(&parent)
		if ok && !sampled {
			return
		}
		if !ok {
			parent = raw.Trace{}
		}
	}
	if parent.Parent == [8]byte{} {
		if t.Sample == 0 || rand.Float64() >= t.Sample {
			return
		}
		binary.NativeEndian.PutUint64(parent.ID[:8], nonzero())
		binary.NativeEndian.PutUint64(parent.ID[8:], nonzero())
	}
	binary.NativeEndian.PutUint64(parent.Server[:], nonzero())
	j.ex.Trace = &parent
}

// believed reports whether the trace that a request names is taken over. A service
// takes over what its own clients name and tells it on: it is believed where
// Inject keeps from it what strangers name.
func (j *journey) believed() bool {
	return j.relay.cfg.Trust.Contains(j.info.Peer.Addr()) || j.ex.Direction == raw.Outbound && j.relay.cfg.Tracing.Inject
}

// nonzero is random: an id that is all zero is none.
func nonzero() uint64 { return rand.Uint64() | 1 }

// parent reads the request's traceparent (W3C Trace Context section 3.2). ok is
// false where there is none that is valid.
func (j *journey) parent(t *raw.Trace) (sampled, ok bool) {
	value, one := (*lines)(&j.ex.Request).Last("traceparent", 0)
	if _, two := (*lines)(&j.ex.Request).Last("traceparent", 1); !one || two {
		return false, false
	}
	const length = 55 // 00-<32>-<16>-<2>
	if len(value) < length || value[2] != '-' || value[35] != '-' || value[52] != '-' {
		return false, false
	}
	var version, flags [1]byte
	if !unhex(version[:], value[:2]) || !unhex(t.ID[:], value[3:35]) || !unhex(t.Parent[:], value[36:52]) || !unhex(flags[:], value[53:55]) {
		return false, false
	}
	switch {
	case version[0] == 0xff, version[0] == 0 && len(value) != length, len(value) > length && value[length] != '-':
		return false, false
	case t.ID == [16]byte{}, t.Parent == [8]byte{}:
		return false, false
	}
	return flags[0]&1 != 0, true
}

// unhex decodes lower case only, as the specification has it.
func unhex(dst, src []byte) bool {
	for _, c := range src {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	n, err := hex.Decode(dst, src)
	return err == nil && n == len(dst)
}

// ask notes when the upstream is asked. A request without a body was ready when
// its head was, so that the clock need not be read again.
func (j *journey) ask() {
	j.asked = 0
	if j.ex.Request.Framing != raw.NoBody {
		j.asked = time.Since(j.ex.Started)
	}
	if t := j.ex.Trace; t != nil {
		t.Asked = time.Since(j.ex.Started)
		binary.NativeEndian.PutUint64(t.Client[:], nonzero())
	}
}

// injected is fields with weir's own span in traceparent. Where the trace begins
// here, a tracestate that came is another's and goes. Where there is none, what a
// client that is not believed sent is exchanged for one of which nothing is
// recorded: the service would tell it on, and is believed.
func (j *journey) injected(fields []raw.Pair) []raw.Pair {
	m, t, flags := &j.ex.Request, j.ex.Trace, "-01"
	if t == nil {
		if _, came := (*lines)(m).Last("traceparent", 0); !came || j.believed() {
			return fields
		}
		t, flags = new(raw.Trace), "-00"
		binary.NativeEndian.PutUint64(t.ID[8:], nonzero())
		binary.NativeEndian.PutUint64(t.ID[:8], nonzero())
		binary.NativeEndian.PutUint64(t.Client[:], nonzero())
	}
	var b [55]byte
	own := append(b[:0], "00-"...)
	own = append(hex.AppendEncode(own, t.ID[:]), '-')
	own = append(hex.AppendEncode(own, t.Client[:]), flags...)
	value := m.Append(own)
	kept, done := fields[:0], false
	for _, p := range fields {
		switch {
		case m.Is(p, "traceparent"):
			if done {
				continue
			}
			p.Value, done = value, true
		case t.Parent == [8]byte{} && m.Is(p, "tracestate"):
			continue
		}
		kept = append(kept, p)
	}
	if !done {
		kept = append(kept, raw.Pair{Name: m.AppendString("traceparent"), Value: value})
	}
	return kept
}
