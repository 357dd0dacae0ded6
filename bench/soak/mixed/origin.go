package mixed

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Headers of the load's own.
const (
	numberHeader = "X-Number" // the exchange's word; the policy keeps it
	echoHeader   = "X-Echo"   // its echo, in the answer
	sumHeader    = "X-Sum"    // of a body
)

// origin is the upstream: one handler on several sockets.
type origin struct {
	numbers *numbers
	plain   *server // HTTP/1.1, and HTTP/2 with prior knowledge
	tls     *server
	broken  *server // breaks off on demand, and restarts
}

// server is a listener that can be restarted at its address.
type server struct {
	address string
	handler http.Handler
	tls     *tls.Config

	mu  sync.Mutex
	srv *http.Server
}

func newOrigin(n *numbers, config *tls.Config) (*origin, error) {
	o := &origin{numbers: n}
	for _, s := range []struct {
		at  **server
		tls *tls.Config
	}{{&o.plain, nil}, {&o.tls, config}, {&o.broken, nil}} {
		address, err := freeAddress()
		if err != nil {
			return nil, err
		}
		*s.at = &server{address: address, handler: o, tls: s.tls}
		if err := (*s.at).start(); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (o *origin) close() {
	for _, s := range []*server{o.plain, o.tls, o.broken} {
		s.stop()
	}
}

func (s *server) start() error {
	l, err := net.Listen("tcp", s.address)
	if err != nil {
		return err
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	srv := &http.Server{Handler: s.handler, Protocols: protocols, ErrorLog: log.New(io.Discard, "", 0), TLSConfig: s.tls}
	s.mu.Lock()
	s.srv = srv
	s.mu.Unlock()
	if s.tls != nil {
		go srv.ServeTLS(l, "", "")
	} else {
		go srv.Serve(l)
	}
	return nil
}

func (s *server) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.srv.Close()
}

// ServeHTTP answers as the path says.
func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text := r.Header.Get(numberHeader)
	o.numbers.saw(text)
	h := w.Header()
	h.Set(echoHeader, echo(text))
	switch path, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); path {
	case "echo":
		o.sum(w, r)
	case "large":
		_, _ = w.Write(large)
	case "trailers":
		o.trailers(w, r)
	case "events":
		o.events(w, r)
	case "drip":
		o.drip(w, r)
	case "ws":
		o.websocket(w, r)
	case "grpc":
		o.messages(w, r)
	case "cut":
		o.cut(w, r)
	default:
		h.Set("Content-Type", "text/plain")
		h.Set("Set-Cookie", "sid="+canary+"; HttpOnly")
		_, _ = w.Write(small)
	}
}

var (
	small = []byte(strings.Repeat("weir holds back. ", 60))
	large = []byte(strings.Repeat("what flows over the weir is water and nothing else. ", 12<<10))
)

// sum answers with the sum of what came.
func (o *origin) sum(w http.ResponseWriter, r *http.Request) {
	sum := sha256.New()
	n, err := io.Copy(sum, r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set(sumHeader, hex.EncodeToString(sum.Sum(nil)))
	fmt.Fprintf(w, "%d", n)
}

// trailers answers with the sum in a trailer, and with the request's trailer there.
func (o *origin) trailers(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Trailer", sumHeader+", X-Back")
	if http.NewResponseController(w).EnableFullDuplex() != nil {
		panic(http.ErrAbortHandler)
	}
	sum := sha256.New()
	buf := make([]byte, 8<<10)
	for {
		n, err := r.Body.Read(buf)
		sum.Write(buf[:n])
		if n > 0 {
			_, _ = w.Write(buf[:n])
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	w.Header().Set(sumHeader, hex.EncodeToString(sum.Sum(nil)))
	w.Header().Set("X-Back", r.Trailer.Get("X-Sent"))
}

const (
	events     = 12
	eventPause = 100 * time.Millisecond
)

func (o *origin) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for i := range events {
		fmt.Fprintf(w, "data: %d %s\n\n", i, canary)
		if http.NewResponseController(w).Flush() != nil || !pause(r, eventPause) {
			return
		}
	}
}

// drip is an answer that takes a third of a second.
func (o *origin) drip(w http.ResponseWriter, r *http.Request) {
	for range 30 {
		_, _ = w.Write(small)
		if http.NewResponseController(w).Flush() != nil || !pause(r, 10*time.Millisecond) {
			return
		}
	}
}

// pause waits, and reports false where the client left meanwhile.
func pause(r *http.Request, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-r.Context().Done():
		return false
	}
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// websocket echoes messages until the client closes.
func (o *origin) websocket(w http.ResponseWriter, r *http.Request) {
	c, err := upgrader.Upgrade(w, r, http.Header{echoHeader: w.Header()[echoHeader]})
	if err != nil {
		return
	}
	defer c.Close()
	for {
		kind, data, err := c.ReadMessage()
		if err != nil {
			return
		}
		if c.WriteMessage(kind, data) != nil {
			return
		}
	}
}

// messages echoes what comes at once, and ends with trailers as gRPC's.
func (o *origin) messages(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/grpc")
	w.WriteHeader(http.StatusOK)
	rc := http.NewResponseController(w)
	_ = rc.Flush()
	buf := make([]byte, 4<<10)
	for {
		n, err := r.Body.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil || rc.Flush() != nil {
				return
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return
		}
	}
	w.Header().Set(http.TrailerPrefix+"Grpc-Status", "0")
}

// cut breaks off in the way that the query names.
func (o *origin) cut(w http.ResponseWriter, r *http.Request) {
	how := r.URL.Query().Get("how")
	c, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer c.Close()
	switch how {
	case "reset":
		_ = c.(*net.TCPConn).SetLinger(0)
	case "length":
		fmt.Fprintf(rw, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n%s", small)
	case "chunk":
		fmt.Fprintf(rw, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s", len(small)+9, small)
	case "head":
		fmt.Fprintf(rw, "HTTP/1.1 200 OK\r\nContent-Le")
	}
	_ = rw.Flush()
}
