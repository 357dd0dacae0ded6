package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"weir/redact/keys"
	"weir/redact/transform"
)

func TestLongLineIsToldByItsNumber(t *testing.T) {
	key, err := keys.NewFleeting().Encryption("30d", time.Now(), "www", keys.Deterministic)
	if err != nil {
		t.Fatal(err)
	}
	c, err := transform.NewCipher(keys.Deterministic, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		length int
		want   string
		lines  int
	}{
		{100_000, "1 lines hold no address, the first of them line 2", 3},
		{maxAddressLine + 1, "line 2 is longer than 1048576 bytes", 1},
	} {
		var out strings.Builder
		err := decryptLines(&out, strings.NewReader("198.51.100.7\n"+strings.Repeat("9", x.length)+"\n198.51.100.7\n"), c)
		var e *exit
		if !errors.As(err, &e) || e.code != 1 || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), "999") {
			t.Errorf("%d bytes: %v", x.length, err)
		}
		if got := strings.Count(out.String(), "\n"); got != x.lines {
			t.Errorf("%d bytes: %d lines were written", x.length, got)
		}
	}
}
