//go:build peers

package peers

import (
	"testing"
	"time"

	"weir/bench/soak/mixed"
)

// A minute of what `make soak` does for an hour.
func TestMixedLoadIsBorneFlatWithOneEntryForEachExchange(t *testing.T) {
	r, err := mixed.New(mixed.Config{Binary: binary, Dir: t.TempDir(), For: time.Minute, Rate: 400, Sample: time.Second, Report: 10 * time.Second, Out: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
}
