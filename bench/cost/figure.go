package main

import (
	"fmt"
	"math"
)

// figure is a column: what is shown of the values under a key.
type figure struct {
	key, head string
	show      func(float64) string
}

func micros(v float64) string    { return digits(v) + " µs" }
func perSecond(v float64) string { return thousands(v) + "/s" }
func mebibytes(v float64) string { return digits(v/(1<<20)) + " MiB" }
func share(v float64) string     { return fmt.Sprintf("%.0f %%", v*100) }

// span shows a µs as the time that reads best.
func span(v float64) string {
	if v >= 1000 {
		return digits(v/1000) + " ms"
	}
	return micros(v)
}

// digits shows three digits that count.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "–"
	case a >= 1000:
		return thousands(v)
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// thousands shows a whole number with commas.
func thousands(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func number(v float64) string   { return thousands(v) }
func permille(v float64) string { return fmt.Sprintf("%.2f %%", v*100) }
