package source

import "strings"

// Nearest returns the candidate that word was probably meant to be: the one
// with the fewest typing errors, at most one in three characters.
func Nearest(word string, candidates []string) (string, bool) {
	if len(word) > 200 {
		return "", false
	}
	word = strings.ToLower(word)
	best, least := "", len(word)/3+2
	for _, c := range candidates {
		if d := distance(word, strings.ToLower(c), least); d < least && d < max(len(word), 2) {
			best, least = c, d
		}
	}
	return best, best != ""
}

// distance counts insertions, deletions, substitutions and swaps of neighbours
// between a and b; limit or more is told as limit.
func distance(a, b string, limit int) int {
	if abs(len(a)-len(b)) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(row[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
