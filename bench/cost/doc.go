// Command cost measures what weir costs beside its peers: nginx, HAProxy and
// Caddy as reverse proxies, Squid and a bare goproxy as forward proxies. Every
// proxy is the real program with the set-up that an operator would give it.
//
// A round runs the proxies one at a time, each freshly started on a core of its
// own, with the load and the upstream on the other; rounds are interleaved, so
// that what disturbs the machine disturbs all of them. Ratios are made round by
// round. The first figure is the processor time that the proxy's own processes
// took for one request, which other programs disturb little.
//
// No proxy is measured that does not answer as it should or does not log what
// it was set up to log. Everything happens on loopback, in a temporary folder.
package main
