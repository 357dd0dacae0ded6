// Package listen holds sockets that know who is at the other end: connections
// that can be peeked at and replayed, the PROXY protocol, whom to believe about
// a client's address, and the carrying of bytes between two connections.
//
// Addresses are personal. Nothing here prints one that came from traffic; a
// configured one is named in errors.
//
// The package imports nothing of weir.
package listen
