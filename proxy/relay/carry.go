package relay

import (
	"net/netip"
	"time"

	"weir/proxy/telemetry"
	"weir/redact/raw"
)

// carry is the way of one exchange. refusal is why the request could not be
// read, nil where it could: then nothing goes upstream. When carry returns the
// observer has been called, and nothing of the exchange is used any more.
func (j *journey) carry(refusal error) {
	j.small = smalls.Get().(*[smallBody + 1]byte)
	defer j.observe()
	defer j.end()

	j.method = telemetry.MethodOf(j.ex.Request.Peek(j.ex.Request.Method))
	j.relay.cfg.Count.Began(j.method)
	// The gate hears of every exchange, refused ones too.
	j.facts()
	if t := j.relay.cfg.Tracing; t != nil {
		j.trace(t)
	}
	verdict, observer := j.relay.cfg.Gate.Begin(&j.ex)
	j.observer = observer
	j.tap(&verdict)
	switch {
	case refusal != nil:
		j.refuse(refusal)
		return
	case verdict.Deny:
		j.deny(verdict)
		return
	case j.tunnels:
		j.connect()
		return
	}
	if err := j.suits(); err != nil {
		j.refuse(err)
		return
	}
	target, err := j.relay.cfg.Router.Route(&j.ex)
	if err != nil {
		j.noRoute(err)
		return
	}

	j.relays(target.origins[0], netip.Addr{})

	// What arrived with the head is read first: a body that is refused, or that
	// the client never finishes, then costs the upstream nothing.
	if err := j.readAhead(); err != nil {
		j.clientFailed(err)
		return
	}
	j.ask()
	j.requestHead(target)
	j.target = target

	// A connection that was kept may die of age just now. Only that is tried
	// again, once, and only with what can be sent twice.
	for again := false; ; again = true {
		if err := j.open(target, again); err != nil {
			j.unreachable(err)
			return
		}
		err := j.send()
		if err == nil {
			err = j.readHead()
		}
		if err == nil {
			break
		}
		if again || !j.mayRetry(err) {
			j.upstreamFailed(err)
			return
		}
		j.dropUpstream()
	}
	target.answered(j.endpoint)

	for j.ex.Response.Status < 200 {
		if j.ex.Response.Status == 101 {
			j.tunnel()
			return
		}
		if err := j.inform(); err != nil {
			j.clientFailed(err)
			return
		}
		if err := j.readHead(); err != nil {
			j.upstreamFailed(err)
			return
		}
	}
	j.ex.FirstByte = time.Since(j.ex.Started)

	j.responseHead()
	j.headSent = true
	if err := j.client.WriteHead(&j.response); err != nil {
		j.clientFailed(err)
		return
	}
	if err := j.stream(); err != nil {
		j.streamFailed(err)
		return
	}
	j.finished = true
	j.awaitUpload()
}

// streamError is a failure while a response was streamed, and whose it is.
type streamError struct {
	err    error
	client bool
}

func (e *streamError) Error() string { return "response not finished" }
func (e *streamError) Unwrap() error { return e.err }

// stream carries the response's body and its end. What the upstream has sent is
// on its way to the client before more is waited for.
func (j *journey) stream() error {
	m, h := &j.ex.Response, &j.response
	var buf []byte
	// What an upload has yet to send lies in small.
	if j.upload.done == nil && (h.HeadOnly || h.Framing == raw.Length && h.Length <= smallBody) {
		buf = j.small[:]
	} else {
		pooled := buffers.Get().(*[bufferSize]byte)
		defer buffers.Put(pooled)
		buf = pooled[:]
	}
	var held, passed []byte
	if j.relay.cfg.Durable {
		buf = buf[:len(buf)-1] // so that what is held leaves room to see the end
	}
	for {
		whole := h.HeadOnly || h.Framing == raw.Length && j.carried == h.Length
		if !whole && j.up.Buffered() == 0 {
			if err := j.client.Flush(); err != nil {
				return &streamError{err, true}
			}
		}
		j.tapResponse(passed) // what was read is on its way
		n, err := j.up.ReadBody(buf)
		passed = buf[:n]
		if n > 0 {
			j.carried += int64(n)
			if j.relay.cfg.Durable && h.Framing == raw.Length && j.carried == h.Length {
				held, buf = buf[:n], buf[n:cap(buf)]
			} else if werr := j.client.WriteBody(buf[:n]); werr != nil {
				return &streamError{werr, true}
			}
		}
		if isEnd(err) {
			j.ended = true
			break
		}
		if err != nil {
			return &streamError{err, false}
		}
	}
	j.tapResponse(passed)
	var trailer *raw.Head
	if len(m.Trailer) > 0 && !h.HeadOnly {
		j.trailer = raw.Head{From: m, Header: m.Trailer}
		trailer = &j.trailer
	}
	if j.relay.cfg.Durable {
		if err := j.settleFirst(held); err != nil {
			return &streamError{err, true}
		}
	}
	if err := j.client.Finish(trailer); err != nil {
		return &streamError{err, true}
	}
	return nil
}

// inform passes a 1xx on at once. An HTTP/1.0 client would take it for the
// answer (RFC 9110 section 15.2).
func (j *journey) inform() error {
	if j.proto == raw.HTTP10 {
		return nil
	}
	j.informationalHead()
	return j.client.WriteHead(&j.response)
}

func (j *journey) readHead() error {
	j.ex.Response.Reset()
	return j.up.ReadHead(&j.ex.Response)
}
