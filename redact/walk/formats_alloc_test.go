//go:build !race

package walk

import (
	"testing"

	"weir/redact/raw"
)

// The race detector has pools forget at random, so this runs without it.

func TestNoValueOfJSONAllocates(t *testing.T) {
	body, short := orders(), []byte(`{"a":"b\n","c":"{\"d\":1}"}`)
	cost := func(body []byte) float64 {
		o := &outlet{kind: raw.RequestBody, values: &idle{put: []byte("<email>")}, limits: defaults, out: func([]byte) {}}
		o.name = make([]byte, 0, 256)
		return testing.AllocsPerRun(20, func() {
			o.count = 0
			p := newJSON(o)
			if why := p.write(body); why != Scanned {
				t.Fatal(why)
			}
			if why := p.close(); why != Scanned {
				t.Fatal(why)
			}
		})
	}
	// Of a larger body the buffers are grown more often, and that is all.
	if long, few := cost(body), cost(short); long > few+20 {
		t.Errorf("%v allocations for 64 KiB, %v for a few values", long, few)
	}
}
