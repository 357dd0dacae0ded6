package telemetry

import (
	"sync/atomic"
	"time"
)

// Exchange is what is counted of one exchange that ended.
type Exchange struct {
	Status   int    // as the client received it; 0: none
	Outcome  uint8  // index into MetricsConfig.Outcomes
	Reason   string // why it was refused, else ""
	Duration time.Duration
	Received int64 // bytes of the request's body or the tunnel's way up
	Sent     int64 // bytes of the response's body or the tunnel's way down
}

// bounds are the buckets that the semantic conventions ask for, in seconds.
var bounds = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

const buckets = 15 // len(bounds) + 1

// boundsNano are bounds in nanoseconds.
var boundsNano = func() (n [buckets - 1]int64) {
	for i, b := range bounds {
		n[i] = int64(b * 1e9)
	}
	return n
}()

var statusClasses = [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}

// Listener counts what passes one listener. All methods are safe for concurrent
// use, allocate nothing, and do nothing on a nil *Listener.
type Listener struct {
	labels  ListenerLabels
	reasons *words

	exchanges [len(statusClasses)][]Counter // by outcome
	durations [len(statusClasses)]histogram
	refused   []Counter // by reason
	received  Counter
	sent      Counter

	connections       Counter
	activeConnections Gauge
	activeExchanges   Gauge
	tunnels           Counter
	activeTunnels     Gauge
}

func newListener(labels ListenerLabels, outcomes []string, reasons *words) *Listener {
	l := &Listener{labels: labels, reasons: reasons, refused: make([]Counter, len(reasons.list))}
	for class := range l.exchanges {
		// One more for an outcome that the list does not have.
		l.exchanges[class] = make([]Counter, len(outcomes)+1)
	}
	return l
}

// Opened counts a connection that was accepted.
func (l *Listener) Opened() {
	if l != nil {
		l.connections.Add(1)
		l.activeConnections.Add(1)
	}
}

// Closed counts its end.
func (l *Listener) Closed() {
	if l != nil {
		l.activeConnections.Add(-1)
	}
}

// Began counts an exchange as active.
func (l *Listener) Began() {
	if l != nil {
		l.activeExchanges.Add(1)
	}
}

// Ended counts an exchange that Began.
func (l *Listener) Ended(x Exchange) {
	if l == nil {
		return
	}
	l.activeExchanges.Add(-1)
	class := x.Status / 100
	if class < 0 || class >= len(statusClasses) {
		class = 0
	}
	byOutcome := l.exchanges[class]
	byOutcome[min(int(x.Outcome), len(byOutcome)-1)].Add(1)
	l.durations[class].observe(x.Duration)
	if x.Reason != "" {
		l.refused[l.reasons.at(x.Reason)].Add(1)
	}
	if x.Received > 0 {
		l.received.Add(uint64(x.Received))
	}
	if x.Sent > 0 {
		l.sent.Add(uint64(x.Sent))
	}
}

// TunnelOpened counts a CONNECT or an upgrade that was established.
func (l *Listener) TunnelOpened() {
	if l != nil {
		l.tunnels.Add(1)
		l.activeTunnels.Add(1)
	}
}

// TunnelClosed counts its end.
func (l *Listener) TunnelClosed() {
	if l != nil {
		l.activeTunnels.Add(-1)
	}
}

// histogram counts durations by bucket.
type histogram struct {
	counts [buckets]atomic.Uint64
	sum    atomic.Int64 // nanoseconds
	_      [56]byte
}

func (h *histogram) observe(d time.Duration) {
	d = max(d, 0)
	i := 0
	for i < len(boundsNano) && int64(d) > boundsNano[i] {
		i++
	}
	h.counts[i].Add(1)
	h.sum.Add(int64(d))
}

// Upstream counts attempts to reach one upstream.
type Upstream struct {
	name string

	Fresh  Counter // attempts on a new connection
	Reused Counter // attempts on a kept one
	Failed Counter // attempts that reached nobody
}

// Sink counts what becomes of entries at one sink. Its zero value counts, and
// is shown nowhere.
type Sink struct {
	name string

	Written  Counter // entries
	Lost     Counter // entries that found no room, or a torn end of
	Gaps     Counter // gap entries written in their place
	Bytes    Counter // written, before compression
	Failures Counter // writes, syncs, renames that failed
	Repairs  Counter // torn tails cut off at start
	Pending  Gauge   // bytes that wait to be written
	Segments Gauge   // on disk, the open ones included
	Sealed   Counter // segments
	Expired  Counter // segments deleted because every entry's time was over
}
