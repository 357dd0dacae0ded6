package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

// The loads that wrk can't make. They run as processes of their own, on the
// core of the load: this program, asked for by its first argument.
const (
	loadTunnels = "load-tunnels" // requests through kept tunnels
	loadSetUps  = "load-setups"  // a tunnel for each request
	loadIdle    = "load-idle"    // connections that have had one request
)

// generate runs a load and prints its tally.
func generate(args []string) error {
	f := flag.NewFlagSet(args[0], flag.ContinueOnError)
	var g generator
	f.StringVar(&g.proxy, "proxy", "", "")
	f.StringVar(&g.target, "target", "", "")
	f.StringVar(&g.path, "path", "/", "")
	connections := f.Int("connections", 32, "")
	length := f.Duration("for", time.Second, "")
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	for _, r := range visitors("", g.path) {
		g.requests = append(g.requests, []byte(r))
	}
	if args[0] == loadIdle {
		return g.idle(*connections)
	}
	g.until = time.Now().Add(*length)
	began := time.Now()
	var wait sync.WaitGroup
	counts := make([]count, *connections)
	for i := range counts {
		wait.Go(func() {
			if args[0] == loadSetUps {
				counts[i] = g.setUps(i)
			} else {
				counts[i] = g.tunnels(i)
			}
		})
	}
	wait.Wait()
	t := sum(counts, time.Since(began))
	t.print(os.Stdout)
	for _, c := range counts {
		if c.err != nil {
			return c.err
		}
	}
	return nil
}

type generator struct {
	proxy, target, path string
	requests            [][]byte
	until               time.Time
}

// count is what one goroutine saw. Times are in µs.
type count struct {
	times  []float64
	bytes  int
	failed int
	err    error // the first failure's
}

func (c *count) fail(err error) {
	c.failed++
	if c.err == nil {
		c.err = err
	}
}

// sum joins counts that took so long together.
func sum(counts []count, took time.Duration) tally {
	var times []float64
	t := tally{micros: float64(took.Microseconds())}
	for _, c := range counts {
		times = append(times, c.times...)
		t.bytes += float64(c.bytes)
		t.failed += float64(c.failed)
	}
	slices.Sort(times)
	if n := len(times); n > 0 {
		t.requests, t.p50, t.p99 = float64(n), times[(n-1)/2], times[(n-1)*99/100]
	}
	return t
}

func (t tally) print(w io.Writer) {
	fmt.Fprintf(w, "tally requests=%.0f micros=%.0f bytes=%.0f p50=%.0f p99=%.0f failed=%.0f\n", t.requests, t.micros, t.bytes, t.p50, t.p99, t.failed)
}

// tunnels sends requests one after the other through one tunnel.
func (g *generator) tunnels(from int) (c count) {
	conn, err := g.connect()
	if err != nil {
		c.fail(err)
		return c
	}
	defer conn.Close()
	buf := make([]byte, 64<<10)
	for i := from; ; i++ {
		began := time.Now()
		if began.After(g.until) {
			return c
		}
		n, err := exchange(conn, g.requests[i%len(g.requests)], buf)
		if err != nil {
			c.fail(err)
			return c
		}
		c.bytes += n
		c.times = append(c.times, float64(time.Since(began).Nanoseconds())/1e3)
	}
}

// setUps opens a tunnel for each request.
func (g *generator) setUps(from int) (c count) {
	buf := make([]byte, 64<<10)
	for i := from; ; i++ {
		began := time.Now()
		if began.After(g.until) {
			return c
		}
		conn, err := g.connect()
		if err != nil {
			c.fail(err)
			return c
		}
		n, err := exchange(conn, g.requests[i%len(g.requests)], buf)
		conn.Close()
		if err != nil {
			c.fail(err)
			return c
		}
		c.bytes += n
		c.times = append(c.times, float64(time.Since(began).Nanoseconds())/1e3)
	}
}

// connect opens a tunnel to the target.
func (g *generator) connect() (net.Conn, error) {
	conn, err := net.DialTimeout("tcp", g.proxy, 5*time.Second)
	if err != nil {
		return nil, err
	}
	conn.SetDeadline(g.until.Add(10 * time.Second))
	fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: curl/8.15\r\nX-Forwarded-For: "+visitor+"\r\n\r\n", g.target, g.target)
	head := make([]byte, 0, 1024)
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		n, err := conn.Read(head[len(head):cap(head)])
		if head = head[:len(head)+n]; err != nil || len(head) == cap(head) {
			conn.Close()
			return nil, fmt.Errorf("no answer to CONNECT: %w", err)
		}
	}
	if !ok(head) {
		conn.Close()
		return nil, errors.New("CONNECT is refused")
	}
	return conn, nil
}

// ok reports whether a head is that of a 200.
func ok(head []byte) bool {
	return len(head) > 12 && bytes.HasPrefix(head, []byte("HTTP/1.")) && string(head[9:12]) == "200"
}

// exchange sends a request and reads its answer, which has a Content-Length,
// into buf; it returns the answer's length.
func exchange(conn net.Conn, request, buf []byte) (int, error) {
	if _, err := conn.Write(request); err != nil {
		return 0, err
	}
	n, want := 0, 0
	for want == 0 || n < want {
		m, err := conn.Read(buf[n:])
		if n += m; err != nil {
			return n, err
		}
		if want == 0 {
			if want, err = length(buf[:n]); err != nil {
				return n, err
			}
		}
	}
	if n > want || !ok(buf) {
		return n, errors.New("an odd answer")
	}
	return n, nil
}

// length is that of an answer, head and body, 0 where its head is not all there.
func length(answer []byte) (int, error) {
	head, _, whole := bytes.Cut(answer, []byte("\r\n\r\n"))
	if !whole {
		return 0, nil
	}
	for line := range bytes.Lines(head) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte("content-length")) {
			n, err := strconv.Atoi(string(bytes.TrimSpace(value)))
			return len(head) + 4 + n, err
		}
	}
	return 0, errors.New("an answer without Content-Length")
}

// idle opens connections, has one request answered on each, and holds them until
// standard input ends.
func (g *generator) idle(connections int) error {
	began := time.Now()
	c := count{}
	open := make([]net.Conn, 0, connections)
	buf := make([]byte, 64<<10)
	for i := range connections {
		// Of several addresses, which have ports enough for all.
		d := net.Dialer{Timeout: 5 * time.Second, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i%4))}}
		conn, err := d.Dial("tcp", g.proxy)
		if err != nil {
			return err
		}
		open = append(open, conn)
		asked := time.Now()
		n, err := exchange(conn, g.requests[i%len(g.requests)], buf)
		if err != nil {
			return err
		}
		c.bytes += n
		c.times = append(c.times, float64(time.Since(asked).Nanoseconds())/1e3)
	}
	sum([]count{c}, time.Since(began)).print(os.Stdout)
	_, err := io.Copy(io.Discard, os.Stdin)
	// All must still be there: one that the proxy has closed was not held.
	for _, conn := range open {
		conn.SetReadDeadline(time.Now().Add(time.Millisecond / 10))
		if _, gone := conn.Read(buf[:1]); !errors.Is(gone, os.ErrDeadlineExceeded) {
			return errors.New("the proxy closed connections that were idle")
		}
	}
	fmt.Println("held")
	return err
}
