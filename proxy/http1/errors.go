package http1

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"
)

// ErrStale is a reused upstream connection that ended before the first byte of
// the response: the request may not have been seen, and can be sent again if it
// is idempotent and can be replayed.
var ErrStale = errors.New("http1: reused connection ended before the response")

// ErrStopped is a ReadBody that StopRead ended.
var ErrStopped = errors.New("http1: body no longer wanted")

// Errors of who calls: a head or body that contradicts itself would be sent in
// a framing that the next hop reads differently, so it isn't sent.
var (
	errHead      = errors.New("http1: head contradicts its framing")
	errFieldLine = errors.New("http1: head holds a byte that a head can't hold")
	errBodyLong  = errors.New("http1: body longer than its head says")
	errBodyShort = errors.New("http1: body shorter than its head says")
	errState     = errors.New("http1: call out of order")
)

// timeout is a peer that was silent too long. It is a net.Error.
type timeout struct{}

func (timeout) Error() string   { return "http1: peer silent too long" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return false }

// connError is a failed connection. The net package's own errors print the
// addresses of both ends, so only what failed is kept of them.
type connError struct{ cause error }

func (e *connError) Error() string { return "http1: connection failed: " + e.cause.Error() }
func (e *connError) Unwrap() error { return e.cause }

var errOpaque = errors.New("input/output error")

// safe keeps of an error of a connection what holds no address and no name.
func safe(err error) error {
	var ne net.Error
	var errno syscall.Errno
	var alert tls.AlertError
	switch {
	case err == nil:
		return nil
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		return err
	case errors.As(err, &errno):
		return &connError{errno}
	case errors.Is(err, net.ErrClosed):
		return &connError{net.ErrClosed}
	case errors.As(err, &ne) && ne.Timeout():
		return timeout{}
	case errors.As(err, &alert):
		return &connError{alert}
	}
	return &connError{errOpaque}
}

// broken reports whether err is the end of a connection rather than a limit of
// ours or the peer's bad framing.
func broken(err error) bool {
	var c *connError
	return err == io.EOF || err == io.ErrUnexpectedEOF || errors.As(err, &c)
}
