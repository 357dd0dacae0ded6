//go:build !race

package bench

import (
	"testing"

	"weir/redact"
)

// Under the race detector a sync.Pool forgets on purpose, so this is not built
// for it. The queue of the log grows a few times, which is less than one in an exchange.
func TestAnExchangeIsRedactedAndLoggedWithoutAllocation(t *testing.T) {
	for name, sink := range map[string]redact.Sink{"redacted": nowhere{}, "logged": folder(t)} {
		for _, head := range []string{typical, small} {
			e, x := engine(t, sink), parsed(t, head)
			if n := testing.AllocsPerRun(1000, func() {
				_, o := e.Begin(x)
				o.Observe(x)
			}); n != 0 {
				t.Errorf("%s: %v allocations", name, n)
			}
		}
	}
}
