package main

import (
	"bytes"
	"testing"

	"weir/redact/detect"
)

func TestNothingIsFoundInOrdinaryUserAgents(t *testing.T) {
	samples, err := read(bytes.NewReader(corpus(t, 10_000, 1, "agents")))
	if err != nil || len(samples) != 10_000 {
		t.Fatal(len(samples), err)
	}
	var s detect.Scanner
	for _, of := range samples {
		if found, complete := s.Scan([]byte(of.Text)); len(found) > 0 || !complete {
			t.Errorf("%s in %s", found[0].Category, of.Text)
		}
	}
}
