package relay

import (
	"slices"
	"time"

	"weir/proxy/telemetry"
)

// mostEjected is how many times longer than the first an ejection may last.
const mostEjected = 10

// roster is a target's endpoints, and those of them that are not ejected. It is
// never changed.
type roster struct{ all, fit []*endpoint }

// enroll makes a new roster. It is called with mu held, save by NewTarget.
func (t *Target) enroll() {
	r := &roster{}
	for _, o := range t.origins {
		r.all = append(r.all, o.endpoints...)
	}
	for _, e := range r.all {
		if e.until.Load() == 0 {
			r.fit = append(r.fit, e)
		}
	}
	t.roster.Store(r)
}

// now is the time since the target was made, in nanoseconds. No clock that is
// set moves it.
func (t *Target) now() int64 { return int64(time.Since(t.born)) }

// pick returns the endpoint whose turn it is, of those that were not tried: one
// that is ejected when its time is over, or when there is no other. nil is none.
func (t *Target) pick(tried []*endpoint) *endpoint {
	r := t.roster.Load()
	if len(r.all) == 1 && len(tried) == 0 {
		return r.all[0]
	}
	if len(r.fit) < len(r.all) {
		if e := t.due(r.all); e != nil && !slices.Contains(tried, e) {
			return e
		}
	}
	if e := t.next(r.fit, tried); e != nil {
		return e
	}
	return t.next(r.all, tried)
}

// next goes round. One whose connections are all in use is passed over where
// another has one.
func (t *Target) next(of, tried []*endpoint) *endpoint {
	if len(of) == 0 {
		return nil
	}
	var full *endpoint
	at := int(t.turn.Add(1) % uint32(len(of)))
	for range of {
		e := of[at]
		if at++; at == len(of) {
			at = 0
		}
		switch {
		case slices.Contains(tried, e):
		case !e.one.Full():
			return e
		case full == nil:
			full = e
		}
	}
	return full
}

// due returns an ejected endpoint that may be tried again. Only one exchange is
// sent there until it is known what became of it, or as long again has passed.
func (t *Target) due(all []*endpoint) *endpoint {
	now := t.now()
	for _, e := range all {
		until := e.until.Load()
		if until == 0 || until > now || !e.until.CompareAndSwap(until, now+int64(t.cfg.EjectFor)) {
			continue
		}
		t.mu.Lock()
		e.trying = true
		t.mu.Unlock()
		return e
	}
	return nil
}

// failed notes that e could not be connected to, did not answer, or broke its
// answer off. What it answers is its own affair, 5xx too: an error that a
// request provokes would eject every endpoint in turn. One that fails for the
// EjectAfter-th time in a row is ejected, for twice as long as last time.
func (t *Target) failed(e *endpoint) {
	if int(e.fails.Add(1)) < t.cfg.EjectAfter {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if len(t.roster.Load().all) == 1 || e.until.Load() > now && !e.trying {
		return // what was sent before it was ejected
	}
	if e.until.Load() == 0 && now-e.backAt > mostEjected*int64(t.cfg.EjectFor) {
		e.streak = 0
	}
	span := t.cfg.EjectFor * time.Duration(min(1<<min(e.streak, 8), mostEjected))
	e.streak++
	e.ejections++
	e.trying = false
	e.until.Store(now + int64(span))
	t.enroll()
	t.cfg.Log.Warn("upstream_ejected", telemetry.Name("upstream", e.origin.address), telemetry.Duration("for", span))
}

// answered notes that e has answered: it is back, though one failure more ejects
// it again until an exchange has ended well.
func (t *Target) answered(e *endpoint) {
	if e.until.Load() == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if e.until.Swap(0) == 0 {
		return // somebody else was told just now
	}
	e.trying, e.backAt = false, t.now()
	t.enroll()
	t.cfg.Log.Info("upstream_back", telemetry.Name("upstream", e.origin.address))
}

// well notes that an exchange with e has ended as it should.
func (e *endpoint) well() {
	if e.fails.Load() != 0 {
		e.fails.Store(0)
	}
}
