package intercept

import (
	"errors"
	"time"

	"weir/proxy/listen"
)

// ErrNotTLS is a connection that begins with something else; ErrMalformed one
// that begins like TLS but not with a ClientHello that can be read.
var (
	ErrNotTLS    = errors.New("intercept: not TLS")
	ErrMalformed = errors.New("intercept: malformed ClientHello")
)

// PeekHello reads the ClientHello that c begins with and leaves it to be read
// again. The client has until deadline for all of it, the zero time being no
// limit; the read deadline is cleared afterwards. Whatever the error, nothing is
// lost of what has come.
func PeekHello(c *listen.Conn, deadline time.Time) (Hello, error) {
	if !deadline.IsZero() {
		if err := c.SetReadDeadline(deadline); err != nil {
			return Hello{}, err
		}
		defer func() { _ = c.SetReadDeadline(time.Time{}) }()
	}
	var r reader
	for seen := 0; ; {
		b, err := c.Peek(seen + 1)
		state := r.feed(b[seen:])
		seen = len(b)
		switch {
		case state == complete:
			return r.hello, nil
		case state == notTLS:
			return Hello{}, ErrNotTLS
		case state == malformed, errors.Is(err, listen.ErrPeek):
			return Hello{}, ErrMalformed
		case err != nil:
			return Hello{}, err
		}
	}
}
