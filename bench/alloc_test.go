//go:build !race

package bench

import "testing"

// Under the race detector a sync.Pool forgets on purpose, so this is not built
// for it.
func TestTypicalExchangeStaysWithinTenAllocations(t *testing.T) {
	e, x := engine(t, folder(t)), parsed(t, typical)
	if n := testing.AllocsPerRun(500, func() {
		_, o := e.Begin(x)
		o.Observe(x)
	}); n > 10 {
		t.Errorf("%v allocations", n)
	}
}
