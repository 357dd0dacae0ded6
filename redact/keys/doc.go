// Package keys keeps the keys of pseudonyms and of encrypted addresses: a chain of
// epochs for each retention class, from which the keys for a service domain are
// derived, and out of which the past is destroyed. FORMAT.md says how a ring lies on
// disk and what is derived how.
//
// Memory in which a key stood is cleared here when the key is destroyed, stacks
// included. What callers were given is theirs to let go of, at the latest when Version
// changes: redact/transform drops its pointers to HMAC states and AES schedules when
// it takes its next exchange, and does not clear them; they stand in memory until the
// garbage collector has given it to something else. Copies made by the Go runtime, the system's swap and core files are out of
// reach.
//
// Keys and rings never print. The package imports nothing of weir but the
// category keys.
package keys
