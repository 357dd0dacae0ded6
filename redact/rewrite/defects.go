package rewrite

import (
	"sync/atomic"

	"weir/redact"
	"weir/redact/category"
)

// Defects counts what cost fields their text without a rule having said so.
type Defects struct {
	Guarded atomic.Int64 // by the leak guard: defects of weir's
	Keyless atomic.Int64 // the ring has no key of their time
	Faults  atomic.Int64 // weir failed at them
}

// metrics counts nothing else: what is found in a log is in its Counts.
type metrics struct{ *Defects }

// Metrics is d as an engine counts in it.
func (d *Defects) Metrics() redact.Metrics { return metrics{d} }

func (m metrics) Entry()                  {}
func (m metrics) Matched(string, int)     {}
func (m metrics) Found(category.Key, int) {}
func (m metrics) Guarded(fields int)      { m.Defects.Guarded.Add(int64(fields)) }

func (m metrics) Fault(s redact.Stage) {
	if s == redact.Keying {
		m.Keyless.Add(1)
		return
	}
	m.Faults.Add(1)
}
