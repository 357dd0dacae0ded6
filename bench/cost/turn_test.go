package main

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestTwoRunsMeasureOneAfterTheOther(t *testing.T) {
	dir := t.TempDir()
	done, err := turn(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := turn(short, dir); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second run may measure: %v", err)
	}
	done()
	again, err := turn(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
