// Package mixed puts a mixed load on one weir process and judges how it bore
// it: plain HTTP/1.1 kept and new, pipelined, bodies small, large, chunked and
// with trailers, TLS, HTTP/2 with and without TLS, streams like gRPC's,
// WebSocket, tunnels, requests by a forward listener, events, slow clients,
// clients and upstreams that break off, an upstream that restarts, a policy that
// changes each second, certificates that are replaced.
//
// Each exchange has a number, which the policy keeps. When weir has ended, every
// number must stand in the log as often as it should: once where the answer was
// complete or the upstream saw the request, at most once where a client broke off
// before. What the policy does not keep must stand nowhere. While weir runs its
// memory, descriptors, goroutines and threads are sampled; they must not grow.
//
// The package imports of weir only proxy/accesslog, to read the log; the process
// itself is the built binary.
package mixed
