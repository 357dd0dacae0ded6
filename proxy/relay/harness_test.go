package relay

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/proxy/http1"
	"weir/proxy/http2"
	"weir/redact/raw"
)

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

// entry is what a test keeps of an exchange that was observed.
type entry struct {
	outcome          raw.Outcome
	reason           string
	method, target   string
	authority        string
	status, attempts int
	requestBody      int64
	responseBody     int64
	up, down         int64
	upgraded         bool
	trusted          bool
	client           netip.AddrPort
	duration, first  time.Duration
	requestTrailers  int
	responseTrailers int
	started          time.Time
	direction        raw.Direction
	scheme           raw.Scheme
}

// gate lets everything pass and keeps an entry of each exchange. It overwrites
// the arenas when it has looked, as the memory is not its own any more then.
type gate struct {
	begin   func(*raw.Exchange) raw.Verdict
	observe func(*raw.Exchange)
	entries chan entry

	mu    sync.Mutex
	begun int
}

func newGate() *gate { return &gate{entries: make(chan entry, 4096)} }

func (g *gate) Begin(x *raw.Exchange) (raw.Verdict, raw.Observer) {
	g.mu.Lock()
	g.begun++
	g.mu.Unlock()
	if g.begin != nil {
		return g.begin(x), g
	}
	return raw.Verdict{}, g
}

func (g *gate) Observe(x *raw.Exchange) {
	q, p := &x.Request, &x.Response
	g.entries <- entry{outcome: x.Outcome, reason: x.Reason, method: string(q.Peek(q.Method)), target: string(q.Peek(q.Target)),
		authority: string(q.Peek(q.Authority)), status: p.Status, attempts: x.Attempts, requestBody: q.BodyBytes, responseBody: p.BodyBytes,
		up: x.BytesUp, down: x.BytesDown, upgraded: x.Upgraded, trusted: x.Trusted, client: x.Client.Peek(), duration: x.Duration, first: x.FirstByte,
		requestTrailers: len(q.Trailer), responseTrailers: len(p.Trailer), started: x.Started, direction: x.Direction, scheme: q.Scheme}
	q.Overwrite('#')
	p.Overwrite('#')
	if g.observe != nil {
		g.observe(x)
	}
}

// next returns the next entry.
func (g *gate) next(t testing.TB) entry {
	t.Helper()
	select {
	case e := <-g.entries:
		return e
	case <-time.After(patience):
		t.Fatal("no entry was made")
		return entry{}
	}
}

// none fails if an entry is there that nobody asked for.
func (g *gate) none(t testing.TB) {
	t.Helper()
	select {
	case e := <-g.entries:
		t.Fatalf("an entry too many: %+v", e)
	default:
	}
}

// station is a relay that listens.
type station struct {
	*Relay
	gate *gate
	addr string
}

// sweeper makes a sweeper that ends with the test.
func sweeper(t testing.TB) *http1.Sweeper {
	s := http1.NewSweeper()
	t.Cleanup(s.Close)
	return s
}

// target makes a target for an address and closes it with the test.
func target(t testing.TB, cfg TargetConfig) *Target {
	t.Helper()
	if cfg.Sweeper == nil {
		cfg.Sweeper = sweeper(t)
	}
	if cfg.Scheme == "" {
		cfg.Scheme = "http"
	}
	to, err := NewTarget(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(to.Close)
	return to
}

// start runs a relay on a loopback port. A Router must be set.
func start(t testing.TB, cfg Config) *station {
	t.Helper()
	g, _ := cfg.Gate.(*gate)
	if cfg.Gate == nil {
		g = newGate()
		cfg.Gate = g
	}
	if cfg.Sweeper == nil {
		cfg.Sweeper = sweeper(t)
	}
	r, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { r.ServeConn(c, infoOf(c)) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		_ = r.Shutdown(t.Context()) // ended by now: what is left is cut off
		conns.Wait()
	})
	return &station{Relay: r, gate: g, addr: ln.Addr().String()}
}

func infoOf(c net.Conn) *ConnInfo {
	return &ConnInfo{Peer: c.RemoteAddr().(*net.TCPAddr).AddrPort()}
}

// reverse runs a relay before one upstream.
func reverse(t testing.TB, upstream string) *station {
	t.Helper()
	return start(t, Config{Router: &Hosts{Default: target(t, TargetConfig{Addresses: []string{upstream}})}})
}

// streams has s serve HTTP/2 too, over TLS where tc is set, and returns the address.
func (s *station) streams(t testing.TB, tc *tls.Config) string {
	t.Helper()
	srv, err := http2.NewServer(http2.Config{Serve: func(c *http2.ServerStream) {
		info := infoOf(c.Info().Conn)
		info.TLSVersion = c.Info().TLSVersion
		s.ServeStream(c, c.Request, info)
	}})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = ln.Close()
		_ = srv.Close()
	})
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			if tc == nil {
				_ = srv.ServePlain(c)
				continue
			}
			go func() {
				tlsConn := tls.Server(c, tc)
				if tlsConn.Handshake() != nil {
					_ = c.Close()
					return
				}
				_ = srv.ServeTLS(tlsConn)
			}()
		}
	}()
	return ln.Addr().String()
}

// script is an upstream that a test plays by hand: one call for each connection.
func script(t testing.TB, play func(c net.Conn, r *bufio.Reader)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[c] = true
			mu.Unlock()
			go func() {
				defer c.Close()
				play(c, bufio.NewReader(c))
			}()
		}
	}()
	t.Cleanup(func() {
		_ = ln.Close()
		mu.Lock()
		for c := range open {
			_ = c.Close()
		}
		mu.Unlock()
	})
	return ln.Addr().String()
}

// web is an upstream of net/http's.
func web(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	srv := &http.Server{Handler: h}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close() })
	return ln.Addr().String()
}

// dial connects to a station.
func dial(t testing.TB, addr string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c, bufio.NewReader(c)
}

// send writes to a connection.
func send(t testing.TB, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

// talk sends text on a connection of its own and returns all that comes back.
func talk(t testing.TB, addr, text string) string {
	t.Helper()
	c, r := dial(t, addr)
	send(t, c, text)
	b, _ := io.ReadAll(r) // a reset ends it as well
	return string(b)
}

// readHeadText reads a head up to and with its empty line.
func readHeadText(r *bufio.Reader) (string, error) {
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		b.WriteString(line)
		if err != nil {
			return b.String(), err
		}
		if line == "\r\n" {
			return b.String(), nil
		}
	}
}

// head is readHeadText for the test's own goroutine.
func head(t testing.TB, r *bufio.Reader) string {
	t.Helper()
	h, err := readHeadText(r)
	if err != nil {
		t.Fatalf("no whole head: %v in %q", err, h)
	}
	return h
}
