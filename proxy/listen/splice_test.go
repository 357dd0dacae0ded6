package listen

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"
)

// result is what Splice returned.
type result struct {
	up, down int64
	err      error
}

// tunneled returns the outer ends of a tunnel between two connections.
func tunneled(t testing.TB, idle time.Duration) (client, upstream *net.TCPConn, done chan result) {
	l := listener(t, Config{})
	client, a := dialed(t, l)
	upstream, b := dialed(t, l)
	done = make(chan result, 1)
	go func() {
		up, down, err := Splice(a, b.NetConn(), idle)
		done <- result{up, down, err}
	}()
	return client, upstream, done
}

func await(t testing.TB, done chan result) result {
	t.Helper()
	select {
	case r := <-done:
		return r
	case <-time.After(20 * time.Second):
		buf := make([]byte, 1<<20)
		t.Fatalf("tunnel did not end\n%s", buf[:runtime.Stack(buf, true)])
		return result{}
	}
}

func TestATunnelCarriesHalfClosesAndCountsExactly(t *testing.T) {
	client, upstream, done := tunneled(t, time.Minute)
	send(t, client, "ping")
	_ = client.CloseWrite()
	if b, err := io.ReadAll(upstream); err != nil || string(b) != "ping" {
		t.Fatalf("%q %v", b, err)
	}
	send(t, upstream, "a long answer")
	_ = upstream.CloseWrite()
	if b, err := io.ReadAll(client); err != nil || string(b) != "a long answer" {
		t.Fatalf("%q %v", b, err)
	}
	if r := await(t, done); r != (result{4, 13, nil}) {
		t.Errorf("%+v", r)
	}
}

func TestBulkArrivesUnchangedInBothDirections(t *testing.T) {
	client, upstream, done := tunneled(t, time.Minute)
	const size = 24<<20 + 12345
	sums := make(chan [32]byte, 2)
	pour := func(c *net.TCPConn, seed uint64) {
		r := rand.NewChaCha8([32]byte{byte(seed)})
		h := sha256.New()
		_, _ = io.CopyN(io.MultiWriter(c, h), r, size)
		_ = c.CloseWrite()
		sums <- [32]byte(h.Sum(nil))
	}
	drain := func(c *net.TCPConn) [32]byte {
		h := sha256.New()
		buf := make([]byte, 100_000)
		for i := 0; ; i++ {
			n, err := c.Read(buf)
			h.Write(buf[:n])
			if err != nil {
				return [32]byte(h.Sum(nil))
			}
		}
	}
	go pour(client, 1)
	got := make(chan [32]byte, 1)
	go func() { got <- drain(upstream) }()
	up, sent := <-got, <-sums
	if up != sent {
		t.Error("client's bytes changed on their way")
	}
	go pour(upstream, 2)
	if down := drain(client); down != <-sums {
		t.Error("upstream's bytes changed on their way")
	}
	if r := await(t, done); r != (result{size, size, nil}) {
		t.Errorf("%+v", r)
	}
}

func TestBytesReadEarlyGoFirst(t *testing.T) {
	l := listener(t, Config{})
	client, a := dialed(t, l)
	upstream, b := dialed(t, l)
	early := bytes.Repeat([]byte("early"), 100)
	send(t, client, string(early))
	if _, err := a.Peek(len(early)); err != nil {
		t.Fatal(err)
	}
	go func() { _, _, _ = Splice(a, b, time.Minute) }()
	send(t, client, "late")
	_ = client.CloseWrite()
	if got, err := io.ReadAll(upstream); err != nil || string(got) != string(early)+"late" {
		t.Errorf("%q %v", got, err)
	}
}

func TestATunnelThatIsIdleEndsAndOneInUseDoesNot(t *testing.T) {
	const idle = 500 * time.Millisecond
	client, upstream, done := tunneled(t, idle)
	// One direction alone keeps both open, well beyond the limit.
	start := time.Now()
	buf := make([]byte, 1)
	for time.Since(start) < 3*idle {
		send(t, upstream, "x")
		if _, err := io.ReadFull(client, buf); err != nil {
			t.Fatal(err)
		}
		<-time.After(idle / 10)
	}
	if r := await(t, done); r.err != ErrIdle || r.up != 0 {
		t.Errorf("%+v", r)
	}
	if _, err := client.Read(buf); err == nil {
		t.Error("the client's connection is open")
	}
}

func TestAHalfClosedTunnelEndsWhenIdle(t *testing.T) {
	client, upstream, done := tunneled(t, 50*time.Millisecond)
	_ = client.CloseWrite()
	if _, err := io.ReadAll(upstream); err != nil {
		t.Error(err)
	}
	if r := await(t, done); r.err != ErrIdle {
		t.Errorf("%+v", r)
	}
}

func TestASideThatTakesNothingIsGivenUp(t *testing.T) {
	client, _, done := tunneled(t, 100*time.Millisecond)
	go func() { _, _ = io.Copy(client, rand.NewChaCha8([32]byte{})) }()
	if r := await(t, done); r.err != ErrIdle {
		t.Errorf("%+v", r)
	}
}

func TestASideThatBreaksEndsBoth(t *testing.T) {
	client, upstream, done := tunneled(t, time.Minute)
	send(t, upstream, "x")
	if _, err := io.ReadFull(client, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	_ = upstream.SetLinger(0)
	_ = upstream.Close()
	if r := await(t, done); r.err != ErrUpstream || r.down != 1 {
		t.Errorf("%+v", r)
	}
	if _, err := client.Read(make([]byte, 1)); err == nil {
		t.Error("the client's connection is open")
	}
}

func TestASideThatHasSaidGoodbyeMayTakeNoMore(t *testing.T) {
	client, upstream, done := tunneled(t, time.Minute)
	_ = upstream.Close()
	if _, err := io.ReadAll(client); err != nil {
		t.Fatal(err)
	}
	for { // the first write makes the upstream's host answer with a reset
		if _, err := client.Write([]byte("x")); err != nil {
			break
		}
		select {
		case r := <-done:
			if r.err != nil || r.down != 0 {
				t.Errorf("%+v", r)
			}
			return
		default:
		}
	}
	if r := await(t, done); r.err != nil {
		t.Errorf("%+v", r)
	}
}

func TestTunnelsWorkOverTLS(t *testing.T) {
	origin := httptest.NewUnstartedServer(nil)
	origin.StartTLS()
	defer origin.Close()
	l := listener(t, Config{})
	client, a := dialed(t, l)
	upstream, b := dialed(t, l)
	done := make(chan result, 1)
	go func() {
		up, down, err := Splice(tls.Server(a, &tls.Config{Certificates: origin.TLS.Certificates}), b, time.Minute)
		done <- result{up, down, err}
	}()
	pool := tls.Client(client, &tls.Config{RootCAs: origin.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"})
	const size = 2 << 20
	go func() {
		_, _ = io.CopyN(pool, rand.NewChaCha8([32]byte{}), size)
		_ = pool.CloseWrite()
	}()
	if n, err := io.Copy(io.Discard, upstream); n != size || err != nil {
		t.Fatal(n, err)
	}
	send(t, upstream, "bye")
	_ = upstream.CloseWrite()
	if got, err := io.ReadAll(pool); string(got) != "bye" || err != nil {
		t.Errorf("%q %v", got, err)
	}
	if r := await(t, done); r != (result{size, 3, nil}) {
		t.Errorf("%+v", r)
	}
}

func TestTunnelsLeaveNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	var waits []chan result
	for range 20 {
		client, upstream, done := tunneled(t, 100*time.Millisecond)
		send(t, client, "x")
		_ = client.CloseWrite()
		_ = upstream
		waits = append(waits, done)
	}
	for _, done := range waits {
		if r := await(t, done); !errors.Is(r.err, ErrIdle) || r.up != 1 {
			t.Errorf("%+v", r)
		}
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		runtime.Gosched()
	}
}

func BenchmarkSpliceBulk(b *testing.B) {
	client, upstream, _ := tunneled(b, time.Minute)
	go func() { _, _ = io.Copy(io.Discard, upstream) }()
	chunk := make([]byte, 1<<20)
	b.SetBytes(int64(len(chunk)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Write(chunk); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSplicePingPong(b *testing.B) {
	client, upstream, _ := tunneled(b, time.Minute)
	go func() { _, _ = io.Copy(upstream, upstream) }()
	msg := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Write(msg); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(client, msg); err != nil {
			b.Fatal(err)
		}
	}
}

// TestSilenceBeginsWhenTheLastBytesWereTaken has a side take its time: what is
// counted as silence begins when it took them, not when they had been read.
func TestSilenceBeginsWhenTheLastBytesWereTaken(t *testing.T) {
	const pause = 100 * time.Millisecond
	for name, wrap := range map[string]func(net.Conn) net.Conn{
		"a plain socket": func(c net.Conn) net.Conn { return c },
		"something else": func(c net.Conn) net.Conn { return struct{ net.Conn }{c} },
	} {
		client, a := dialed(t, listener(t, Config{}))
		now := time.Now()
		d := &direction{t: &tunnel{idle: time.Minute, start: now}, dst: wrap(a), now: now}
		if d.to = socket(d.dst, false); d.to != nil {
			d.send = newSender(d.to)
		}
		const size = 32 << 20 // more than fits in the buffers between
		go func() {
			<-time.After(pause)
			_, _ = io.CopyN(io.Discard, client, size)
		}()
		if err := d.write(make([]byte, size)); err != nil || time.Duration(d.t.last.Load()) < pause || d.now.Sub(now) < pause {
			t.Errorf("%s: %v, silent since %v", name, err, time.Duration(d.t.last.Load()))
		}
	}
}
