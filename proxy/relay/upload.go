package relay

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"weir/redact/raw"
)

// bufferSize is what a streamed body is carried in, in bytes.
const bufferSize = 64 << 10

// buffers holds what bodies are carried in. It is the package's only state, and
// holds nothing of an exchange longer than it is used.
var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// stall is how long an upload may stand still once its response is complete.
const stall = time.Second

// upload is a request body that is sent by a goroutine of its own.
type upload struct {
	done  chan struct{} // closed when it has ended; nil where there is none
	moved atomic.Int64  // bytes sent, for those who watch it
	ended atomic.Bool   // it is told to end: what it meets from now on is no fault
	// starved is that it had to be ended: it waited for more of the client's body.
	starved bool
	// What it ended with, to be read once done is closed.
	err      error
	ofClient bool
	panicked bool
}

// readAhead reads what of the body is here already, and all of a small one
// whose length was declared. It refuses what is wrong in that much of it.
func (j *journey) readAhead() error {
	m := &j.ex.Request
	if j.bodyRead {
		return nil
	}
	if _, j.expects = m.Lookup("expect"); j.expects {
		return nil // the client sends its body when the upstream says so
	}
	whole := m.Framing == raw.Length && m.ContentLength <= smallBody
	for whole || j.read < smallBody && j.client.Buffered() > 0 {
		n, err := j.client.ReadBody(j.small[j.read:])
		j.tapRequest(j.small[j.read : j.read+n])
		j.read += n
		j.uploaded += int64(n)
		if isEnd(err) {
			j.bodyRead = true
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// send writes the request, or starts the goroutine that does where its body is
// not all here. An upstream that does not take the body may have said why, so
// the error then is left for the response to tell.
func (j *journey) send() error {
	if err := j.up.WriteHead(&j.request); err != nil {
		return err
	}
	if !j.bodyRead {
		j.upload = upload{done: make(chan struct{})}
		go j.runUpload(j.up)
		return nil
	}
	if j.read > 0 && j.up.WriteBody(j.small[:j.read]) != nil {
		return nil
	}
	_ = j.up.FinishRequest(j.requestTrailer())
	return nil
}

func (j *journey) requestTrailer() *raw.Head {
	m := &j.ex.Request
	if len(m.Trailer) == 0 {
		return nil
	}
	j.trailing = raw.Head{From: m, Header: m.Trailer}
	return &j.trailing
}

// runUpload is the upload goroutine. Where the client fails it ends the
// upstream's connection, so that the upstream never takes half a body for a
// whole one and the main goroutine wakes up.
func (j *journey) runUpload(up Upstream) {
	u := &j.upload
	defer close(u.done)
	defer func() {
		if v := recover(); v != nil {
			u.panicked = true
			j.relay.cfg.Log.Panic("upload_panicked", v)
			up.Abort()
		}
	}()
	u.err, u.ofClient = j.uploadTo(up)
	if u.ofClient {
		up.Abort()
	}
}

func (j *journey) uploadTo(up Upstream) (err error, ofClient bool) {
	if j.read > 0 {
		if err := up.WriteBody(j.small[:j.read]); err != nil {
			return err, false
		}
	}
	if err := up.Flush(); err != nil {
		return err, false
	}
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	for {
		n, err := j.client.ReadBody(buf[:])
		if n > 0 {
			j.uploaded += int64(n)
			if werr := up.WriteBody(buf[:n]); werr != nil {
				return werr, false
			}
			j.upload.moved.Add(int64(n))
		}
		if isEnd(err) {
			j.tapRequest(buf[:n])
			j.bodyRead = true
			return up.FinishRequest(j.requestTrailer()), false
		}
		if err != nil {
			return err, !j.upload.ended.Load()
		}
		if j.client.Buffered() == 0 {
			if werr := up.Flush(); werr != nil {
				return werr, false
			}
		}
		j.tapRequest(buf[:n]) // what was read is on its way
	}
}

// awaitUpload lets an upload go on after its response was complete, as long as
// it moves: both ends may want it to. Over HTTP/2 the client learns of the end
// only when the exchange is over, so there it ends now (RFC 9113 section 8.1),
// as it does where the client waited to be asked for its body and was not.
func (j *journey) awaitUpload() {
	if j.upload.done == nil {
		return
	}
	if j.proto == raw.HTTP2 || j.expects && j.upload.moved.Load() == 0 {
		_ = j.joinUpload()
		return
	}
	tick := time.NewTicker(stall)
	defer tick.Stop()
	for last := j.upload.moved.Load(); ; {
		select {
		case <-j.upload.done:
			return
		case <-tick.C:
		}
		moved := j.upload.moved.Load()
		if moved == last {
			_ = j.joinUpload()
			return
		}
		last = moved
	}
}

// joinUpload ends an upload that runs and waits for its goroutine. It returns
// what the client's side of it failed with before it was told to end.
func (j *journey) joinUpload() error {
	u := &j.upload
	if u.done == nil {
		return nil
	}
	select {
	case <-u.done:
	default:
		u.starved = true
		u.ended.Store(true)
		j.client.StopRead()
		j.up.Abort()
		<-u.done
	}
	u.done = nil
	switch {
	case u.panicked:
		return errPanicked
	case u.ofClient:
		return u.err
	}
	return nil
}

var errPanicked = errors.New("upload panicked")
