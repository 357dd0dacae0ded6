package http2

import (
	"sync"
	"time"
)

// watchdog bites when a blocking call lasts longer than limit. net/http's
// deadlines of a stream would also end one that is idle on purpose.
type watchdog struct {
	limit time.Duration
	bite  func()
	calm  func() bool // asked before it bites: whether it is too early to; nil is never

	mu    sync.Mutex
	timer *time.Timer
	until time.Time
	armed bool
	bit   bool
}

func (d *watchdog) arm() {
	if d.limit <= 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.armed, d.until = true, time.Now().Add(d.limit)
	if d.timer == nil {
		d.timer = time.AfterFunc(d.limit, d.fire)
	} else {
		d.timer.Reset(d.limit)
	}
}

// touch begins the limit anew for a call that is under way.
func (d *watchdog) touch() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.armed {
		d.until = time.Now().Add(d.limit)
		d.timer.Reset(d.limit)
	}
}

// disarm reports whether the watchdog has bitten.
func (d *watchdog) disarm() bool {
	if d.limit <= 0 {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.armed = false
	if d.timer != nil {
		d.timer.Stop()
	}
	return d.bit
}

// bitten reports whether it ever bit.
func (d *watchdog) bitten() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.bit
}

// fire holds the lock while it bites, so that after disarm nothing touches the
// stream any more. A timer that fired for an earlier call finds until ahead.
func (d *watchdog) fire() {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case !d.armed || time.Now().Before(d.until):
	case d.calm != nil && d.calm():
		d.until = time.Now().Add(d.limit)
		d.timer.Reset(d.limit)
	default:
		d.armed, d.bit = false, true
		d.bite()
	}
}
