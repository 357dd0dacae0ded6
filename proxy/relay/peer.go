package relay

import (
	"net"

	"weir/redact/raw"
)

// Client is the side that a request came from. Byte slices are valid only
// during the call. ReadBody, Buffered and StopRead may be called by another
// goroutine than the rest.
type Client interface {
	// ReadBody reads request payload; io.EOF at its end, after which the trailers
	// stand in the request message. A timeout satisfies net.Error.
	ReadBody(p []byte) (int, error)
	// Buffered is the number of bytes that ReadBody can take without waiting, 0
	// where that is not known.
	Buffered() int
	// StopRead ends a ReadBody that waits and every later one.
	StopRead()
	// WriteHead sends an informational head (1xx but 101) at once and buffers a
	// final one until Flush, a full buffer or Finish.
	WriteHead(h *raw.Head) error
	WriteBody(p []byte) error
	Flush() error
	// Finish ends the response with the trailers of trailer, nil for none.
	Finish(trailer *raw.Head) error
	// Abort makes an unfinished response visibly broken.
	Abort()
	// Takeover ends HTTP on this connection and returns it; bytes that were read
	// early are read from it first. An HTTP/2 stream cannot be taken over.
	Takeover() (net.Conn, error)
	// Watch calls up's Abort when the client leaves, until Unwatch has returned.
	Watch(up interface{ Abort() })
	Unwatch()
	// Gone reports whether the client has left.
	Gone() bool
}

// Upstream is the side that a request goes to, for one exchange. WriteHead to
// FinishRequest may be called by another goroutine than the rest; Abort by any.
type Upstream interface {
	WriteHead(h *raw.Head) error
	WriteBody(p []byte) error
	Flush() error
	FinishRequest(trailer *raw.Head) error
	// ReadHead reads the next response head into m: each 1xx, then the final one.
	ReadHead(m *raw.Message) error
	// ReadBody returns io.EOF at the clean end and any other error for a response
	// that broke off.
	ReadBody(p []byte) (int, error)
	// Buffered is the number of bytes that ReadHead or ReadBody can take without
	// waiting, 0 where that is not known.
	Buffered() int
	// Takeover returns the connection after a 101.
	Takeover() (net.Conn, error)
	// Release gives the connection back. It is used again only if both messages
	// ended cleanly.
	Release()
	// Abort closes at once and unblocks every other call.
	Abort()
	// Reused reports whether the connection had carried an exchange before.
	Reused() bool
}

// Gate is asked once for every exchange, those that were refused included,
// before anything goes upstream. The observer that it returns is called once; where
// the verdict asks for bodies it is a raw.Taps.
type Gate interface {
	Begin(*raw.Exchange) (raw.Verdict, raw.Observer)
}

// Router chooses where a request goes. The error is ErrNoRoute where there is
// no such place.
type Router interface {
	Route(*raw.Exchange) (*Target, error)
}

// ConnectHandler serves a CONNECT request on a forward listener. It returns a
// status to be answered by the relay, or 0 if it took the connection over and
// the tunnel has ended; then it has set the exchange's Outcome and counts.
type ConnectHandler interface {
	Connect(x *raw.Exchange, c Client) (status int)
}
