// Package intercept looks at the TLS that passes through a tunnel: it reads the
// ClientHello, which is sent in the clear, and carries the rest as it is.
//
// What a ClientHello says is the client's word: a server name is recorded
// beside the address that was asked for, never in its place. Where the client
// offers Encrypted Client Hello the name that can be read is not the one that
// is meant, or can't be told from it, so there is none.
//
// The package imports listen and nothing else of weir.
package intercept
