package main

import (
	"math"
	"slices"
	"testing"
)

func TestSpreadIsTheMedianAndTheRange(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   spread
	}{
		{[]float64{3}, spread{3, 3, 3}},
		{[]float64{9, 1, 2}, spread{2, 1, 9}},
		{[]float64{4, 1, 3, 2}, spread{2.5, 1, 4}},
	} {
		before := slices.Clone(c.values)
		if got := spreadOf(c.values); got != c.want {
			t.Errorf("spreadOf(%v) = %v, want %v", c.values, got, c.want)
		}
		if !slices.Equal(before, c.values) {
			t.Errorf("spreadOf changed the order of the rounds to %v", c.values)
		}
	}
	if got := spreadOf(nil); !math.IsNaN(got.median) {
		t.Errorf("the median of nothing is %v", got.median)
	}
}

func TestRatiosAreMadeRoundByRound(t *testing.T) {
	// The median of the ratios is not the ratio of the medians.
	above, below := []float64{10, 40, 30}, []float64{20, 10, 30}
	if got := ratios(above, below); !slices.Equal(got, []float64{.5, 4, 1}) {
		t.Errorf("ratios are %v", got)
	}
	if got := ratios(above, below[:1]); !slices.Equal(got, []float64{.5}) {
		t.Errorf("a round that only one has measured is compared: %v", got)
	}
}

func TestFiguresShowThreeDigitsThatCount(t *testing.T) {
	for v, want := range map[float64]string{1.234: "1.23", 12.34: "12.3", 123.4: "123", 1234.5: "1,234", 1234567: "1,234,567", 0: "0.00"} {
		if got := digits(v); got != want {
			t.Errorf("digits(%v) = %s, want %s", v, got, want)
		}
	}
	for v, want := range map[float64]string{-123: "-123", -1234: "-1,234", 999: "999"} {
		if got := thousands(v); got != want {
			t.Errorf("thousands(%v) = %s, want %s", v, got, want)
		}
	}
	if got := with([]float64{2000, 1000, 3000}, span); got != "2.00 ms (1.00–3.00)" {
		t.Errorf("one unit: %s", got)
	}
	if got := with([]float64{1500, 900, 3000}, span); got != "1.50 ms (900 µs–3.00 ms)" {
		t.Errorf("a unit that is another is not told: %s", got)
	}
}
