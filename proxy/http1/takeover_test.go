package http1

import (
	"io"
	"net"
	"testing"

	"weir/redact/raw"
)

func TestTakeoverReplaysWhatCameEarly(t *testing.T) {
	client, s := served(t, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\nearly", nil)
	var m raw.Message
	if err := s.ReadRequest(&m); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteHead(response(200)); err != nil {
		t.Fatal(err)
	}
	nc, err := s.Takeover()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, client, "HTTP/1.1 200 Fine\r\n\r\n")
	write(t, client, " and late")
	halfClose(t, client)
	if _, bypasses := nc.(io.WriterTo); bypasses {
		t.Error("WriteTo would pass by what came early")
	}
	if n := nc.(interface{ Buffered() int }).Buffered(); n != len("early") {
		t.Errorf("%d bytes are early", n)
	}
	if b, err := io.ReadAll(nc); string(b) != "early and late" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	write(t, nc, "back")
	halfClose(t, nc)
	if b, err := io.ReadAll(client); string(b) != "back" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if _, ok := nc.(interface{ NetConn() net.Conn }).NetConn().(*net.TCPConn); !ok {
		t.Error("the socket can't be reached")
	}
	if _, err := s.Takeover(); err == nil {
		t.Error("taken over twice")
	}
	_ = nc.Close()
}

func TestUpgradeIsAskedForAndTakenOver(t *testing.T) {
	up, c := dialled(t, nil)
	send(t, c, "GET", "chat")
	want(t, up, "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n")
	write(t, up, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nhi")
	var m raw.Message
	if err := c.ReadHead(&m); err != nil || m.Status != 101 {
		t.Fatal(err)
	}
	nc, err := c.Takeover()
	if err != nil {
		t.Fatal(err)
	}
	c.Release()
	want(t, nc, "hi")
	write(t, nc, "ho")
	want(t, up, "ho")
	_ = nc.Close()
	wantEnd(t, up)
}
