package relay

import (
	"runtime"
	"time"

	"weir/proxy/telemetry"
	"weir/redact/raw"
)

// end brings both connections to rest, whatever happened. It is deferred by
// carry.
func (j *journey) end() {
	if v := recover(); v != nil {
		j.relay.cfg.Log.Panic("exchange_panicked", v)
		j.guarded(func() {
			_ = j.joinUpload()
			j.dropUpstream()
			j.answer(raw.Panicked, 500)
		})
	}
	j.guarded(j.settle)
	smalls.Put(j.small)
	j.small = nil
	j.measure()
	j.count()
	j.target, j.endpoint = nil, nil
}

// measure tells the exchange how much of it there was.
func (j *journey) measure() {
	x := &j.ex
	x.Request.BodyBytes, x.Response.BodyBytes = j.uploaded, j.carried
	// An upstream may have answered all of a body whose end was not looked for yet.
	x.Request.Whole = j.bodyRead || x.Request.Framing == raw.Length && j.uploaded == x.Request.ContentLength
	x.Response.Whole = j.ended
	x.Duration = time.Since(x.Started)
}

// count tells the metrics of the exchange. Nothing of it is text.
func (j *journey) count() {
	x := &j.ex
	j.relay.cfg.Count.Ended(telemetry.Exchange{
		Method: j.method, Protocol: uint8(j.proto), Status: x.Response.Status, Outcome: uint8(x.Outcome), Reason: x.Reason, Duration: x.Duration,
		Received: x.Request.BodyBytes + x.BytesUp, Sent: x.Response.BodyBytes + x.BytesDown,
	})
	if j.endpoint == nil {
		return // no upstream was reached
	}
	call := telemetry.Call{Method: j.method, Outcome: uint8(x.Outcome), Duration: x.Duration - j.asked}
	if x.FirstByte > 0 { // else the status is weir's own
		call.Status, call.FirstByte = x.Response.Status, x.FirstByte-j.asked
	}
	j.endpoint.origin.count.Ended(call)
	if x.Trace != nil {
		x.Trace.Upstream = j.endpoint.origin.count.Name()
	}
}

// settle leaves no goroutine and no connection behind.
func (j *journey) settle() {
	_ = j.joinUpload()
	if !j.finished {
		j.dropUpstream()
		return
	}
	if up := j.letGo(); up != nil {
		j.client.Unwatch()
		up.Release()
		j.endpoint.well()
	}
}

// observe gives the exchange to its observer. It is deferred by carry, and runs
// when nothing else touches the exchange any more.
func (j *journey) observe() {
	if j.observed {
		return
	}
	if j.observer == nil { // Begin panicked; what it could not judge still happened
		j.guarded(func() { _, j.observer = j.relay.cfg.Gate.Begin(&j.ex) })
	}
	if j.observer != nil {
		// What others have to send goes before the entry of what was sent. Their
		// peers then find work without a pause and need not be woken for each.
		runtime.Gosched()
		j.guarded(func() { j.observer.Observe(&j.ex) })
	}
}

// guarded runs f and tells a panic by its place, never by its value.
func (j *journey) guarded(f func()) {
	defer func() {
		if v := recover(); v != nil {
			j.relay.cfg.Log.Panic("exchange_panicked", v)
		}
	}()
	f()
}
