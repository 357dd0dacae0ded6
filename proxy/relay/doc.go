// Package relay carries one exchange: it asks the gate, cleans what is
// hop-by-hop, forwards, streams the answer back and gives the finished exchange
// to the observer, exactly once, however it ended.
//
// The way of one exchange is carry in carry.go; everything else is a step of it.
// All I/O toward the upstream is done by the goroutine that serves the client's
// connection. Only a request body beyond the buffer gets a second goroutine, as
// an upstream may answer before it has read all of it; that goroutine has ended
// before the observer is called.
//
// Where the gate asks for it, the observer is given the bodies as they pass: what of
// a request is there with its head before that is sent, all else when it is on its
// way already. Nothing waits but for the observer's own work.
//
// An error of this package never quotes a raw value, and an answer of weir's own
// echoes nothing of the request and nothing of a dial error.
//
// It imports raw, http1, http2, listen and nothing higher. It must not import
// redact, policy or intercept: what they say comes through Gate, Router and
// ConnectHandler.
package relay
