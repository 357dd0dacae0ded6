// Package http1 is HTTP/1.x on the wire: strict heads and framing, a server's
// connection to its client, pooled connections to an upstream, and the sweeper
// that enforces their deadlines.
//
// One goroutine carries a connection. In steady state an exchange makes no
// goroutine, channel, timer or context and allocates nothing: buffers are
// pooled and held only while they hold bytes, head bytes are copied once, from
// the read buffer into the message's arena, and deadlines are numbers that the
// one goroutine of the Sweeper compares with its coarse clock.
//
// The codec does not guess. What it can't frame with certainty it refuses, by a
// reason from a closed list (Reasons), and the connection ends. No error quotes
// what was read, nor an address.
//
// The package imports nothing of weir but redact/raw and proxy/listen, and never
// net/http.
package http1
