// Package keys keeps the pseudonym keys: a chain of epochs for each retention
// class, from which the key for a service domain and a category is derived, and
// out of which the past is destroyed.
//
// Keys and rings never print. The package imports nothing of weir but the
// category keys.
package keys
