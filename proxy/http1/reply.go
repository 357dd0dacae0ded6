package http1

import (
	"strconv"

	"weir/redact/raw"
)

// WriteHead sends the head of a response. An informational one but 101 leaves
// at once, and is not sent to HTTP/1.0; the final one waits for Flush, Finish or
// a full buffer. Transfer-Encoding, Connection and Upgrade are the codec's own;
// a body without a length ends with the connection where the client speaks
// HTTP/1.0. Nothing else is added.
func (s *ServerConn) WriteHead(h *raw.Head) error {
	interim := h.Status < 200 && h.Status != 101
	switch {
	case h.Status < 100 || h.Status > 999 || s.headed:
		return errState
	case interim && s.old:
		return nil
	}
	var f headFraming
	headOnly := h.HeadOnly || s.to == askedHead
	tunnel := s.to == askedConnect && h.Status/100 == 2
	framing, none := h.Framing, headOnly || tunnel || h.Status < 200 || h.Status == 204 || h.Status == 304
	if none {
		f.anyLength = true
		f.coding = headOnly && framing == raw.Chunked && !s.old && h.Status >= 200 && h.Status != 204
	} else {
		framing = s.frame(h, &f)
	}
	if !interim {
		s.settle(h, framing == raw.UntilClose && !none, &f)
	}
	if tunnel {
		f.close, f.keepAlive = false, false
	}
	f.upgrade = h.From.Peek(h.Upgrade)
	if err := check(h, &f); err != nil {
		return err
	}
	if value(h.From.Peek(h.Reason)) != 0 {
		return errFieldLine
	}
	s.putString("HTTP/1.1 ")
	s.put(strconv.AppendInt(s.out.scratch[:0], int64(h.Status), 10))
	s.putString(" ")
	s.put(h.From.Peek(h.Reason))
	s.put(crlf)
	s.putFields(h, &f)
	if interim {
		s.continued = s.continued || h.Status == 100
		return s.flush()
	}
	s.headed = true
	s.out.framing, s.out.none, s.out.left, s.out.open = framing, none, h.Length, true
	return s.out.err
}

// frame chooses how a body goes to this client, and what may stand beside it.
func (s *ServerConn) frame(h *raw.Head, f *headFraming) raw.Framing {
	switch {
	case h.Framing == raw.Length:
		f.length, f.needLength = h.Length, true
		return raw.Length
	case h.Framing == raw.UntilClose || s.old:
		f.length = -1
		return raw.UntilClose
	}
	// Also where no body follows: an answer to GET has one, an empty one.
	f.length, f.coding = -1, true
	return raw.Chunked
}

// settle decides whether the connection outlives the response, and says so.
func (s *ServerConn) settle(h *raw.Head, untilClose bool, f *headFraming) {
	s.last = s.last || h.Close || s.refused || s.draining.Load() || !s.persist || untilClose
	// A client that still waits for 100 may send its body, or not: the next
	// request could not be told from it.
	if s.expect && !s.continued && !s.bodySeen.Load() && !s.bodyDone.Load() {
		s.last = true
	}
	if h.Status == 101 {
		return
	}
	f.close = s.last
	f.keepAlive = !s.last && s.old
}

// WriteBody sends payload; each call is one chunk where the body goes in chunks.
func (s *ServerConn) WriteBody(p []byte) error {
	if !s.headed {
		return errState
	}
	return s.left(s.writeBody(p))
}

// Flush writes what is buffered.
func (s *ServerConn) Flush() error { return s.left(s.flush()) }

// Finish ends the response: the last chunk with the lines of trailer, which may
// be nil, and a flush. A ReadBody may go on: both ends may want the request to
// end after its response. Where the body falls short of its declared length the
// connection is aborted.
func (s *ServerConn) Finish(trailer *raw.Head) error {
	if !s.headed {
		return errState
	}
	if err := s.conn.finish(trailer); err != nil {
		s.Abort()
		return s.left(err)
	}
	s.replied = true
	return nil
}

// left marks the client gone where writing to it failed.
func (s *ServerConn) left(err error) error {
	if err != nil && broken(err) {
		s.gone.Store(true)
	}
	return err
}
