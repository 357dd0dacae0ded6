package relay

import (
	"errors"
	"net"
	"time"

	"weir/proxy/listen"
	"weir/redact/raw"
)

// halfClosed is how long the other side of a WebSocket stays when one has gone.
const halfClosed = 2 * time.Second

var errUnasked = errors.New("upstream changed to a protocol that was not asked for")

// tunnel carries an upgraded connection to its end: the 101 goes on, then bytes
// in both directions, until either side closes.
func (j *journey) tunnel() {
	j.informationalHead()
	if !j.wanted() {
		j.upstreamFailed(errUnasked)
		return
	}
	x := &j.ex
	x.FirstByte = time.Since(x.Started)
	x.Upgraded, j.headSent = true, true
	if err := j.client.WriteHead(&j.response); err != nil {
		j.clientFailed(err)
		return
	}
	if err := j.client.Flush(); err != nil {
		j.clientFailed(err)
		return
	}
	j.client.Unwatch()
	client, err := j.client.Takeover()
	if err != nil {
		j.clientFailed(err)
		return
	}
	up, err := j.up.Takeover()
	if err != nil {
		_ = client.Close()
		j.upstreamFailed(err)
		return
	}
	if !j.take(client, up) { // weir is stopping
		_ = client.Close()
		_ = up.Close()
	}
	if raw.EqualFold(x.Request.Peek(j.request.Upgrade), "websocket") {
		client, up = parting{client}, parting{up}
	}
	client, up = j.tapUpgraded(client, up)
	j.relay.cfg.Count.TunnelOpened()
	defer j.relay.cfg.Count.TunnelClosed()
	// A tunnel has no end that could be told from a broken one.
	x.BytesUp, x.BytesDown, err = listen.Splice(client, up, j.relay.cfg.TunnelIdle)
	j.finished, j.ended = true, err == nil
	if j.isStopped() {
		x.Outcome = raw.Stopped
	}
}

// wanted reports whether the upstream changes to what the client has asked for, and
// to nothing else (RFC 9110 section 7.8).
func (j *journey) wanted() bool {
	q, p := &j.ex.Request, &j.ex.Response
	all, some := true, false
	each(p, j.response.Upgrade, func(to raw.Span) {
		offered := false
		each(q, j.request.Upgrade, func(from raw.Span) { offered = offered || sameFold(q.Peek(from), p.Peek(to)) })
		all, some = all && offered, true
	})
	return all && some
}

// parting is a side of a WebSocket. When one side has gone the other has
// nothing left to say (RFC 6455 section 7.1.1), so it is closed soon after. Other
// protocols may go on using the half that is left.
type parting struct{ net.Conn }

func (p parting) CloseWrite() error {
	time.AfterFunc(halfClosed, func() { _ = p.Close() })
	if w, ok := p.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return errors.ErrUnsupported
}

// NetConn and Buffered say that reading the connection itself is the same.
func (p parting) NetConn() net.Conn { return p.Conn }
func (p parting) Buffered() int     { return 0 }

// connect has CONNECT served, where it is.
func (j *journey) connect() {
	h := j.relay.cfg.Connect
	if h == nil || j.proto == raw.HTTP2 {
		j.refuse(&refusedError{ConnectRefused, 405})
		return
	}
	x := &j.ex
	j.ask()
	switch status := h.Connect(x, j.client); {
	case status == 0:
		j.finished, j.headSent = true, true
	case x.Outcome != raw.Complete:
		j.answer(x.Outcome, status)
	case status == 403:
		j.answer(raw.Denied, status)
	default:
		j.answer(raw.UpstreamUnreachable, status)
	}
	if j.isStopped() {
		x.Outcome = raw.Stopped
	}
}
