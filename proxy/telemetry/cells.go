package telemetry

import (
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

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

// histogram counts durations by bucket.
type histogram struct {
	counts [buckets]atomic.Uint64
	sum    atomic.Int64 // nanoseconds
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

// point reads the histogram. Counts may move while it is read: the total is
// made of what was read, so that the point agrees with itself.
func (h *histogram) point() metricdata.HistogramDataPoint[float64] {
	point := metricdata.HistogramDataPoint[float64]{Bounds: bounds, BucketCounts: make([]uint64, buckets),
		Sum: time.Duration(h.sum.Load()).Seconds()}
	for i := range h.counts {
		point.BucketCounts[i] = h.counts[i].Load()
		point.Count += point.BucketCounts[i]
	}
	return point
}

// key is what one histogram counts: a method, a status, a protocol and an outcome.
type key uint32

func (c *cells) key(method Method, status int, protocol, outcome uint8) key {
	if status < 100 || status > 599 {
		status = 0
	}
	if protocol >= c.protocols {
		protocol = 0
	}
	return key(status)<<16 | key(min(outcome, c.outcomes))<<8 | key(method)<<4 | key(protocol)
}

func (k key) status() int     { return int(k >> 16) }
func (k key) outcome() int    { return int(k >> 8 & 255) }
func (k key) method() Method  { return Method(k >> 4 & 15) }
func (k key) protocol() uint8 { return uint8(k & 15) }

// cells holds a histogram for each key that was met. An upstream that makes
// statuses up can not grow it: what finds no place is counted as overflow, as
// OpenTelemetry's SDK does.
type cells struct {
	at       [maxCells]atomic.Pointer[cell]
	used     atomic.Int32
	overflow histogram
	// How many there are: an outcome beyond is "other", a protocol beyond is none.
	outcomes, protocols uint8
}

// maxCells is a power of two; no more than three quarters are used.
const maxCells = 256

type cell struct {
	key key
	histogram
}

// of returns the histogram of a key. It takes no lock, and allocates for a key
// that is new.
func (c *cells) of(k key) *histogram {
	i := uint32(k) * 0x9E3779B1 >> 24
	for {
		p := c.at[i%maxCells].Load()
		if p == nil {
			if p = c.add(i%maxCells, k); p == nil {
				return &c.overflow
			}
		}
		if p.key == k {
			return &p.histogram
		}
		i++
	}
}

// add makes the cell at i, where another was not faster; nil where there are
// too many.
func (c *cells) add(i uint32, k key) *cell {
	if c.used.Add(1) > maxCells*3/4 {
		c.used.Add(-1)
		return nil
	}
	made := &cell{key: k}
	if c.at[i].CompareAndSwap(nil, made) {
		return made
	}
	c.used.Add(-1)
	return c.at[i].Load()
}

// each visits the histograms in use.
func (c *cells) each(visit func(key, *histogram)) {
	for i := range c.at {
		if p := c.at[i].Load(); p != nil {
			visit(p.key, &p.histogram)
		}
	}
}
