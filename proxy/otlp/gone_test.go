package otlp

import (
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// cable leads to an address until it is cut: what is sent on the connections of
// before then arrives nowhere, and nobody is told.
func cable(t *testing.T, to string) (address string, cut func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var mu sync.Mutex
	gone := make(chan struct{})
	carry := func(from, to net.Conn, gone chan struct{}) {
		defer to.Close()
		for b := make([]byte, 4<<10); ; {
			n, err := from.Read(b)
			if err != nil {
				return
			}
			select {
			case <-gone:
			default:
				_, _ = to.Write(b[:n])
			}
		}
	}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				_ = near.Close()
				continue
			}
			mu.Lock()
			until := gone
			mu.Unlock()
			go carry(near, far, until)
			go carry(far, near, until)
		}
	}()
	return l.Addr().String(), func() {
		mu.Lock()
		defer mu.Unlock()
		close(gone)
		gone = make(chan struct{})
	}
}

// A machine that lost its power closes no connection.
func TestCollectorThatIsGoneWithoutAWordIsAskedAnew(t *testing.T) {
	r := receive(t, GRPC, false)
	cfg := r.config()
	address, cut := cable(t, cfg.Endpoint.Host)
	cfg.Endpoint, cfg.Timeout = &url.URL{Scheme: "http", Host: address}, 2*time.Second
	l := newLogs(t, cfg)
	if n, err := l.Write([]byte(plainLine)); n != len(plainLine) || err != nil {
		t.Fatal(n, err)
	}
	cut()
	if n, err := l.Write([]byte(plainLine)); n != 0 || err == nil {
		t.Fatalf("%d bytes went nowhere, %v", n, err)
	}
	if n, err := l.Write([]byte(plainLine)); n != len(plainLine) || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
}
