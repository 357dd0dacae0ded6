package main

import (
	"fmt"
	"slices"
	"strings"
)

const device = "/device/7f3a9c"

// scenarios are all that is measured, in the order in which it is shown.
func scenarios(o *options, goproxy string) []scenario {
	weirs := []proxy{weir("weir", o.binary)}
	if o.before != "" {
		weirs = append(weirs, weir("weir before", o.before))
	}
	reverse := slices.Concat(weirs, []proxy{nginx, haproxy, caddy})
	var forward []proxy
	for _, p := range weirs {
		forward = append(forward, forwarding(p))
	}
	forward = append(forward, squid, bare(goproxy))
	all := slices.Concat(basic, latency, []figure{{"resident", "resident", mebibytes}})
	some := slices.Concat(basic, []figure{{"resident", "resident", mebibytes}})
	bulk := []figure{{"cpu per MiB", "CPU/MiB", micros}, {"MiB", "MiB/s", thousands}, {"rate", "requests", perSecond}, {"resident", "resident", mebibytes}}
	return []scenario{
		{name: "reverse", title: "Reverse: 1 KiB answers over kept connections", path: device, proxies: reverse, figures: all, measure: kept(32, true), compare: beside("cpu").atMost(map[string]float64{"nginx": 1.3, "Caddy": .2}),
			about: "32 connections, then one. JSON log with the client's address masked; for weir and Caddy a cookie hashed and a query key dropped as well."},
		{name: "tls", title: "Reverse with TLS 1.3 on the client's side", path: device, proxies: reverse, figures: all, measure: kept(32, true), compare: beside("cpu"), secure: true,
			about: "The same with one ECDSA P-256 certificate and AES-128-GCM for all. Handshakes are outside of what is measured."},
		{name: "64k", title: "Reverse: 64 KiB answers", path: "/files/64k", proxies: reverse, figures: some, measure: kept(32, false), compare: beside("cpu"),
			about: "32 kept connections."},
		{name: "10m", title: "Reverse: 10 MiB answers", path: "/files/10m", proxies: reverse, figures: bulk, measure: kept(8, false), compare: beside("cpu per MiB"),
			about: "8 kept connections."},
		{name: "forward", title: "Forward, plain HTTP: 1 KiB answers over kept connections", path: device, proxies: forward, figures: all, measure: kept(32, true), compare: beside("cpu").atMost(map[string]float64{"Squid": .35}), forward: true,
			about: "Absolute-form requests. weir and Squid log with the client's address masked, weir by its whole policy; goproxy logs nothing."},
		{name: "tunnel", title: "Forward, CONNECT: 1 KiB answers through 32 kept tunnels", path: device, proxies: forward, figures: some, measure: tunnelled(loadTunnels), compare: beside("cpu").atMost(map[string]float64{"Squid": 1}), forward: true,
			about: "A request and its answer within a tunnel that is there already."},
		{name: "setup", title: "Forward, CONNECT: a tunnel for each request", path: device, proxies: forward, figures: setUp, measure: tunnelled(loadSetUps), compare: beside("cpu").atMost(map[string]float64{"Squid": 1}), forward: true,
			about: "Connection, CONNECT, one request of 1 KiB, end; 32 at a time. weir and Squid log each tunnel."},
		{name: "idle", title: "10,000 idle connections", path: device, proxies: reverse, measure: idle, compare: beside("bytes each"),
			figures: []figure{{"bytes each", "bytes each", number}, {"resident", "resident", mebibytes}, {"idle cpu", "core while idle", permille}},
			about:   "Each has had one request. What the proxy's memory has grown by, without what the kernel holds for sockets. nginx sets memory aside at its start for all connections that it may have, here 16,384."},
		{name: "cores", title: "GOMAXPROCS 2 beside 1", path: device, proxies: spread2(o), measure: kept(64, false), compare: doubled,
			figures: []figure{{"rate", "requests", perSecond}, {"cpu", "CPU/request", micros}, {"p50", "p50", span}, {"p99", "p99", span}},
			about:   "Proxy, load and upstream all share one core, then two (wrk and upstream with as many threads): twice the requests is what two cores give to programs that never wait for each other. nginx with one and two workers shows what the machine gives. CPU/request says what a second core costs the proxy itself."},
		{name: "rules", title: "Rules in the policy", path: device, proxies: ruled(o), figures: basic, measure: kept(32, false), compare: against("10 rules"),
			about: "Rules whose condition asks for the field alone, beyond the three of the other scenarios."},
	}
}

var (
	basic   = []figure{{"cpu", "CPU/request", micros}, {"rate", "requests", perSecond}, {"p50", "p50, 32", span}, {"p99", "p99, 32", span}}
	latency = []figure{{"p50 of 1", "p50, 1", span}, {"p99 of 1", "p99, 1", span}}
	setUp   = []figure{{"cpu", "CPU/tunnel", micros}, {"rate", "tunnels", perSecond}, {"p50", "p50", span}, {"p99", "p99", span}, {"resident", "resident", mebibytes}}
)

// beside divides weir's figure by that of each other proxy.
func beside(key string) comparison {
	return comparison{head: "weir takes", key: key, pair: func(p string) (string, string) { return "weir", p }}
}

// atMost adds what weir may take.
func (c comparison) atMost(most map[string]float64) comparison {
	c.most = most
	return c
}

// against divides each row's processor time by that of the first.
func against(first string) comparison {
	return comparison{head: "takes", key: "cpu", pair: func(p string) (string, string) { return p, first }}
}

// doubled divides the throughput of two cores by that of one.
var doubled = comparison{head: "of one core", key: "rate", pair: func(p string) (string, string) {
	name, two := strings.CutSuffix(p, ", 2 cores")
	if !two {
		return p, p
	}
	return p, name + ", 1 core"
}}

// spread2 are weir and nginx on one core and on two.
func spread2(o *options) []proxy {
	var all []proxy
	for _, p := range []proxy{weir("weir", o.binary), nginx} {
		one, two := p, p
		one.name, one.cores = p.name+", 1 core", "0"
		two.name, two.cores = p.name+", 2 cores", "0,1"
		all = append(all, one, two)
	}
	return all
}

// ruled are weirs with more and more rules.
func ruled(o *options) []proxy {
	var all []proxy
	for _, n := range []int{10, 100, 1000} {
		p := weir(fmt.Sprintf("%s rules", thousands(float64(n))), o.binary)
		p.rules = n
		all = append(all, p)
	}
	return all
}
