package bench

import (
	"context"
	"net"
	"testing"

	"weir/proxy/http1"
)

// loopback is a pair of connected sockets.
func loopback(tb testing.TB) (client, server net.Conn) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		tb.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func upstream(tb testing.TB, dial func() (net.Conn, error), limits *http1.Limits, sweeper *http1.Sweeper) *http1.ClientConn {
	tb.Helper()
	pool, err := http1.NewPool(http1.PoolConfig{Limits: limits, Sweeper: sweeper,
		Dial: func(context.Context) (net.Conn, error) { return dial() }})
	if err != nil {
		tb.Fatal(err)
	}
	up, err := pool.Get(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	return up
}
