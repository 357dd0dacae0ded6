package category

import (
	"cmp"
	"slices"
	"strings"
)

// nearest returns up to three keys that s may have been meant for: those a few
// letters away, and those that share its last word. Current keys come before
// replaced ones that are as near.
func nearest(s string) []Key {
	if len(s) > 100 {
		return nil
	}
	s = strings.ToLower(s)
	type candidate struct {
		key  Key
		cost int
	}
	var found []candidate
	for _, k := range keys {
		cost := distance(s, string(k))
		if word := last(s); strings.ReplaceAll(word, "_", "") == strings.ReplaceAll(last(string(k)), "_", "") {
			cost = min(cost, 2)
		} else if len(word) > 3 && distance(word, last(string(k))) <= 2 {
			cost = min(cost, 3)
		}
		if cost > 4 {
			continue
		}
		if tree[k] != "" {
			cost++
		}
		found = append(found, candidate{k, cost})
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(a.cost, b.cost) })
	var near []Key
	for _, c := range found[:min(3, len(found))] {
		near = append(near, c.key)
	}
	return near
}

func last(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }

// distance counts the letters to insert, delete, replace or swap to get from a to b.
func distance(a, b string) int {
	before, previous, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, previous, row = previous, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(previous[j]+1, row[j-1]+1, previous[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
