package relay

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/proxy/http1"
	"weir/proxy/telemetry"
	"weir/redact/raw"
)

// logbook is a log that a test reads.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestPanicIsAnsweredEnteredAndNeverPrinted(t *testing.T) {
	up, _ := always(t, ok)
	for _, where := range []string{"gate", "router", "observer"} {
		t.Run(where, func(t *testing.T) {
			var book logbook
			log, err := telemetry.NewLog(telemetry.LogConfig{Out: &book, Level: telemetry.LevelDebug})
			if err != nil {
				t.Fatal(err)
			}
			g := newGate()
			boom := func(x *raw.Exchange) { panic(fmt.Sprintf("canary %s", x.Request.Peek(x.Request.Target))) }
			var route Router = &Hosts{Default: target(t, TargetConfig{Addresses: []string{up}})}
			calls := 0
			switch where {
			case "gate":
				g.begin = func(x *raw.Exchange) raw.Verdict {
					if calls++; calls == 1 {
						boom(x)
					}
					return raw.Verdict{}
				}
			case "router":
				route = routerFunc(func(x *raw.Exchange) (*Target, error) { boom(x); return nil, nil })
			case "observer":
				g.observe = boom
			}
			s := start(t, Config{Gate: g, Router: route, Log: log})
			a := talk(t, s.addr, "GET /canary HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			status, outcome := "500 Internal Server Error", raw.Panicked
			if where == "observer" { // the exchange had ended by then
				status, outcome = "200 OK", raw.Complete
			}
			if !strings.HasPrefix(a, "HTTP/1.1 "+status+"\r\n") || strings.Contains(a, "canary") {
				t.Errorf("answered %q", a)
			}
			if e := g.next(t); e.outcome != outcome {
				t.Errorf("%+v", e)
			}
			g.none(t)
			if text := book.String(); strings.Contains(text, "canary") || !strings.Contains(text, "exchange_panicked") {
				t.Errorf("logged %q", text)
			}
		})
	}
}

type routerFunc func(*raw.Exchange) (*Target, error)

func (f routerFunc) Route(x *raw.Exchange) (*Target, error) { return f(x) }

func TestPanicOfOneExchangeDoesNotHarmTheNext(t *testing.T) {
	up, _ := always(t, ok)
	to := target(t, TargetConfig{Addresses: []string{up}})
	n := 0
	s := start(t, Config{Router: routerFunc(func(*raw.Exchange) (*Target, error) {
		if n++; n == 1 {
			panic("first")
		}
		return to, nil
	})})
	c, r := dial(t, s.addr)
	send(t, c, "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	all, _ := io.ReadAll(r)
	if !strings.HasPrefix(string(all), "HTTP/1.1 500 ") || !strings.Contains(string(all), "HTTP/1.1 200 OK") {
		t.Errorf("answered %q", all)
	}
	if a, b := s.gate.next(t), s.gate.next(t); a.outcome != raw.Panicked || b.outcome != raw.Complete {
		t.Errorf("%+v %+v", a, b)
	}
}

// TestEveryRequestHasOneEntry sends requests of all kinds at once and counts.
func TestEveryRequestHasOneEntry(t *testing.T) {
	var mu sync.Mutex
	received := 0
	up := web(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		received++
		mu.Unlock()
		_, _ = io.Copy(io.Discard, r.Body)
		if strings.HasPrefix(r.URL.Path, "/break") {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, "whole")
	})
	s := reverse(t, up)
	kinds := []string{
		"GET /get HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"POST /post HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
		"POST /long HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 40000\r\n\r\n" + strings.Repeat("x", 40000),
		"GET /break HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"GET /bad HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
	}
	const each = 40
	var all sync.WaitGroup
	for i := range each * len(kinds) {
		all.Go(func() {
			c, r := dial(t, s.addr)
			_, _ = io.WriteString(c, kinds[i%len(kinds)])
			_, _ = io.Copy(io.Discard, r)
			_ = c.Close()
		})
	}
	all.Wait()
	outcomes, attempts := map[raw.Outcome]int{}, 0
	for range each * len(kinds) {
		e := s.gate.next(t)
		outcomes[e.outcome]++
		attempts += e.attempts
	}
	s.gate.none(t)
	mu.Lock()
	defer mu.Unlock()
	if outcomes[raw.Complete] != 3*each || outcomes[raw.UpstreamBroken] != each || outcomes[raw.Refused] != each || received != 4*each || attempts != received {
		t.Errorf("outcomes %v, %d attempts, %d requests received", outcomes, attempts, received)
	}
}

// An upstream that takes no more of a request is one that will not answer it:
// waiting for it must end, also where the client's own end can't be seen
// behind what it has sent.
func TestUpstreamThatTakesNothingAndSaysNothingIsTimedOut(t *testing.T) {
	held := make(chan bool)
	defer close(held)
	up := script(t, func(net.Conn, *bufio.Reader) { <-held })
	lim := http1.Default()
	lim.Write, lim.Answer = 200*time.Millisecond, 200*time.Millisecond
	sw := sweeper(t)
	s := start(t, Config{Sweeper: sw, Limits: lim, Router: &Hosts{Default: target(t, TargetConfig{Addresses: []string{up}, Limits: lim, Sweeper: sw})}})
	conn, r := dial(t, s.addr)
	sent := make(chan bool)
	go func() {
		defer close(sent)
		_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
		_, _ = io.Copy(conn, io.LimitReader(endless{}, 1000000000))
	}()
	if h := head(t, r); !strings.HasPrefix(h, "HTTP/1.1 504 ") {
		t.Errorf("answered %q", h)
	}
	_ = conn.Close()
	<-sent
	if e := s.gate.next(t); e.outcome != raw.UpstreamTimeout {
		t.Errorf("%+v", e)
	}
}
