package telemetry

import (
	"sync/atomic"
	"time"
)

var statusClasses = [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}

// Listener counts what passes one listener. All methods are safe for concurrent
// use, take no lock, allocate nothing but where a method, status, protocol and
// outcome meet for the first time, and do nothing on a nil *Listener.
type Listener struct {
	labels  ListenerLabels
	reasons *words

	durations cells
	refused   []Counter // by reason
	received  Counter
	sent      Counter
	ends      atomic.Int64 // of its certificate, Unix seconds; 0: none

	// CertificatesTaken and CertificatesRefused count reloads of what it ends TLS
	// with, HandshakesFailed all that did not end in a connection, ClientsRefused
	// those of them that failed by the client's certificate, or for want of one.
	CertificatesTaken, CertificatesRefused Counter
	HandshakesFailed, ClientsRefused       Counter

	connections        Counter
	refusedConnections Counter
	activeConnections  Gauge
	activeExchanges    [len(methods)]Gauge
	tunnels            Counter
	activeTunnels      Gauge
}

func newListener(labels ListenerLabels, reasons *words) *Listener {
	return &Listener{labels: labels, reasons: reasons, refused: make([]Counter, len(reasons.list))}
}

// Opened counts a connection that was accepted.
func (l *Listener) Opened() {
	if l != nil {
		l.connections.Add(1)
		l.activeConnections.Add(1)
	}
}

// Refused counts a connection that was closed because there were too many.
func (l *Listener) Refused() {
	if l != nil {
		l.refusedConnections.Add(1)
	}
}

// Closed counts its end.
func (l *Listener) Closed() {
	if l != nil {
		l.activeConnections.Add(-1)
	}
}

// Began counts an exchange as active.
func (l *Listener) Began(m Method) {
	if l != nil {
		l.activeExchanges[m].Add(1)
	}
}

// Ended counts an exchange that Began.
func (l *Listener) Ended(x Exchange) {
	if l == nil {
		return
	}
	l.activeExchanges[x.Method].Add(-1)
	l.durations.of(l.durations.key(x.Method, x.Status, x.Protocol, x.Outcome)).observe(x.Duration)
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

// CertificateEnds tells until when the certificate is valid with which the
// listener ends TLS.
func (l *Listener) CertificateEnds(at time.Time) {
	if l != nil {
		l.ends.Store(at.Unix())
	}
}

// Upstream counts what is asked of one upstream.
type Upstream struct {
	name string

	durations cells
	firstByte histogram

	Fresh  Counter // attempts on a new connection
	Reused Counter // attempts on a kept one
	Failed Counter // attempts that reached nobody
}

// Name is the upstream as configured, "" for one that was not.
func (u *Upstream) Name() string {
	if u == nil || u.name == other {
		return ""
	}
	return u.name
}

// Ended counts the upstream's part of an exchange. It does nothing on a nil
// *Upstream.
func (u *Upstream) Ended(c Call) {
	if u == nil {
		return
	}
	u.durations.of(u.durations.key(c.Method, c.Status, 0, c.Outcome)).observe(c.Duration)
	if c.FirstByte > 0 {
		u.firstByte.observe(c.FirstByte)
	}
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
