package relay

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"weir/redact/raw"
)

// echoing is an upstream of WebSockets that closes when it is told "bye".
func echoing(t testing.TB) string {
	up := websocket.Upgrader{Subprotocols: []string{"chat"}}
	return web(t, func(w http.ResponseWriter, r *http.Request) {
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		for {
			kind, b, err := c.ReadMessage()
			if err != nil || string(b) == "bye" {
				_ = c.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(4000, "done"))
				return
			}
			if c.WriteMessage(kind, b) != nil {
				return
			}
		}
	})
}

func TestWebSocketCarriesMessagesAndItsClose(t *testing.T) {
	s := reverse(t, echoing(t))
	d := websocket.Dialer{Subprotocols: []string{"chat"}}
	c, resp, err := d.Dial("ws://"+s.addr+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if resp.Header.Get("Sec-Websocket-Protocol") != "chat" {
		t.Errorf("head %v", resp.Header)
	}
	big := bytes.Repeat([]byte("x"), 1<<20)
	for _, m := range [][]byte{[]byte("one"), {}, big} {
		if err := c.WriteMessage(websocket.BinaryMessage, m); err != nil {
			t.Fatal(err)
		}
		_, got, err := c.ReadMessage()
		if err != nil || !bytes.Equal(got, m) {
			t.Fatalf("%d bytes came back of %d, %v", len(got), len(m), err)
		}
	}
	_ = c.WriteMessage(websocket.TextMessage, []byte("bye"))
	_, _, err = c.ReadMessage()
	if !websocket.IsCloseError(err, 4000) {
		t.Errorf("close: %v", err)
	}
	// The server has closed: so is the client's socket, without its doing.
	_ = c.NetConn().SetReadDeadline(time.Now().Add(patience))
	if _, err := io.Copy(io.Discard, c.NetConn()); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the socket was never closed: %v", err)
	}
	e := s.gate.next(t)
	if e.status != 101 || !e.upgraded || e.outcome != raw.Complete || e.up < 1<<20 || e.down < 1<<20 || e.first <= 0 {
		t.Errorf("%+v", e)
	}
}

func TestWebSocketOfAClientThatLeavesIsClosedAtTheServer(t *testing.T) {
	ended := make(chan error, 1)
	up := websocket.Upgrader{}
	addr := web(t, func(w http.ResponseWriter, r *http.Request) {
		c, err := up.Upgrade(w, r, nil)
		if err == nil {
			defer c.Close()
			_, _, err = c.ReadMessage()
		}
		ended <- err
	})
	s := reverse(t, addr)
	c, _, err := websocket.DefaultDialer.Dial("ws://"+s.addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.NetConn().Close()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("the server still waits")
	}
	s.gate.next(t)
}

func TestOtherUpgradesAreCarriedWithEarlyBytesAndHalfClose(t *testing.T) {
	heads := make(chan string, 1)
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		h, _ := readHeadText(r)
		heads <- h
		// The first bytes of the new protocol come with the head.
		_, _ = io.WriteString(c, "HTTP/1.1 101 Go On\r\nConnection: Upgrade\r\nUpgrade: echo/2\r\nX-A: 1\r\n\r\nwelcome ")
		_, _ = io.Copy(c, r)
		_, _ = io.WriteString(c, " and goodbye")
	})
	s := reverse(t, up)
	c, r := dial(t, s.addr)
	send(t, c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, X-Drop\r\nUpgrade: echo/2\r\nX-Drop: 1\r\n\r\nearly ")
	if h := head(t, r); !strings.HasPrefix(h, "HTTP/1.1 101 Go On\r\nX-A: 1\r\n") || !strings.Contains(h, "Upgrade: echo/2\r\n") ||
		!strings.Contains(strings.ToLower(h), "connection: upgrade\r\n") {
		t.Errorf("client got %q", h)
	}
	send(t, c, "late")
	_ = c.(*net.TCPConn).CloseWrite()
	if b, err := io.ReadAll(r); err != nil || string(b) != "welcome early late and goodbye" {
		t.Errorf("%q, %v", b, err)
	}
	if h := <-heads; strings.Contains(h, "X-Drop") || !strings.Contains(h, "Upgrade: echo/2\r\n") || !strings.Contains(strings.ToLower(h), "connection: upgrade\r\n") {
		t.Errorf("upstream got %q", h)
	}
	if e := s.gate.next(t); e.up != 10 || e.down != 30 || !e.upgraded || e.outcome != raw.Complete {
		t.Errorf("%+v", e)
	}
}

func TestRefusedUpgradePassesAsAnOrdinaryAnswer(t *testing.T) {
	up, _ := always(t, "HTTP/1.1 426 Upgrade Required\r\nConnection: upgrade\r\nUpgrade: other\r\nContent-Length: 2\r\n\r\nno")
	s := reverse(t, up)
	c, r := dial(t, s.addr)
	for range 2 {
		send(t, c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
		if h := head(t, r); !strings.HasPrefix(h, "HTTP/1.1 426 ") || !strings.Contains(h, "Upgrade: other\r\n") {
			t.Errorf("got %q", h)
		}
		_, _ = r.Discard(2)
		if e := s.gate.next(t); e.upgraded || e.status != 426 {
			t.Errorf("%+v", e)
		}
	}
}

func TestUpgradeToH2CIsNeverForwarded(t *testing.T) {
	for _, lines := range []string{
		"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
		"Connection: upgrade\r\nUpgrade: H2C\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
		"Connection: upgrade\r\nUpgrade: websocket, h2c\r\n",
		"Connection: upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n",
		"Upgrade: h2c\r\n",
	} {
		up, heads := always(t, ok)
		s := reverse(t, up)
		a := talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+lines+"\r\n")
		h := strings.ToLower(<-heads)
		if strings.Contains(h, "h2c") || strings.Contains(h, "http2-settings") || strings.Contains(h, "upgrade") {
			t.Errorf("upstream got %q", h)
		}
		if !strings.HasPrefix(a, "HTTP/1.1 200 ") {
			t.Errorf("got %q", a)
		}
	}
}

func TestStoppingCutsATunnelAndSaysSo(t *testing.T) {
	s := reverse(t, echoing(t))
	c, _, err := websocket.DefaultDialer.Dial("ws://"+s.addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); err == nil {
		t.Error("nothing was cut")
	}
	if e := s.gate.next(t); e.outcome != raw.Stopped || !e.upgraded {
		t.Errorf("%+v", e)
	}
	if _, _, err := c.ReadMessage(); err == nil {
		t.Error("the tunnel goes on")
	}
}

// TestUpstreamChangesOnlyToWhatWasAskedFor has it answer 101 to something else.
func TestUpstreamChangesOnlyToWhatWasAskedFor(t *testing.T) {
	for to, taken := range map[string]bool{"websocket": true, "WebSocket": true, "x/2": true, "x/2, websocket": true,
		"x": false, "tls/1.0": false, "websocket, tls/1.0": false, "": false, ",": false} {
		up, _ := always(t, "HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: "+to+"\r\n\r\n")
		s := reverse(t, up)
		c, r := dial(t, s.addr)
		send(t, c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket, x/2\r\n\r\n")
		h := head(t, r)
		_ = c.Close()
		e := s.gate.next(t)
		if strings.HasPrefix(h, "HTTP/1.1 101 ") != taken || (e.outcome == raw.UpstreamBroken) == taken {
			t.Errorf("%q: %q %+v", to, h, e)
		}
	}
}
