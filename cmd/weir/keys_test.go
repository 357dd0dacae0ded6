package main

import (
	"strings"
	"testing"
	"time"

	"weir/redact/keys"
)

func TestRotationToldByClassWhereClassesCameAndWent(t *testing.T) {
	from := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	held := func(class string, epochs int) keys.Held { return keys.Held{Class: class, From: from, Epochs: epochs} }
	var out strings.Builder
	retired(&out, []keys.Held{held("30d", 40), held("90d", 100)}, []keys.Held{held("1y", 1), held("30d", 32), held("7d", 2), held("90d", 92)})
	want := `1y: 0 epochs destroyed, kept from 2026-11-22
30d: 8 epochs destroyed, kept from 2026-11-22
7d: 0 epochs destroyed, kept from 2026-11-22
90d: 8 epochs destroyed, kept from 2026-11-22
`
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", &out, want)
	}
}
