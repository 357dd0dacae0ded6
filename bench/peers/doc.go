// Package peers holds the tests that are too slow for `make test`: weir as a
// process of its own beside real peers, under conditions that only last or
// numbers bring about. They have the build tag peers; `make peers` runs them.
package peers
