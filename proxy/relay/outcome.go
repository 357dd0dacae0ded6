package relay

import (
	"cmp"
	"errors"
	"io"
	"net"

	"weir/proxy/http1"
	"weir/proxy/http2"
	"weir/proxy/telemetry"
	"weir/redact/raw"
)

// Reasons that relay itself gives a refused exchange. The list is closed: they
// are written to the log and used as metric labels.
const (
	ForbiddenAddress = "forbidden_address" // the target resolved to weir itself, a link-local or a metadata address
	NotForProxy      = "not_for_proxy"     // an origin-form target on a forward listener
	ConnectRefused   = "connect_refused"   // CONNECT where it is not served
	UnknownScheme    = "unknown_scheme"    // an absolute target that is neither http nor https
)

// Reasons is the closed list of reasons of this package.
var Reasons = []string{ForbiddenAddress, NotForProxy, ConnectRefused, UnknownScheme}

// refusedError is a refusal of the relay's own.
type refusedError struct {
	reason string
	status int
}

func (e *refusedError) Error() string { return "request refused: " + e.reason }

// refuse answers a request that is not forwarded for what it is.
func (j *journey) refuse(err error) {
	reason, status := refusal(err)
	switch {
	case reason != "":
		j.ex.Reason = reason
		outcome := raw.Refused
		if status == 408 {
			outcome = raw.ClientTimeout
		}
		j.answer(outcome, status)
	default:
		j.clientFailed(err)
	}
}

// refusal returns the reason key and the status of an error by which a codec or
// the relay refuses a request; "" where err is none.
func refusal(err error) (reason string, status int) {
	var own *refusedError
	var one *http1.RefusedError
	var body *http1.FramingError
	var two *http2.RefusedError
	switch {
	case errors.As(err, &own):
		return own.reason, own.status
	case errors.As(err, &one):
		return one.Reason, one.Status
	case errors.As(err, &body):
		return body.Reason, body.Status
	case errors.As(err, &two):
		return two.Reason, two.Status
	}
	return "", 0
}

// deny answers what the gate stopped.
func (j *journey) deny(v raw.Verdict) {
	outcome := raw.Denied
	if v.Reason != "" {
		j.ex.Reason, outcome = v.Reason, raw.Refused
	}
	j.answer(outcome, cmp.Or(v.Status, 403))
}

func (j *journey) noRoute(err error) {
	if errors.Is(err, ErrNoRoute) {
		j.answer(raw.NoRoute, 421)
		return
	}
	if reason, _ := refusal(err); reason != "" {
		j.refuse(err)
		return
	}
	j.answer(raw.UpstreamUnreachable, 502)
}

// unreachable answers where there is no connection to the upstream.
func (j *journey) unreachable(err error) {
	switch {
	case j.isStopped():
		j.answer(raw.Stopped, 503)
	case errors.Is(err, errGone):
		j.clientFailed(err)
	case errors.Is(err, http1.ErrFull):
		j.answer(raw.UpstreamFull, 503)
	case errors.Is(err, http2.ErrPanicked):
		j.relay.cfg.Log.Error("dial_panicked")
		j.answer(raw.Panicked, 500)
	case errors.Is(err, ErrForbidden):
		j.ex.Reason = ForbiddenAddress
		status := 502
		if j.ex.Direction == raw.Outbound {
			status = 403
		}
		j.answer(raw.Refused, status)
	case isTimeout(err):
		j.relay.cfg.Log.Warn("upstream_unreachable", telemetry.Err(err))
		j.answer(raw.UpstreamTimeout, 504)
	default:
		j.relay.cfg.Log.Warn("upstream_unreachable", telemetry.Err(err))
		j.answer(raw.UpstreamUnreachable, 502)
	}
}

// clientFailed ends an exchange whose request could not be read to its end, or
// whose client takes no more. Nobody is left to be answered, save where the
// request itself was at fault.
func (j *journey) clientFailed(err error) {
	_ = j.joinUpload() // err is what came first
	j.dropUpstream()
	reason, status := refusal(err)
	switch {
	case err == errPanicked:
		j.answer(raw.Panicked, 500)
	case j.isStopped():
		j.abort(raw.Stopped)
	case reason != "":
		j.ex.Reason = reason
		j.answer(raw.Refused, status)
	case isTimeout(err) && !j.client.Gone():
		if j.headSent {
			j.abort(raw.ClientTimeout)
		} else {
			j.answer(raw.ClientTimeout, 408)
		}
	default:
		j.abort(raw.ClientGone)
	}
}

// upstreamFailed ends an exchange whose response did not come, or broke off.
// The cause may be at the other end: a client that left, or that broke its body
// off while it was uploaded, ends the upstream's connection too.
func (j *journey) upstreamFailed(err error) {
	fault := j.joinUpload()
	var late *http2.DialError
	switch {
	case j.isStopped():
		j.dropUpstream()
		j.answer(raw.Stopped, 503)
	case j.client.Gone():
		j.clientFailed(errGone)
	case fault != nil:
		j.clientFailed(fault)
	case errors.As(err, &late): // net/http wanted another connection when it was given the head
		j.dropUpstream()
		if !errors.Is(err, http1.ErrFull) {
			j.target.failed(j.endpoint)
		}
		j.endpoint.forget()
		j.unreachable(err)
	case isTimeout(err):
		j.dropUpstream()
		j.target.failed(j.endpoint)
		j.answer(raw.UpstreamTimeout, 504)
	default:
		j.dropUpstream()
		// A stale connection is no fault, nor is one given up that waited for a body.
		if !errors.Is(err, http1.ErrStale) && !j.upload.starved {
			j.target.failed(j.endpoint)
		}
		j.answer(raw.UpstreamBroken, 502)
	}
}

// streamFailed ends an exchange whose response broke off on either side.
func (j *journey) streamFailed(err error) {
	var s *streamError
	if errors.As(err, &s) && s.client {
		j.clientFailed(s.err)
		return
	}
	j.upstreamFailed(err)
}

func (j *journey) abort(outcome raw.Outcome) {
	j.ex.Outcome = outcome
	j.client.Abort()
}

// mayRetry reports whether the request can be sent once more after err. What a
// goroutine uploads cannot.
func (j *journey) mayRetry(err error) bool {
	return j.upload.done == nil && j.up.Reused() && j.idempotent && j.bodyRead && errors.Is(err, http1.ErrStale) && !j.client.Gone() && !j.isStopped()
}

var errGone = errors.New("client has left")

func isEnd(err error) bool { return err == io.EOF }

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// refuses reports whether err is a refusal, which has a reason, and not the end
// of a connection.
func refuses(err error) bool {
	reason, _ := refusal(err)
	return reason != ""
}
