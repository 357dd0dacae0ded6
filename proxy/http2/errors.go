package http2

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
)

// ErrNoTakeover is returned by Takeover: a stream is not a connection.
var ErrNoTakeover = errors.New("http2: a stream cannot be taken over")

// ErrClosed is returned for a connection that is handed to a closed server.
var ErrClosed = errors.New("http2: server closed")

// ErrPanicked is the cause of a DialError where Dial panicked. What it panicked
// with may hold what passed by, and is let go unread.
var ErrPanicked = errors.New("http2: dial panicked")

// Reasons why a request is refused: written to the log and used as metric
// labels. What package http1 refuses too has the same key there.
const (
	BadMethod              = "bad_method"
	BadTarget              = "bad_target"
	AsteriskWithoutOptions = "asterisk_without_options"
	URLTooLong             = "url_too_long"
	MissingHost            = "missing_host"
	BadHost                = "bad_host"
	UserinfoInHost         = "userinfo_in_host"
	HostMismatch           = "host_mismatch"
	BadContentLength       = "bad_content_length"
	DuplicateContentLength = "duplicate_content_length"
	FramingLookalike       = "framing_lookalike"
	HeaderTooLarge         = "header_too_large"
	TooManyHeaders         = "too_many_headers"
	ForbiddenTrailer       = "forbidden_trailer"
	TrailerTooLarge        = "trailer_too_large"
	ConnectOverHTTP2       = "connect_over_http_2"
)

// Reasons is the closed list of what Reason can say.
func Reasons() []string {
	return []string{BadMethod, BadTarget, AsteriskWithoutOptions, URLTooLong, MissingHost, BadHost, UserinfoInHost, HostMismatch,
		BadContentLength, DuplicateContentLength, FramingLookalike, HeaderTooLarge, TooManyHeaders, ForbiddenTrailer, TrailerTooLarge, ConnectOverHTTP2}
}

// RefusedError says why a request is not served. Its text quotes nothing of it.
type RefusedError struct {
	Reason string
	Status int
}

func (e *RefusedError) Error() string { return "http2: request refused: " + e.Reason }

// BrokenError says how a stream ended before its message did. Its text quotes
// nothing of the peer's.
type BrokenError struct{ Reason string }

func (e *BrokenError) Error() string { return "http2: " + e.Reason }

// Is makes a broken body an io.ErrUnexpectedEOF to those who ask.
func (e *BrokenError) Is(target error) bool { return target == io.ErrUnexpectedEOF }

var (
	errReset       = &BrokenError{"stream ended early"}
	errBadResponse = &BrokenError{"response is malformed"}
	errBadHead     = &BrokenError{"head cannot be sent"}
	errShort       = &BrokenError{"body is shorter than was declared"}
	errStopped     = &BrokenError{"peer takes no more of the body"}
	errAborted     = &BrokenError{"stream was aborted"}
	errNoALPN      = errors.New("http2: upstream did not choose h2")
)

// timeoutError is a net.Error.
type timeoutError struct{}

func (timeoutError) Error() string   { return "http2: peer was silent too long" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return false }
func (timeoutError) Is(target error) bool {
	return target == os.ErrDeadlineExceeded
}

// DialError says that there is no connection to the upstream. Reason is one of
// "connect", "timeout", "tls", "not_http2", "panicked"; the cause can hold addresses and
// names and is left out of its text.
type DialError struct {
	Reason string
	cause  error
}

func (e *DialError) Error() string { return "http2: no connection to the upstream: " + e.Reason }

// Timeout reports whether the upstream was silent.
func (e *DialError) Timeout() bool { return e.Reason == "timeout" }

// Temporary is there to make DialError a net.Error.
func (e *DialError) Temporary() bool { return false }

// Unwrap returns the cause, for errors.Is and errors.As only.
func (e *DialError) Unwrap() error { return e.cause }

func dialError(reason string, err error) *DialError {
	var ne net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout() {
		reason = "timeout"
	}
	return &DialError{reason, err}
}

// broken keeps of an error of net/http what says nothing of the traffic.
func broken(err error) error {
	var dial *DialError
	var known *BrokenError
	switch {
	case err == nil, err == io.EOF:
		return err
	case errors.As(err, &dial):
		return dial
	case errors.As(err, &known):
		return known
	case errors.Is(err, os.ErrDeadlineExceeded):
		return timeoutError{}
	}
	return errReset
}

// refusedBy maps what net/http counts to the reason of a request that it did
// not hand on; "" for faults of a connection, which is no request.
func refusedBy(counted string) string {
	switch strings.TrimPrefix(counted, "stream_PROTOCOL_ERROR_") {
	case "bad_path", "bad_path_method":
		return BadTarget
	case "bad_connect":
		return ConnectOverHTTP2
	case "userinfo_in_authority":
		return UserinfoInHost
	}
	return ""
}
