package relay

import (
	"errors"
	"net"

	"weir/redact/raw"
)

// tap takes down which bodies the observer is to be given.
func (j *journey) tap(v *raw.Verdict) {
	if v.Request == raw.Counted && v.Response == raw.Counted {
		return
	}
	if j.taps, _ = j.observer.(raw.Taps); j.taps != nil {
		j.tapsRequest, j.tapsResponse = v.Request == raw.Tapped, v.Response == raw.Tapped
	}
}

// tapRequest gives the observer what has passed of the request's body. Where it
// fails, that is no fault of the client's: it is given nothing more.
func (j *journey) tapRequest(p []byte) {
	if !j.tapsRequest || len(p) == 0 {
		return
	}
	j.tapsRequest = false
	j.guarded(func() { j.tapsRequest = j.taps.RequestBody(p) })
}

// tapResponse is tapRequest for the response's body.
func (j *journey) tapResponse(p []byte) {
	if !j.tapsResponse || len(p) == 0 {
		return
	}
	j.tapsResponse = false
	j.guarded(func() { j.tapsResponse = j.taps.ResponseBody(p) })
}

// tapUpgraded has the observer given what passes on an upgraded connection, where
// it wants to be.
func (j *journey) tapUpgraded(client, up net.Conn) (net.Conn, net.Conn) {
	if j.taps == nil || j.upload.done != nil { // a body that still passes is none of the new protocol's
		return client, up
	}
	wanted := false
	j.guarded(func() { wanted = j.taps.Upgraded() })
	if !wanted {
		return client, up
	}
	j.tapsRequest, j.tapsResponse = true, true
	return &tapped{client, j.tapRequest, &j.tapsRequest}, &tapped{up, j.tapResponse, &j.tapsResponse}
}

// tapped is one side of an upgraded connection, of which what is read is looked at.
// It embeds net.Conn, whose Read nothing passes by.
type tapped struct {
	net.Conn
	tap  func([]byte)
	more *bool // of the goroutine that reads
}

func (t *tapped) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.tap(p[:n])
	return n, err
}

// NetConn and Buffered let the connection beneath be read directly once nothing
// more is looked at.
func (t *tapped) NetConn() net.Conn { return t.Conn }

// Buffered is not 0 as long as the bytes to come must be looked at.
func (t *tapped) Buffered() int {
	if *t.more {
		return 1
	}
	return 0
}

func (t *tapped) CloseWrite() error {
	if w, ok := t.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return errors.ErrUnsupported
}
