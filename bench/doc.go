// Package bench measures weir as a whole: what an exchange costs from the
// parsed heads to the sealed line, with the real policy, key ring and log.
package bench
