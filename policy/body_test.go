package policy_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"weir/redact/raw"
)

func TestKeysThatNobodyKnowsMakeNoPlacesOfBodies(t *testing.T) {
	p := parse(t, "fields: {request.body.**.kundenr: user.unique_id, 'request.body.order.*': x.order}\n", `field.name.startsWith("x") => keep()`)
	places := make(map[*raw.Place]bool)
	for i := range 20_000 {
		for _, pattern := range []string{"xq%dz", "xq%dz.kundenr", "order.xq%dz", "a.xq%dz", "xq%dz.email"} {
			places[p.Place(raw.RequestBody, fmt.Appendf(nil, pattern, i))] = true
		}
	}
	if len(places) > 20 {
		t.Errorf("%d places", len(places))
	}
}

// Long keys around many values are read once for each of them.
func TestALongNameCostsNoMoreThanItsEnd(t *testing.T) {
	var fields strings.Builder
	fields.WriteString("fields:\n")
	for i := range 200 {
		fmt.Fprintf(&fields, "  request.body.**.a.**.k%d: x.k\n", i)
	}
	p := parse(t, fields.String(), `field.name == "x" => keep()`)
	name := append(bytes.Repeat([]byte("a."), 16<<10), "k7"...)
	if pl := p.Place(raw.RequestBody, name); pl.Category != "x.k" || pl.Text != "request.body.**.k7" {
		t.Errorf("%s is %s", pl.Text, pl.Category)
	}
	if n := testing.AllocsPerRun(100, func() { p.Place(raw.RequestBody, name) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
