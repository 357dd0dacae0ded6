package telemetry

import "sync/atomic"

// Counter only grows. It fills a cache line, so that counters of different
// cores do not slow each other.
type Counter struct {
	n atomic.Uint64
	_ [56]byte
}

// Add counts n more.
func (c *Counter) Add(n uint64) { c.n.Add(n) }

// Load is the count so far.
func (c *Counter) Load() uint64 { return c.n.Load() }

// Gauge goes up and down.
type Gauge struct {
	n atomic.Int64
	_ [56]byte
}

// Add changes the gauge by n.
func (g *Gauge) Add(n int64) { g.n.Add(n) }

// Set makes the gauge n.
func (g *Gauge) Set(n int64) { g.n.Store(n) }

// Load is the value now.
func (g *Gauge) Load() int64 { return g.n.Load() }
