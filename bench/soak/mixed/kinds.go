package mixed

// kind is one sort of exchange.
type kind struct {
	name string
	// share of the rate that begins exchanges of this kind. Workers are how many
	// can be under way at one time, which bounds those that last.
	share   float64
	workers int
	run     func(*worker) error
}

// all are the kinds of the load.
func all() []kind {
	return []kind{
		{"kept", 0.28, 4, kept},
		{"fresh", 0.06, 2, fresh},
		{"pipelined", 0.04, 1, pipelined},
		{"form", 0.06, 2, form},
		{"upload", 0.02, 2, upload},
		{"chunked", 0.03, 2, chunked},
		{"kept-tls", 0.06, 2, keptTLS},
		{"fresh-tls", 0.015, 2, freshTLS},
		{"to-tls", 0.03, 1, toTLS},
		{"http2-tls", 0.04, 2, http2TLS},
		{"http2-plain", 0.04, 2, http2Plain},
		{"grpc", 0.02, 2, messages},
		{"websocket", 0.01, 4, webSocket},
		{"tunnel", 0.02, 3, tunnel},
		{"forward", 0.06, 2, forwarded},
		{"events", 0.005, 6, serverEvents},
		{"slow-head", 0.004, 4, slowHead},
		{"slow-reader", 0.003, 4, slowReader},
		{"slowloris", 0.001, 3, slowloris},
		{"idle", 0.01, 40, idle},
		{"leaving", 0.04, 4, leaving},
		{"leaving-tunnel", 0.01, 2, leavingTunnel},
		{"cancelled", 0.02, 3, cancelled},
		{"cut", 0.02, 2, cut},
		{"restarted", 0.03, 2, restarted},
	}
}
