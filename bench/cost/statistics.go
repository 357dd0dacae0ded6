package main

import (
	"math"
	"slices"
)

// spread is the median of some values and the range that they lie in.
type spread struct{ median, least, most float64 }

// spreadOf is the spread of values, NaN where there are none.
func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{math.NaN(), math.NaN(), math.NaN()}
	}
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	return spread{(v[(n-1)/2] + v[n/2]) / 2, v[0], v[n-1]}
}

// ratios divides pair by pair: what both measured in the same round.
func ratios(above, below []float64) []float64 {
	var all []float64
	for i := range min(len(above), len(below)) {
		all = append(all, above[i]/below[i])
	}
	return all
}
