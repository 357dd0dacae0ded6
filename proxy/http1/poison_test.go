package http1

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptest"
	"testing"

	"weir/redact/raw"
)

// TestWhatTLSHoldsBackNeverAnswersTheNextRequest has an upstream send more than
// its response: bytes that TLS has taken off the socket and nobody has read.
func TestWhatTLSHoldsBackNeverAnswersTheNextRequest(t *testing.T) {
	const stray = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
	long := make([]byte, 5000)
	for name, c := range map[string]struct {
		method string
		writes []string // a record each
	}{
		"a body behind a response to HEAD": {"HEAD", []string{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", stray}},
		"in the body's last record":        {"GET", []string{"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", string(long) + stray}},
		"in a record behind the body's":    {"GET", []string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", stray}},
	} {
		t.Run(name, func(t *testing.T) {
			donor := httptest.NewUnstartedServer(nil)
			donor.StartTLS()
			defer donor.Close()
			front, back := loopback(t)
			gathered := &gathering{Conn: back}
			cfg := donor.TLS.Clone()
			cfg.DynamicRecordSizingDisabled = true // a record for each write
			up := tls.Server(gathered, cfg)
			lim := Default()
			p, err := NewPool(PoolConfig{Limits: &lim, Sweeper: newSweeper(t), Dial: func(context.Context) (net.Conn, error) {
				return tls.Client(front, &tls.Config{InsecureSkipVerify: true}), nil //nolint:gosec // a test's own upstream
			}})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			go func() { _ = up.Handshake() }()
			conn, err := p.Get(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			send(t, conn, c.method, "")
			want(t, up, c.method+" / HTTP/1.1\r\nHost: a.example\r\n\r\n")
			gathered.hold = true
			for _, w := range c.writes {
				write(t, up, w)
			}
			if _, err := back.Write(gathered.held); err != nil { // all in one segment
				t.Fatal(err)
			}
			var m raw.Message
			if err := conn.ReadHead(&m); err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, 16<<10)
			for {
				if _, err := conn.ReadBody(buf); err != nil {
					break
				}
			}
			conn.Release()
			if again, err := p.Get(context.Background()); err == nil && again == conn {
				t.Error("the connection is used again")
			}
		})
	}
}

// gathering keeps what is written, once told to.
type gathering struct {
	net.Conn
	hold bool
	held []byte
}

func (g *gathering) Write(p []byte) (int, error) {
	if !g.hold {
		return g.Conn.Write(p)
	}
	g.held = append(g.held, p...)
	return len(p), nil
}
