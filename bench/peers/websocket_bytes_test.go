//go:build peers

package peers

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	upgradeRequest = "GET /chat HTTP/1.1\r\nHost: www.x.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	upgradeAnswer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)

// switches is an upstream that changes to what serve speaks. serve gets the
// connection, with what was read early still to be read.
func switches(t *testing.T, early string, serve func(r io.Reader, c *net.TCPConn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				if _, err := http.ReadRequest(r); err != nil {
					return
				}
				if _, err := io.WriteString(c, upgradeAnswer+early); err == nil {
					serve(r, c.(*net.TCPConn))
				}
			}()
		}
	}()
	return l.Addr().String()
}

// frame is a WebSocket frame as RFC 6455 section 5.2 has it, with any first byte.
func frame(first byte, masked bool, payload string) string {
	b := []byte{first}
	mask := byte(0)
	if masked {
		mask = 0x80
	}
	switch n := len(payload); {
	case n < 126:
		b = append(b, mask|byte(n))
	case n < 1<<16:
		b = append(b, mask|126, byte(n>>8), byte(n))
	default:
		b = append(b, mask|127, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	if masked {
		b = append(b, 0, 0, 0, 0)
	}
	return string(b) + payload
}

// frames are valid and invalid ones: weir carries all as they are.
func frames() map[string]string {
	garbage := make([]byte, 100_000)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(garbage)
	return map[string]string{
		"text and binary":         frame(0x81, true, "hello") + frame(0x82, true, strings.Repeat("\x00", 70_000)),
		"fragments, pings within": frame(0x01, true, "a") + frame(0x89, true, "p") + frame(0x00, true, "b") + frame(0x8a, true, "q") + frame(0x80, true, "c"),
		"reserved bits":           frame(0xf1, true, "x"),
		"unknown opcodes":         frame(0x83, true, "x") + frame(0x8f, true, "y"),
		"unmasked":                frame(0x81, false, "x"),
		"a control frame of 200":  frame(0x89, true, strings.Repeat("x", 200)),
		"a fragmented ping":       frame(0x09, true, "x") + frame(0x80, true, "y"),
		"a close of one byte":     frame(0x88, true, "x"),
		"text that is not UTF-8":  frame(0x81, true, "\xff\xfe"),
		"a close, then more":      frame(0x88, true, "\x03\xe8bye") + frame(0x81, true, "late"),
		"a length of 2^63":        "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00x",
		"no frames at all":        string(garbage),
	}
}

// upgraded is weir before a server, by a plain and a TLS listener, and a client
// that asks one of them.
func upgraded(t *testing.T, address string) (in *instance, dial func(i int) net.Conn) {
	t.Helper()
	ca, dir := newAuthority(t), t.TempDir()
	ca.issue(dir, "www", "www.x.example")
	in = startIn(t, dir, basics+fmt.Sprintf("listen:\n  - {reverse: \"127.0.0.1:0\", to: \"http://%[1]s\"}\n"+
		"  - {reverse: \"127.0.0.1:0\", to: \"http://%[1]s\", tls: {cert: www.pem, key: www.key}}\n", address), open)
	return in, func(i int) net.Conn {
		c := in.dial(i)
		_ = c.SetDeadline(time.Now().Add(patience))
		if i == 1 {
			return tls.Client(c, &tls.Config{RootCAs: ca.roots, ServerName: "www.x.example", NextProtos: []string{"http/1.1"}})
		}
		return c
	}
}

// Frames come as they were sent, both ways, those behind the handshake's two
// heads in the same packet too.
func TestWebSocketBytesArePassedAsSent(t *testing.T) {
	early := frame(0x81, false, "server's first")
	address := switches(t, early, func(r io.Reader, c *net.TCPConn) { _, _ = io.Copy(c, r) }) // an echo
	in, dial := upgraded(t, address)
	n := 0
	for name, sent := range frames() {
		for i, listener := range []string{"plain", "TLS"} {
			n++
			t.Run(name+"/"+listener, func(t *testing.T) {
				c := dial(i)
				if _, err := io.WriteString(c, upgradeRequest+sent); err != nil {
					t.Fatal(err)
				}
				got := make([]byte, len(upgradeAnswer)+len(early)+len(sent))
				if n, err := io.ReadFull(c, got); err != nil {
					t.Fatalf("%v after %d bytes: %q", err, n, got[:min(n, 200)])
				}
				if want := early + sent; !bytes.HasPrefix(got, []byte("HTTP/1.1 101 ")) || !bytes.HasSuffix(got, []byte(want)) {
					t.Errorf("%q", got[:min(len(got), 300)])
				}
				_ = c.Close()
			})
		}
	}
	eventually(t, "entries", func() bool { return len(in.entries()) >= n })
	for _, e := range in.entries() {
		if e.number("http.response.status_code") != 101 || e.text("error.type") != "" {
			t.Errorf("%v", e)
		}
	}
}

// A side that ends its half is heard to have ended, and what the other one still
// says within two seconds arrives.
func TestWebSocketEndsArePassedOn(t *testing.T) {
	ended := make(chan error, 1)
	address := switches(t, "", func(r io.Reader, c *net.TCPConn) {
		_, err := io.Copy(io.Discard, r)
		_, _ = io.WriteString(c, "last words")
		ended <- err
	})
	_, dial := upgraded(t, address)
	for i, listener := range []string{"plain", "TLS"} {
		t.Run("half closed by the client/"+listener, func(t *testing.T) {
			c := dial(i)
			_, _ = io.WriteString(c, upgradeRequest)
			if resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(c, int64(len(upgradeAnswer)))), nil); err != nil || resp.StatusCode != 101 {
				t.Fatal(resp, err)
			}
			_ = c.(interface{ CloseWrite() error }).CloseWrite()
			b, err := io.ReadAll(c)
			if string(b) != "last words" || err != nil {
				t.Errorf("%q, %v", b, err)
			}
			if err := <-ended; err != nil {
				t.Errorf("the server read %v", err)
			}
		})
	}
}

func TestWebSocketWithoutACloseFrameEnds(t *testing.T) {
	for _, c := range []struct {
		name  string
		close func(c *net.TCPConn)
	}{
		{"closed", func(c *net.TCPConn) { _ = c.Close() }},
		{"half closed", func(c *net.TCPConn) { _ = c.CloseWrite(); _, _ = io.Copy(io.Discard, c) }},
		{"reset", func(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() }},
	} {
		in, dial := upgraded(t, switches(t, "some", func(_ io.Reader, tc *net.TCPConn) { c.close(tc) }))
		for i, listener := range []string{"plain", "TLS"} {
			t.Run(c.name+" by the server/"+listener, func(t *testing.T) {
				conn := dial(i)
				_, _ = io.WriteString(conn, upgradeRequest)
				b, _ := io.ReadAll(conn)
				// A reset may overtake what was sent before it.
				if c.name != "reset" && !strings.HasSuffix(string(b), "\r\n\r\nsome") {
					t.Errorf("%q", b)
				}
			})
		}
		eventually(t, "entries", func() bool { return len(in.entries()) == 2 })
		eventually(t, "all is closed", func() bool { return in.metric("weir_tunnels_active") == 0 })
	}
}
