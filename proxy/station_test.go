package proxy

import (
	"io"
	"net"
	"testing"
	"time"

	"weir/proxy/listen"
)

// One that was accepted as the listener closed must not hold the shutdown up for
// as long as it may be silent.
func TestConnectionThatComesWithTheShutdownIsNotWaitedFor(t *testing.T) {
	s := &station{sniff: time.Hour}
	near, far := net.Pipe()
	waiting := listen.NewConn(near)
	if !s.opens(waiting) {
		t.Fatal("refused before the shutdown")
	}
	s.endOpening()
	late, lateFar := net.Pipe()
	s.carry(listen.NewConn(late)) // returns
	for _, c := range []net.Conn{far, lateFar} {
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Error(err)
		}
	}
}
