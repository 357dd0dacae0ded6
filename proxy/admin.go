package proxy

import (
	"context"
	"net"
	"net/http"
	"time"

	"weir/proxy/listen"
	"weir/proxy/telemetry"
)

// admin serves health and metrics.
type admin struct {
	socket *listen.Listener
	server *http.Server
}

func newAdmin(l *listen.Listener, health *telemetry.Health, metrics *telemetry.Metrics, log *telemetry.Log) *admin {
	return &admin{socket: l, server: &http.Server{
		Handler:           health.Handler(metrics.Handler()),
		ErrorLog:          log.Foreign("admin").Logger(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}}
}

// accepting is a listener as net/http wants one.
type accepting struct{ l *listen.Listener }

func (a accepting) Accept() (net.Conn, error) { return a.l.Accept() }
func (a accepting) Close() error              { return a.l.Close() }
func (a accepting) Addr() net.Addr            { return net.TCPAddrFromAddrPort(a.l.Addr()) }

func (a *admin) serve() { _ = a.server.Serve(accepting{a.socket}) }

func (a *admin) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if a.server.Shutdown(ctx) != nil {
		_ = a.server.Close()
	}
}
