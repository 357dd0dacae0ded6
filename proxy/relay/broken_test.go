package relay

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"weir/proxy/http1"
	"weir/redact/raw"
)

func TestUpstreamThatBreaksOffMidBodyIsSeenBroken(t *testing.T) {
	for name, half := range map[string]string{
		"chunked":              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
		"within a chunk":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello",
		"before the last CRLF": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
		"length":               "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
		"bad chunk":            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n",
	} {
		for _, version := range []string{"1.1", "1.0"} {
			t.Run(name+" to HTTP/"+version, func(t *testing.T) {
				up := script(t, func(c net.Conn, r *bufio.Reader) {
					_, _ = readHeadText(r)
					_, _ = io.WriteString(c, half)
				})
				s := reverse(t, up)
				c, r := dial(t, s.addr)
				send(t, c, "GET / HTTP/"+version+"\r\nHost: x\r\n\r\n")
				b, err := io.ReadAll(r)
				if err == nil && version == "1.0" {
					t.Errorf("a clean end after %q", b)
				}
				if version == "1.1" {
					resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(string(b))), nil)
					if err == nil {
						if body, err := io.ReadAll(resp.Body); err == nil {
							t.Errorf("a whole message with %q", body)
						}
					}
				}
				if e := s.gate.next(t); e.outcome != raw.UpstreamBroken || e.status != 200 {
					t.Errorf("%+v", e)
				}
			})
		}
	}
}

func TestUpstreamThatBreaksBeforeAHeadIsABadGateway(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":           "",
		"half a head":       "HTTP/1.1 200 OK\r\nContent-Le",
		"not HTTP":          "SSH-2.0-OpenSSH_9.9\r\n",
		"two lengths":       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"length and coding": "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"unasked 101":       "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
		"after a 103":       "HTTP/1.1 103 Early Hints\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			up := script(t, func(c net.Conn, r *bufio.Reader) {
				_, _ = readHeadText(r)
				_, _ = io.WriteString(c, text)
			})
			s := reverse(t, up)
			a := talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			if !strings.Contains(a, "HTTP/1.1 502 Bad Gateway\r\n") {
				t.Errorf("answered %q", a)
			}
			if e := s.gate.next(t); e.outcome != raw.UpstreamBroken || e.status != 502 || e.attempts != 1 {
				t.Errorf("%+v", e)
			}
		})
	}
}

// dying answers the first request on each connection and closes it when the
// second has come.
func dying(t *testing.T) (addr string, heads chan string) {
	heads = make(chan string, 64)
	return script(t, func(c net.Conn, r *bufio.Reader) {
		for i := range 2 {
			h, err := readHeadText(r)
			if err != nil {
				return
			}
			heads <- h
			if i == 0 {
				_, _ = io.WriteString(c, ok)
			}
		}
	}), heads
}

func TestRequestOnAConnectionThatDiedIsSentAgainOnceIfItMay(t *testing.T) {
	for _, c := range []struct {
		name, text string
		again      bool
	}{
		{"GET", "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n", true},
		{"PUT with a small body", "PUT /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi", true},
		{"POST", "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", false},
		{"PUT with a body beyond the buffer", "PUT /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n" + strings.Repeat("x", 20000), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			up, heads := dying(t)
			s := reverse(t, up)
			conn, r := dial(t, s.addr)
			send(t, conn, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n")
			head(t, r)
			_, _ = r.Discard(2)
			s.gate.next(t)
			send(t, conn, c.text)
			status, attempts := "502", 1
			if c.again {
				status, attempts = "200", 2
			}
			if h := head(t, r); !strings.HasPrefix(h, "HTTP/1.1 "+status+" ") {
				t.Errorf("answered %q", h)
			}
			if e := s.gate.next(t); e.attempts != attempts {
				t.Errorf("%+v", e)
			}
			<-heads
			for range attempts {
				<-heads
			}
			if len(heads) > 0 {
				t.Errorf("sent once too often: %q", <-heads)
			}
		})
	}
}

func TestFreshConnectionThatDiesIsNotTriedAgain(t *testing.T) {
	got := make(chan string, 8)
	up := script(t, func(_ net.Conn, r *bufio.Reader) {
		h, _ := readHeadText(r)
		got <- h
	})
	s := reverse(t, up)
	talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if e := s.gate.next(t); e.attempts != 1 || e.outcome != raw.UpstreamBroken {
		t.Errorf("%+v", e)
	}
	if n := len(got); n != 1 {
		t.Errorf("upstream got %d requests", n)
	}
}

func TestSilentUpstreamTimesOut(t *testing.T) {
	lim := http1.Default()
	lim.Answer, lim.Read = 200*time.Millisecond, 200*time.Millisecond
	for _, c := range []struct{ name, text, answer string }{
		{"before the head", "", "HTTP/1.1 504 Gateway Timeout\r\n"},
		{"within the head", "HTTP/1.1 200 OK\r\nX", ""},
		{"within the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "HTTP/1.1 200 OK\r\n"},
	} {
		if c.name == "within the head" {
			lim.ReadHead = 200 * time.Millisecond
			c.answer = "HTTP/1.1 504 "
		}
		t.Run(c.name, func(t *testing.T) {
			held := make(chan bool)
			defer close(held)
			up := script(t, func(conn net.Conn, r *bufio.Reader) {
				_, _ = readHeadText(r)
				_, _ = io.WriteString(conn, c.text)
				<-held
			})
			s := start(t, Config{Router: &Hosts{Default: target(t, TargetConfig{Addresses: []string{up}, Limits: lim})}})
			conn, r := dial(t, s.addr)
			send(t, conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			b, err := io.ReadAll(r)
			if !strings.HasPrefix(string(b), c.answer) || c.name == "within the body" && err == nil {
				t.Errorf("got %q, %v", b, err)
			}
			if e := s.gate.next(t); e.outcome != raw.UpstreamTimeout {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestClientThatLeavesEndsTheUpstreamsWork(t *testing.T) {
	for _, c := range []struct{ name, answer string }{
		{"before the head", ""},
		{"within the body", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			arrived, ended := make(chan bool, 1), make(chan error, 1)
			up := script(t, func(conn net.Conn, r *bufio.Reader) {
				_, _ = readHeadText(r)
				_, _ = io.WriteString(conn, c.answer)
				arrived <- true
				_, err := r.ReadByte()
				ended <- err
			})
			s := reverse(t, up)
			conn, _ := dial(t, s.addr)
			send(t, conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			<-arrived
			_ = conn.Close()
			select {
			case <-ended:
			case <-time.After(patience):
				t.Fatal("the upstream still works for nobody")
			}
			if e := s.gate.next(t); e.outcome != raw.ClientGone {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestClientThatBreaksItsUploadOffIsNeverTakenForWhole(t *testing.T) {
	for name, part := range map[string]string{
		"length":  "Content-Length: 100000\r\n\r\n" + strings.Repeat("x", 50000),
		"chunked": "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			ended := make(chan error, 1)
			up := web(t, func(_ http.ResponseWriter, r *http.Request) {
				_, err := io.Copy(io.Discard, r.Body)
				ended <- err
			})
			s := reverse(t, up)
			conn, _ := dial(t, s.addr)
			send(t, conn, "POST / HTTP/1.1\r\nHost: x\r\n"+part)
			_ = conn.Close()
			if err := <-ended; err == nil {
				t.Error("the upstream took half a body for a whole one")
			}
			if e := s.gate.next(t); e.outcome != raw.ClientGone {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestBodyThatTurnsBadMidUploadIsRefused(t *testing.T) {
	ended := make(chan error, 1)
	arrived := make(chan bool, 1)
	up := web(t, func(_ http.ResponseWriter, r *http.Request) {
		b := make([]byte, 5)
		_, _ = io.ReadFull(r.Body, b)
		arrived <- true
		_, err := io.Copy(io.Discard, r.Body)
		ended <- err
	})
	s := reverse(t, up)
	conn, r := dial(t, s.addr)
	send(t, conn, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
	<-arrived
	send(t, conn, "2;\n\r\nab\r\n0\r\n\r\n")
	if h := head(t, r); !strings.HasPrefix(h, "HTTP/1.1 400 ") || !strings.Contains(h, "Connection: close") {
		t.Errorf("answered %q", h)
	}
	if err := <-ended; err == nil {
		t.Error("the upstream took it for a whole body")
	}
	if e := s.gate.next(t); e.outcome != raw.Refused || e.reason == "" || e.attempts != 1 {
		t.Errorf("%+v", e)
	}
}

func TestSlowClientTimesOut(t *testing.T) {
	lim := http1.Default()
	lim.ReadHead, lim.Read = 200*time.Millisecond, 200*time.Millisecond
	up, heads := always(t, ok)
	s := start(t, Config{Limits: lim, Router: &Hosts{Default: target(t, TargetConfig{Addresses: []string{up}})}})
	for _, text := range []string{"GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe"} {
		if a := talk(t, s.addr, text); !strings.HasPrefix(a, "HTTP/1.1 408 ") {
			t.Errorf("answered %q", a)
		}
		if e := s.gate.next(t); e.outcome != raw.ClientTimeout {
			t.Errorf("%+v", e)
		}
	}
	if len(heads) > 0 {
		t.Errorf("upstream got %q", <-heads)
	}
}
