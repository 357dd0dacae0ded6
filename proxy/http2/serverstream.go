package http2

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"weir/redact/raw"
)

// ServerStream is the client's side of one exchange: one stream of a connection
// that Server serves. It satisfies what relay calls a client. ReadBody may run
// beside the writing methods; Abort may be called at any time until Serve returns.
type ServerStream struct {
	lim  Limits
	w    http.ResponseWriter
	r    *http.Request
	rc   *http.ResponseController
	info *ConnInfo

	m       *raw.Message // the request, for its trailers
	read    watchdog
	write   watchdog
	headed  bool  // the final head is on its way
	silent  bool  // no body may follow it
	left    int64 // declared bytes that are not written yet, -1 where none are declared
	ended   bool
	aborted atomic.Bool
	watch   *watch
}

// watch aborts an upstream once the client has gone. After off has returned it
// never does: the upstream may be in other hands.
type watch struct {
	mu   sync.Mutex
	up   interface{ Abort() }
	stop func() bool
}

func (w *watch) gone() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.up != nil {
		w.up.Abort()
	}
}

func (w *watch) off() {
	w.stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.up = nil
}

func newServerStream(lim Limits, w http.ResponseWriter, r *http.Request) *ServerStream {
	s := &ServerStream{lim: lim, w: w, r: r, rc: http.NewResponseController(w), left: -1}
	s.info, _ = r.Context().Value(connKey{}).(*ConnInfo)
	s.read = watchdog{limit: lim.Read, bite: func() { _ = s.rc.SetReadDeadline(time.Unix(1, 0)) }}
	s.write = watchdog{limit: lim.Write, bite: s.reset}
	return s
}

// Info is what is known of the connection.
func (s *ServerStream) Info() ConnInfo { return *s.info }

// Request fills m with the head. Fields are sorted by name and in lower case;
// there is no host field, its value is m's Authority. The error is a
// *RefusedError; m then holds what was parsed before it.
func (s *ServerStream) Request(m *raw.Message) error {
	s.m = m
	return fillRequest(m, s.r, &s.lim, s.info.TLSVersion != 0)
}

// ReadBody reads payload; io.EOF at its end, after which announced trailers
// stand in the request message's Trailer. A stream that was reset gives a
// *BrokenError, a silent client a timeout.
func (s *ServerStream) ReadBody(p []byte) (int, error) {
	s.read.arm()
	n, err := s.r.Body.Read(p)
	if s.read.disarm() && err != nil && err != io.EOF {
		return n, timeoutError{}
	}
	if err == io.EOF && s.m != nil && len(s.m.Trailer) == 0 {
		if err := addTrailers(s.m, s.r.Trailer, &s.lim); err != nil {
			return n, err
		}
	}
	return n, broken(err)
}

// Buffered is 0: it is not known.
func (s *ServerStream) Buffered() int { return 0 }

// StopRead ends a ReadBody that waits, and every later one.
func (s *ServerStream) StopRead() { _ = s.r.Body.Close() }

// WriteHead sends an informational head (1xx but 101) at once; a final one is
// kept until Flush, Finish or a full buffer.
func (s *ServerStream) WriteHead(h *raw.Head) error {
	if h.Status < 100 || h.Status > 999 || h.Status == http.StatusSwitchingProtocols || s.headed {
		return errBadHead
	}
	header := s.w.Header()
	clear(header)
	setFields(header, h)
	if h.Status < 200 {
		s.write.arm()
		s.w.WriteHeader(h.Status)
		clear(header)
		return s.written(nil)
	}
	s.headed = true
	s.silent = h.HeadOnly || s.r.Method == http.MethodHead || h.Status == http.StatusNoContent || h.Status == http.StatusNotModified
	if h.Framing == raw.Length && !s.silent {
		s.left = h.Length
		header["Content-Length"] = []string{strconv.FormatInt(h.Length, 10)}
	}
	// Present and nil: net/http adds neither a date nor a guessed type.
	for _, name := range [...]string{"Date", "Content-Type"} {
		if _, ok := header[name]; !ok {
			header[name] = nil
		}
	}
	s.w.WriteHeader(h.Status)
	return nil
}

// WriteBody writes payload.
func (s *ServerStream) WriteBody(p []byte) error {
	if s.silent {
		return nil
	}
	if s.left >= 0 {
		if int64(len(p)) > s.left {
			return errBadHead
		}
		s.left -= int64(len(p))
	}
	s.write.arm()
	_, err := s.w.Write(p)
	s.read.touch()
	return s.written(err)
}

// Flush sends what is kept. A head that no body follows goes with Finish, as
// it ends the stream.
func (s *ServerStream) Flush() error {
	if s.silent {
		return nil
	}
	s.write.arm()
	return s.written(s.rc.Flush())
}

func (s *ServerStream) written(err error) error {
	if s.write.disarm() {
		return timeoutError{}
	}
	if err == nil && s.aborted.Load() {
		return errAborted
	}
	return broken(err)
}

// Finish ends the response with trailer's fields, announced or not; nil means
// none. A body that is shorter than was declared resets the stream instead.
func (s *ServerStream) Finish(trailer *raw.Head) error {
	if !s.headed {
		return errBadHead
	}
	if s.left > 0 {
		s.Abort()
		return errShort
	}
	// The head has been copied by now; what is left in the map would be taken
	// for the values of announced trailers.
	header := s.w.Header()
	clear(header)
	if trailer != nil {
		for _, p := range trailer.Header {
			name := canonical(trailer.From, p.Name)
			if forbiddenTrailer(name) {
				continue
			}
			name = http.TrailerPrefix + name
			header[name] = append(header[name], string(trailer.From.Peek(p.Value)))
		}
	}
	s.ended = true
	if s.aborted.Load() {
		return errAborted
	}
	return nil
}

// Abort resets the stream at once, so that an unfinished response is visibly
// broken, and unblocks the other methods.
func (s *ServerStream) Abort() {
	if s.aborted.CompareAndSwap(false, true) {
		s.reset()
		s.StopRead()
	}
}

// reset queues a RST_STREAM; frames not yet sent are dropped.
func (s *ServerStream) reset() { _ = s.rc.SetWriteDeadline(time.Unix(1, 0)) }

// Takeover returns ErrNoTakeover.
func (s *ServerStream) Takeover() (net.Conn, error) { return nil, ErrNoTakeover }

// Gone reports whether the client has reset the stream or left. One that took
// nothing for too long has done neither: we reset its stream.
func (s *ServerStream) Gone() bool { return s.r.Context().Err() != nil && !s.write.bitten() }

// Watch calls up's Abort once the client has reset the stream or left, until
// Unwatch or the end of the exchange.
func (s *ServerStream) Watch(up interface{ Abort() }) {
	s.Unwatch()
	s.watch = &watch{up: up}
	s.watch.stop = context.AfterFunc(s.r.Context(), s.watch.gone)
}

// Unwatch ends Watch.
func (s *ServerStream) Unwatch() {
	if s.watch != nil {
		s.watch.off()
		s.watch = nil
	}
}

// end is called when Serve has returned.
func (s *ServerStream) end() { s.Unwatch() }

// finished reports whether the response ended as it should.
func (s *ServerStream) finished() bool { return s.ended && !s.aborted.Load() && !s.write.bit }
