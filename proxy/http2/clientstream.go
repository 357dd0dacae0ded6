package http2

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"weir/redact/raw"
)

// informational is how many 1xx heads may wait to be read.
const informational = 32

// ClientStream is the upstream's side of one exchange. It satisfies what relay
// calls an upstream. Writing and reading may run beside each other; Abort may
// be called at any time.
type ClientStream struct {
	c      *Client
	ctx    context.Context
	cancel context.CancelFunc

	req    *http.Request
	body   *io.PipeReader // made at once: Abort may come at any time
	pipe   *io.PipeWriter
	bodied bool  // the request has a body
	left   int64 // declared bytes that are not written yet, -1 where none are declared
	heads  chan head
	resp   *http.Response
	m      *raw.Message // the response, for its trailers
	clean  bool         // the response was read to its end
	got    int64        // bytes of it
	answer watchdog
	read   watchdog
	write  watchdog
	reused atomic.Bool
	asked  atomic.Bool // ReadHead was called
	going  atomic.Bool // the request's body is under way
	over   sync.Once
}

// head is one that has arrived, or the error that came instead.
type head struct {
	status int
	header http.Header
	resp   *http.Response // of the final one
	err    error
}

func newClientStream(ctx context.Context, c *Client) *ClientStream {
	s := &ClientStream{c: c, left: -1, heads: make(chan head, informational+1)}
	s.body, s.pipe = io.Pipe()
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.answer = watchdog{limit: c.cfg.Limits.Answer, bite: s.cancel, calm: s.going.Load}
	s.read = watchdog{limit: c.cfg.Limits.Read, bite: s.cancel}
	s.write = watchdog{limit: c.cfg.Limits.Write, bite: s.cancel}
	return s
}

// WriteHead sends the head. An upstream that cannot be reached is told by
// ReadHead or by a later write, as a *DialError.
func (s *ClientStream) WriteHead(h *raw.Head) error {
	target, host := string(h.From.Peek(h.Target)), string(h.From.Peek(h.Authority))
	method := string(h.From.Peek(h.Method))
	if s.req != nil || !token(method) || method == http.MethodConnect || !authority(host) || target != "*" && !strings.HasPrefix(target, "/") {
		return errBadHead
	}
	trace := &httptrace.ClientTrace{Got1xxResponse: s.got1xx, GotConn: func(i httptrace.GotConnInfo) { s.reused.Store(i.Reused) }}
	s.req = (&http.Request{
		Method: method,
		URL:    &url.URL{Scheme: s.c.scheme, Host: upstreamHost, Opaque: opaque(target, host)},
		Host:   host,
		Header: make(http.Header, len(h.Header)),
	}).WithContext(httptrace.WithClientTrace(s.ctx, trace))
	setFields(s.req.Header, h)
	s.announce()
	if _, ok := s.req.Header["User-Agent"]; !ok {
		s.req.Header["User-Agent"] = nil
	}
	if h.Framing != raw.NoBody && !(h.Framing == raw.Length && h.Length == 0) {
		s.bodied = true
		s.going.Store(true)
		s.req.Body, s.req.ContentLength = s.body, -1
		if h.Framing == raw.Length {
			s.req.ContentLength, s.left = h.Length, h.Length
		}
	}
	go s.roundTrip()
	return nil
}

// opaque is the form of a target that net/http sends as it is. It takes what
// begins with two slashes for a host, unless one precedes it.
func opaque(target, host string) string {
	if strings.HasPrefix(target, "//") {
		return "//" + strings.TrimSuffix(host, ":") + target
	}
	return target
}

// announce moves the names of the trailer field to where net/http wants them.
func (s *ClientStream) announce() {
	for _, line := range s.req.Header["Trailer"] {
		for name := range strings.SplitSeq(line, ",") {
			name = textproto.CanonicalMIMEHeaderKey(strings.Trim(name, " \t"))
			if !token(name) || forbiddenTrailer(name) {
				continue
			}
			if s.req.Trailer == nil {
				s.req.Trailer = make(http.Header)
			}
			s.req.Trailer[name] = nil
		}
	}
	delete(s.req.Header, "Trailer")
}

func (s *ClientStream) roundTrip() {
	resp, err := s.c.http.RoundTrip(s.req)
	if err != nil {
		s.heads <- head{err: broken(err)}
		return
	}
	s.heads <- head{status: resp.StatusCode, header: resp.Header, resp: resp}
}

// got1xx runs on the connection's goroutine and must not block. The last place
// is kept for the final head.
func (s *ClientStream) got1xx(status int, header textproto.MIMEHeader) error {
	if len(s.heads) >= informational || status == http.StatusSwitchingProtocols {
		return errBadResponse
	}
	s.heads <- head{status: status, header: http.Header(header)}
	return nil
}

// WriteBody writes payload. It returns when the transport has taken it. An
// upstream that takes no more may have answered early: as long as nobody reads
// the head the rest is dropped, and ReadHead tells which it is.
func (s *ClientStream) WriteBody(p []byte) error {
	if !s.bodied || s.left >= 0 && int64(len(p)) > s.left {
		s.going.Store(false)
		return errBadHead
	}
	s.write.arm()
	_, err := s.pipe.Write(p)
	if err != nil {
		s.going.Store(false)
	}
	if s.write.disarm() {
		return timeoutError{}
	}
	if err != nil && s.asked.Load() {
		return errStopped
	}
	if s.left >= 0 {
		s.left -= int64(len(p))
	}
	s.read.touch()
	return nil
}

// Flush has nothing to do: the transport sends what it has taken at once.
func (s *ClientStream) Flush() error { return nil }

// FinishRequest ends the request with trailer's fields. Those that no trailer
// field announced are left out: net/http cannot send them.
func (s *ClientStream) FinishRequest(trailer *raw.Head) error {
	if !s.bodied {
		return nil
	}
	defer func() {
		s.answer.touch() // an answer is due from now on
		s.going.Store(false)
	}()
	if s.left > 0 {
		s.Abort()
		return errShort
	}
	if trailer != nil && s.req.Trailer != nil {
		for _, p := range trailer.Header {
			name := canonical(trailer.From, p.Name)
			if !forbiddenTrailer(name) {
				s.req.Trailer[name] = append(s.req.Trailer[name], string(trailer.From.Peek(p.Value)))
			}
		}
	}
	return s.pipe.Close()
}

// ReadHead reads the next head into m: each 1xx, then the final one.
func (s *ClientStream) ReadHead(m *raw.Message) error {
	if s.req == nil || s.resp != nil {
		return errBadHead
	}
	s.asked.Store(true)
	s.answer.arm()
	h := <-s.heads
	if bit := s.answer.disarm(); h.err != nil {
		if bit || s.write.bitten() { // it took no more of the request
			return timeoutError{}
		}
		return h.err
	}
	s.m, s.resp = m, h.resp
	return fillResponse(m, &h, s.req.Method, &s.c.cfg.Limits)
}

// ReadBody reads payload; io.EOF at its clean end, with trailers in the
// message's Trailer. A body that was cut off is a *BrokenError, which is an
// io.ErrUnexpectedEOF.
func (s *ClientStream) ReadBody(p []byte) (int, error) {
	if s.resp == nil {
		return 0, errBadHead
	}
	s.read.arm()
	n, err := s.resp.Body.Read(p)
	bit := s.read.disarm()
	s.got += int64(n)
	switch {
	case err == nil:
		return n, nil
	case err == io.EOF:
		if s.m.Framing == raw.Length && s.got != s.m.ContentLength {
			return n, errShort
		}
		if !s.clean {
			s.clean = true
			if addTrailers(s.m, s.resp.Trailer, &s.c.cfg.Limits) != nil {
				return n, errBadResponse
			}
		}
		return n, io.EOF
	case bit, s.write.bitten():
		return n, timeoutError{}
	}
	return n, broken(err)
}

// Buffered is 0: it is not known.
func (s *ClientStream) Buffered() int { return 0 }

// Takeover returns ErrNoTakeover.
func (s *ClientStream) Takeover() (net.Conn, error) { return nil, ErrNoTakeover }

// Release ends the exchange. What has not ended cleanly is reset.
func (s *ClientStream) Release() { s.Abort() }

// Abort resets the stream, if it is open, and unblocks the other methods.
func (s *ClientStream) Abort() {
	s.over.Do(func() {
		s.cancel()
		_ = s.pipe.CloseWithError(errAborted)
	})
}

// Reused reports whether the connection had carried an exchange before.
func (s *ClientStream) Reused() bool { return s.reused.Load() }
