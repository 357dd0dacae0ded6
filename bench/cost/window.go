package main

import (
	"fmt"
	"time"
)

// The cores: the proxy has the first, load and upstream the second.
const (
	proxyCore = 0
	loadCore  = 1
)

// window is what happened between two looks at the clocks.
type window struct {
	tally
	cpu            float64 // that the proxy took, µs
	busy, loadBusy float64 // share of its core that the proxy took; of the other that anybody did
	others         float64 // share of the proxy's core that others took
}

// during looks at the clocks before and after a load of c's proxy.
func (c *contest) during(load func() (tally, error)) (window, error) {
	var w window
	before, err := c.clocks()
	if err != nil {
		return w, err
	}
	if w.tally, err = load(); err != nil {
		return w, err
	}
	after, err := c.clocks()
	if err != nil {
		return w, err
	}
	if w.failed > 0 {
		return w, fmt.Errorf("%s: %.0f of %.0f requests failed", c.proxy.name, w.failed, w.requests)
	}
	c.sent += w.requests
	w.cpu = float64(after.cpu-before.cpu) / 1e3
	w.busy = w.cpu / w.micros
	w.loadBusy = after.load.since(before.load)
	// The window is a little longer than the load, which starts within it.
	w.others = max(0, after.proxy.since(before.proxy)-w.cpu/(float64(after.at.Sub(before.at))/1e3))
	return w, nil
}

type clocks struct {
	at          time.Time
	cpu         time.Duration
	proxy, load coreTime
}

func (c *contest) clocks() (k clocks, err error) {
	k.at = time.Now()
	if k.cpu, err = cpuTime(c.process.pid); err != nil {
		return k, fmt.Errorf("%s: %w; it said: %s", c.proxy.name, err, c.process.said())
	}
	if k.proxy, err = readCore(proxyCore); err == nil {
		k.load, err = readCore(loadCore)
	}
	return k, err
}
