package relay

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/proxy/http1"
	"weir/redact/raw"
)

// crew is an upstream that can die and come back at its address. It answers with its name.
type crew struct {
	name, addr string
	served     atomic.Int32
	// handle, where it is set, answers instead.
	handle atomic.Pointer[http.HandlerFunc]
	two    bool

	mu  sync.Mutex
	srv *http.Server
}

func hire(t testing.TB, name, at string, two bool) *crew {
	t.Helper()
	c := &crew{name: name, addr: at, two: two}
	c.start(t)
	t.Cleanup(c.stop)
	return c
}

func (c *crew) start(t testing.TB) {
	t.Helper()
	ln, err := net.Listen("tcp", c.addr)
	if err != nil {
		t.Fatal(err)
	}
	var p http.Protocols
	p.SetHTTP1(!c.two)
	p.SetUnencryptedHTTP2(c.two)
	srv := &http.Server{Protocols: &p, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.served.Add(1)
		if h := c.handle.Load(); h != nil {
			(*h)(w, r)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, c.name)
	})}
	c.mu.Lock()
	c.addr, c.srv = ln.Addr().String(), srv
	c.mu.Unlock()
	go func() { _ = srv.Serve(ln) }()
}

func (c *crew) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.srv.Close()
}

func (c *crew) does(h http.HandlerFunc) {
	if h == nil {
		c.handle.Store(nil)
		return
	}
	c.handle.Store(&h)
}

// get asks once and returns the status and body, and the entry.
func (s *station) get(t testing.TB) (string, entry) {
	t.Helper()
	a := talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	status, _, _ := strings.Cut(strings.TrimPrefix(a, "HTTP/1.1 "), " ")
	_, body, _ := strings.Cut(a, "\r\n\r\n")
	return status + " " + strings.TrimSpace(body), s.gate.next(t)
}

// until repeats get until it answers that.
func (s *station) until(t testing.TB, want string) entry {
	t.Helper()
	for end := time.Now().Add(patience); ; {
		got, e := s.get(t)
		if got == want {
			return e
		}
		if time.Now().After(end) {
			t.Fatalf("answers %q and never %q", got, want)
		}
	}
}

func TestEqualsTakeTurns(t *testing.T) {
	for _, scheme := range []string{"http", "h2c"} {
		a, b, c := hire(t, "a", "127.0.0.1:0", scheme == "h2c"), hire(t, "b", "127.0.0.1:0", scheme == "h2c"), hire(t, "c", "127.0.0.1:0", scheme == "h2c")
		to := target(t, TargetConfig{Scheme: scheme, Addresses: []string{a.addr, b.addr, c.addr}})
		s := start(t, Config{Router: &Hosts{Default: to}})
		for range 30 {
			if _, e := s.get(t); e.outcome != raw.Complete || e.attempts != 1 {
				t.Fatalf("%+v", e)
			}
		}
		for _, u := range []*crew{a, b, c} {
			if n := u.served.Load(); n != 10 {
				t.Errorf("%s: %s served %d of 30", scheme, u.name, n)
			}
		}
	}
}

// TestUpstreamThatCannotBeReachedCostsNoRequest kills one of two: what has not
// been sent goes to the other, streamed bodies too, until the dead one is ejected;
// and it is used again once it is back.
func TestUpstreamThatCannotBeReachedCostsNoRequest(t *testing.T) {
	for _, scheme := range []string{"http", "h2c"} {
		t.Run(scheme, func(t *testing.T) {
			a, b := hire(t, "a", "127.0.0.1:0", scheme == "h2c"), hire(t, "b", "127.0.0.1:0", scheme == "h2c")
			to := target(t, TargetConfig{Scheme: scheme, Addresses: []string{a.addr, b.addr}, EjectFor: 300 * time.Millisecond})
			s := start(t, Config{Router: &Hosts{Default: to}})
			addr2, streams := s.streams(t, nil), plain2(t)
			b.stop()
			twice := 0
			for i := range 12 {
				if i%2 == 0 {
					got, e := s.get(t)
					if got != "200 a" || e.outcome != raw.Complete {
						t.Fatalf("%q, %+v", got, e)
					}
					twice += e.attempts - 1
					continue
				}
				// A body that is not all here when the connection is asked for.
				pr, pw := io.Pipe()
				go func() { _, _ = pw.Write([]byte("body")); _ = pw.Close() }()
				resp, err := streams.Post("http://"+addr2, "text/plain", pr)
				if err != nil || resp.StatusCode != 200 {
					t.Fatalf("%v, %v", resp, err)
				}
				_ = resp.Body.Close()
				twice += s.gate.next(t).attempts - 1
			}
			if twice < 3 || to.State()[1].Ejected == 0 || to.State()[1].Ejections == 0 || to.State()[0].Ejected != 0 {
				t.Errorf("%d attempts in vain, %+v", twice, to.State())
			}
			b.start(t)
			s.until(t, "200 b")
			eventually(t, "the end of the ejection", func() bool { return to.State()[1].Ejected == 0 })
		})
	}
}

// TestUpstreamThatDoesNotAnswerIsEjected has one of two hang or break off: it is
// passed over after three failures, for longer each time.
func TestUpstreamThatDoesNotAnswerIsEjected(t *testing.T) {
	for name, c := range map[string]struct {
		do   http.HandlerFunc
		want raw.Outcome
	}{
		"hangs":               {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, raw.UpstreamTimeout},
		"ends without a word": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, raw.UpstreamBroken},
		"breaks its body off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			fmt.Fprint(w, "half")
		}, raw.UpstreamBroken},
		"speaks something else": {func(w http.ResponseWriter, _ *http.Request) {
			nc, _, _ := http.NewResponseController(w).Hijack()
			_, _ = io.WriteString(nc, "220 mail.example ESMTP\r\n")
			_ = nc.Close()
		}, raw.UpstreamBroken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := hire(t, "a", "127.0.0.1:0", false), hire(t, "b", "127.0.0.1:0", false)
			lim := http1.Default()
			lim.Answer = 100 * time.Millisecond
			to := target(t, TargetConfig{Addresses: []string{a.addr, b.addr}, Limits: lim, EjectFor: 200 * time.Millisecond})
			s := start(t, Config{Router: &Hosts{Default: to}})
			b.does(c.do)
			failed := 0
			for range 6 {
				if _, e := s.get(t); e.outcome != raw.Complete {
					if e.outcome != c.want {
						t.Errorf("%+v", e)
					}
					failed++
				}
			}
			if st := to.State()[1]; failed != 3 || st.Ejections != 1 || st.Failures != 3 {
				t.Errorf("%d failed, %+v", failed, st)
			}
			// It is tried again by one request, and ejected for longer by its failure.
			for end := time.Now().Add(patience); to.State()[1].Ejections < 2; s.get(t) {
				if time.Now().After(end) {
					t.Fatal("never tried again")
				}
			}
			if left := to.State()[1].Ejected; left < 200*time.Millisecond {
				t.Errorf("the second time for %v", left)
			}
			b.does(nil)
			s.until(t, "200 b")
			if st := to.State()[1]; st.Ejected != 0 || st.Failures != 0 {
				t.Errorf("%+v", st)
			}
		})
	}
}

func TestWhatAnUpstreamAnswersIsNoFailure(t *testing.T) {
	a, b := hire(t, "a", "127.0.0.1:0", false), hire(t, "b", "127.0.0.1:0", false)
	to := target(t, TargetConfig{Addresses: []string{a.addr, b.addr}})
	s := start(t, Config{Router: &Hosts{Default: to}})
	b.does(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	for range 20 {
		s.get(t)
	}
	if b.served.Load() != 10 || to.State()[1].Failures != 0 {
		t.Errorf("%d of 20, %+v", b.served.Load(), to.State())
	}
}

// TestClientThatStallsEjectsNobody has an upstream give up waiting for a body.
func TestClientThatStallsEjectsNobody(t *testing.T) {
	up := script(t, func(_ net.Conn, r *bufio.Reader) { _, _ = readHeadText(r) })
	to := target(t, TargetConfig{Addresses: []string{up, up}, EjectAfter: 1})
	s := start(t, Config{Router: &Hosts{Default: to}})
	for _, body := range []string{"Content-Length: 100000\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"} {
		a := talk(t, s.addr, "POST / HTTP/1.1\r\nHost: x\r\n"+body)
		if e := s.gate.next(t); !strings.HasPrefix(a, "HTTP/1.1 502 ") || e.outcome != raw.UpstreamBroken {
			t.Errorf("%q %+v", a, e)
		}
	}
	for _, st := range to.State() {
		if st.Failures != 0 || st.Ejections != 0 {
			t.Errorf("%+v", st)
		}
	}
}

func TestWhereAllAreEjectedAllAreUsed(t *testing.T) {
	a, b := hire(t, "a", "127.0.0.1:0", false), hire(t, "b", "127.0.0.1:0", false)
	to := target(t, TargetConfig{Addresses: []string{a.addr, b.addr}, EjectFor: time.Hour})
	s := start(t, Config{Router: &Hosts{Default: to}})
	a.stop()
	b.stop()
	for range 4 {
		if got, e := s.get(t); !strings.HasPrefix(got, "502") || e.outcome != raw.UpstreamUnreachable || e.attempts != 2 {
			t.Errorf("%q %+v", got, e)
		}
	}
	for _, st := range to.State() {
		if st.Ejected == 0 {
			t.Errorf("%+v", st)
		}
	}
	b.start(t) // an hour too early
	s.until(t, "200 b")
}

// TestConnectionsToAnUpstreamAreBounded has five requests at once where two
// connections are allowed: the others wait for their turn, in the order in which
// they came; who waits too long is told.
func TestConnectionsToAnUpstreamAreBounded(t *testing.T) {
	a := hire(t, "a", "127.0.0.1:0", false)
	arrived, release := make(chan bool, 16), make(chan bool)
	var at, most atomic.Int32
	a.does(func(w http.ResponseWriter, _ *http.Request) {
		for n, m := at.Add(1), most.Load(); n > m && !most.CompareAndSwap(m, n); {
			m = most.Load()
		}
		arrived <- true
		<-release
		at.Add(-1)
	})
	to := target(t, TargetConfig{Addresses: []string{a.addr}, Connections: 2})
	s := start(t, Config{Router: &Hosts{Default: to}})
	var wait sync.WaitGroup
	for range 5 {
		wait.Go(func() {
			if got, _ := s.get(t); got != "200 " {
				t.Errorf("%q", got)
			}
		})
	}
	<-arrived
	<-arrived
	eventually(t, "the wait", func() bool { return to.State()[0].Waiting == 3 })
	for range 5 {
		release <- true
	}
	wait.Wait()
	if st := to.State()[0]; most.Load() != 2 || st.Open > 2 || st.Waiting != 0 {
		t.Errorf("%d at once, %+v", most.Load(), st)
	}

	short := target(t, TargetConfig{Addresses: []string{a.addr}, Connections: 1, Connect: 50 * time.Millisecond})
	s = start(t, Config{Router: &Hosts{Default: short}})
	for range 3 {
		<-arrived
	}
	wait.Go(func() { talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") })
	<-arrived
	a2 := talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	e := s.gate.next(t)
	if !strings.HasPrefix(a2, "HTTP/1.1 503 ") || e.outcome != raw.UpstreamFull || short.State()[0].Failures != 0 {
		t.Errorf("%q %+v", a2, e)
	}
	release <- true
	wait.Wait()
}

func TestOneThatIsFullIsPassedOver(t *testing.T) {
	a, b := hire(t, "a", "127.0.0.1:0", false), hire(t, "b", "127.0.0.1:0", false)
	arrived, release := make(chan bool), make(chan bool)
	a.does(func(http.ResponseWriter, *http.Request) { arrived <- true; <-release })
	to := target(t, TargetConfig{Addresses: []string{a.addr, b.addr}, Connections: 1})
	s := start(t, Config{Router: &Hosts{Default: to}})
	var wait sync.WaitGroup
	wait.Go(func() { talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") })
	wait.Go(func() { talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") })
	<-arrived
	s.gate.next(t) // b's
	for range 4 {
		if got, _ := s.get(t); got != "200 b" {
			t.Errorf("%q", got)
		}
	}
	release <- true
	wait.Wait()
	s.gate.next(t)
}

// TestStaleConnectionIsTriedAgainElsewhere has an upstream die with kept
// connections to it: what can be sent twice goes to the other.
func TestStaleConnectionIsTriedAgainElsewhere(t *testing.T) {
	a, b := hire(t, "a", "127.0.0.1:0", false), hire(t, "b", "127.0.0.1:0", false)
	to := target(t, TargetConfig{Addresses: []string{a.addr, b.addr}})
	s := start(t, Config{Router: &Hosts{Default: to}})
	for range 2 {
		s.get(t)
	}
	b.does(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for range 2 {
		if got, e := s.get(t); e.attempts == 2 {
			if got != "200 a" || to.State()[1].Failures != 0 {
				t.Errorf("%q %+v", got, to.State())
			}
			return
		}
	}
	t.Error("none was tried again")
}
