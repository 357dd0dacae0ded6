package relay

import (
	"time"

	"weir/proxy/telemetry"
	"weir/redact/raw"
)

// smallBody is the size in bytes of a request body that is read before the
// request is sent: it goes in one write with the head, and it can be sent again.
const smallBody = 16 << 10

// journey is the state of one exchange. Its memory serves one after the other; a
// connection that waits for a request holds none.
type journey struct {
	*seat
	relay  *Relay
	client Client
	info   ConnInfo
	ex     raw.Exchange

	observer raw.Observer
	taps     raw.Taps // nil where no body is tapped
	target   *Target
	endpoint *endpoint // of target, that was used last
	request  raw.Head
	response raw.Head
	trailing raw.Head // of the request's trailers
	trailer  raw.Head // of the response's

	// What is asked of the request once an upload may be writing to it.
	proto      raw.Proto
	method     telemetry.Method
	asksHead   bool
	idempotent bool
	tunnels    bool // it is a CONNECT
	expects    bool // it waits for 100 (Continue)

	small    *[smallBody + 1]byte // what was read of the body before it was sent
	read     int                  // bytes in small
	bodyRead bool                 // the whole body was read
	uploaded int64                // bytes of the request's body that were read
	asked    time.Duration        // when the upstream was, after the exchange's start
	carried  int64                // bytes of the response's body
	headSent bool                 // a final head went to the client
	ended    bool                 // the response's body came to its end
	finished bool                 // the response ended cleanly
	observed bool                 // the observer was called before that
	upload   upload

	tapsRequest  bool // more of the request's body is wanted
	tapsResponse bool
}

// reset makes j ready for another exchange.
func (j *journey) reset() {
	j.ex.Reset()
	j.ex.Direction = j.relay.cfg.Direction
	j.observer, j.taps, j.endpoint = nil, nil, nil
	j.tapsRequest, j.tapsResponse = false, false
	j.read, j.uploaded, j.carried = 0, 0, 0
	j.bodyRead, j.headSent, j.ended, j.finished, j.observed, j.expects = false, false, false, false, false, false
	j.upload = upload{}
}

// lines gives the client's address its field lines.
type lines raw.Message

// Last returns the value of the i-th line of that name from the end.
func (l *lines) Last(name string, i int) ([]byte, bool) {
	m := (*raw.Message)(l)
	for k := len(m.Header) - 1; k >= 0; k-- {
		if !m.Is(m.Header[k], name) {
			continue
		}
		if i == 0 {
			return m.Peek(m.Header[k].Value), true
		}
		i--
	}
	return nil, false
}
