// Package walk visits every field of an exchange's heads: addresses, method,
// URL, headers, cookies, trailers, and the parts of headers whose value is a
// URL. It is a push parser: it calls a Visitor, allocates nothing, and stops at
// MaxFields. A Body does the same for bodies as their bytes pass, under their
// codings and charsets, holds what Limits say, and rewrites values where it is
// asked to: nothing else of the body changes. Frames does it for the messages of
// a WebSocket.
//
// What it can not take apart of a head it gives whole, so that nothing goes
// unseen; of a body it says why. It never guesses. The package imports raw and
// must not import detect, policy or transform.
package walk
