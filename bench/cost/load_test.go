package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// tunnel is a proxy that serves CONNECT itself: it answers the requests in
// the tunnel with the body, in two pieces.
func tunnel(t *testing.T, status string) (address string, opened *atomic.Int32) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	opened = new(atomic.Int32)
	serve := func(c net.Conn) {
		defer c.Close()
		r := bufio.NewReader(c)
		for {
			q, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			if q.Method == http.MethodConnect {
				opened.Add(1)
				fmt.Fprintf(c, "HTTP/1.1 %s\r\n\r\n", status)
				continue
			}
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n", len(body))
			io.WriteString(c, body[:100])
			io.WriteString(c, body[100:])
		}
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return l.Addr().String(), opened
}

func generatorFor(proxy string) *generator {
	return &generator{proxy: proxy, target: "localhost:1", requests: [][]byte{[]byte(probe("", device))}, until: time.Now().Add(200 * time.Millisecond)}
}

func TestKeptTunnelCarriesManyRequests(t *testing.T) {
	address, opened := tunnel(t, "200 Connection established")
	c := generatorFor(address).tunnels(0)
	if c.err != nil || len(c.times) < 2 || c.bytes < len(c.times)*len(body) {
		t.Errorf("%d requests of %d bytes, %v", len(c.times), c.bytes, c.err)
	}
	if opened.Load() != 1 {
		t.Errorf("%d tunnels were opened", opened.Load())
	}
}

func TestEachRequestHasItsTunnelWhereSetUpIsMeasured(t *testing.T) {
	address, opened := tunnel(t, "200 OK")
	c := generatorFor(address).setUps(0)
	if c.err != nil || len(c.times) < 2 || int(opened.Load()) != len(c.times) {
		t.Errorf("%d requests in %d tunnels, %v", len(c.times), opened.Load(), c.err)
	}
}

func TestRefusedTunnelIsAFailure(t *testing.T) {
	address, _ := tunnel(t, "403 Forbidden")
	g := generatorFor(address)
	for _, c := range []count{g.tunnels(0), g.setUps(0)} {
		if c.failed != 1 || c.err == nil || len(c.times) != 0 {
			t.Errorf("%d failures, %d requests, %v", c.failed, len(c.times), c.err)
		}
	}
}

func TestAnswerThatIsNoneOrTooMuchIsAFailure(t *testing.T) {
	for _, answer := range []string{
		"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na",
	} {
		near, far := net.Pipe()
		go func() {
			bufio.NewReader(far).ReadString('\n')
			io.WriteString(far, answer)
			far.Close()
		}()
		if _, err := exchange(near, []byte("GET\n"), make([]byte, 1024)); err == nil {
			t.Errorf("%q is taken", answer)
		}
		near.Close()
	}
}

func TestCountsOfAllConnectionsAreOneTally(t *testing.T) {
	got := sum([]count{{times: []float64{5, 1}, bytes: 10}, {times: []float64{3}, bytes: 5, failed: 2}}, 2*time.Second)
	if want := (tally{requests: 3, micros: 2e6, bytes: 15, p50: 3, p99: 3, failed: 2}); got != want {
		t.Errorf("%+v", got)
	}
}

func TestProxyThatAnswersWronglyIsNotMeasured(t *testing.T) {
	answer := func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, body) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	defer server.Close()
	c := &contest{stand: &stand{listen: strings.TrimPrefix(server.URL, "http://")}, path: device}
	if err := c.ask(); err != nil {
		t.Fatal(err)
	}
	for name, wrong := range map[string]http.HandlerFunc{
		"status": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			io.WriteString(w, body)
		},
		"body": func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, body[1:]) },
		"length": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "2000")
			io.WriteString(w, body)
		},
	} {
		answer = wrong
		if err := c.ask(); err == nil {
			t.Errorf("a wrong %s is taken", name)
		}
	}
}
