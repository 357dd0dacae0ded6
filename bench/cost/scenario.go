package main

import "slices"

// scenarios are all that is measured, in the order in which it is shown.
func scenarios(o *options) []scenario {
	weirs := []proxy{weir("weir", o.binary)}
	if o.before != "" {
		weirs = append(weirs, weir("weir before", o.before))
	}
	requests := []figure{
		{"cpu", "CPU/request", micros}, {"rate", "requests", perSecond}, {"p50", "p50, 32", span}, {"p99", "p99, 32", span},
		{"p50 of 1", "p50, 1", span}, {"p99 of 1", "p99, 1", span}, {"resident", "resident", mebibytes},
	}
	return []scenario{
		{name: "reverse", title: "Reverse, 1 KiB answers over kept connections, masked JSON log", path: "/device/7f3a9c",
			proxies: slices.Concat(weirs, []proxy{nginx, haproxy, caddy}), figures: requests, measure: kept(32)},
	}
}
