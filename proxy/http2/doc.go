// Package http2 carries HTTP/2 exchanges with net/http's own server and
// transport, behind the same methods as package http1: a ServerStream is the
// side that a request came from, a ClientStream the side that it goes to.
//
// Over HTTP/2 names, values and trailers arrive as they were sent; the order
// across different names does not, so fields are sorted by name. The
// request-target is never parsed and written again.
//
// What net/http does not let through, in either direction: request trailers
// that were not announced by a trailer field, and a second user-agent line. It
// takes Expect: 100-continue upon itself and tells the client to go on when the
// body is first read.
//
// It also answers some requests before a ServerStream exists. Of those whose
// target or authority is malformed Config.Refused is told. Nobody is told of
// fields that HTTP/2 forbids (connection, transfer-encoding, te other than
// trailers, upper case, control bytes), nor of heads of four times
// Limits.HeaderBytes: they are answered 400 or 431, or reset.
//
// The package imports raw and nothing else of weir. It must not import http1,
// listen or relay.
package http2
