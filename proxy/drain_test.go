package proxy_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// holding is an upstream that answers /now at once, /held when it is released,
// and of /begun the beginning at once.
type holding struct {
	*httptest.Server
	asked   chan string
	release chan struct{}
}

func newHolding(t testing.TB) *holding {
	t.Helper()
	h := &holding{asked: make(chan string, 64), release: make(chan struct{})}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.asked <- r.URL.Path
		if r.URL.Path == "/begun" {
			_, _ = io.WriteString(w, "begun ")
			_ = http.NewResponseController(w).Flush()
		}
		if r.URL.Path != "/now" {
			select {
			case <-h.release:
			case <-r.Context().Done():
			}
		}
		_, _ = io.WriteString(w, "ended")
	}))
	t.Cleanup(h.Close)
	t.Cleanup(func() {
		select {
		case <-h.release:
		default:
			close(h.release)
		}
	})
	return h
}

func (h *holding) await(t testing.TB, path string) {
	t.Helper()
	select {
	case got := <-h.asked:
		if got != path {
			t.Fatalf("asked for %s", got)
		}
	case <-time.After(patience):
		t.Fatal("was not asked")
	}
}

// send writes a request and leaves the connection open.
func send(t testing.TB, c net.Conn, path string) {
	t.Helper()
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
}

// answer reads one response.
func answer(t testing.TB, r *bufio.Reader) (*http.Response, string) {
	t.Helper()
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

// two is a client of HTTP/2 that shows its frames.
type two struct {
	t      testing.TB
	conn   net.Conn
	framer *http2.Framer
	stream uint32
}

func newTwo(t testing.TB, c net.Conn) *two {
	t.Helper()
	w := &two{t: t, conn: c, framer: http2.NewFramer(c, c), stream: 1}
	w.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	if err := w.framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *two) get(path string) {
	w.t.Helper()
	var b bytes.Buffer
	enc := hpack.NewEncoder(&b)
	for _, f := range [][2]string{{":method", "GET"}, {":scheme", "http"}, {":authority", "x"}, {":path", path}} {
		if err := enc.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: w.stream, BlockFragment: b.Bytes(), EndStream: true, EndHeaders: true}); err != nil {
		w.t.Fatal(err)
	}
	w.stream += 2
}

// until reads frames until one is as asked; nil is the end of the connection.
func (w *two) until(so func(http2.Frame) bool) http2.Frame {
	w.t.Helper()
	for {
		f, err := w.framer.ReadFrame()
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
			return nil
		case err != nil:
			w.t.Fatal(err)
		case so(f):
			return f
		}
	}
}

func goAway(f http2.Frame) bool { _, ok := f.(*http2.GoAwayFrame); return ok }

func ended(f http2.Frame) bool {
	d, ok := f.(*http2.DataFrame)
	return ok && d.StreamEnded()
}

func headers(f http2.Frame) bool { _, ok := f.(*http2.MetaHeadersFrame); return ok }

func TestDrainEndsWhatIsUnderWayAndTakesNoMore(t *testing.T) {
	up := newHolding(t)
	in := start(t, fmt.Sprintf("limits: {drain: 9s}\nlisten: [{reverse: \"127.0.0.1:0\", to: %q}, {forward: \"127.0.0.1:0\"}]\n", up.URL))
	held, begun, idle := in.dial(0), in.dial(0), in.dial(0)
	idleReader := bufio.NewReader(idle)
	send(t, idle, "/now")
	up.await(t, "/now")
	if resp, _ := answer(t, idleReader); resp.Close {
		t.Error("closed before it was told to stop")
	}
	send(t, held, "/held")
	up.await(t, "/held")
	send(t, begun, "/begun")
	up.await(t, "/begun")
	busy, quiet := newTwo(t, in.dial(0)), newTwo(t, in.dial(0))
	busy.get("/held")
	up.await(t, "/held")
	quiet.get("/now")
	up.await(t, "/now")
	quiet.until(ended)

	in.stop()
	eventually(t, "unready", func() bool { return in.ready() == 503 })
	if status, _ := in.admin("/healthz"); status != 200 {
		t.Errorf("/healthz: %d", status)
	}
	// A load balancer that has not looked yet is still served, in either protocol,
	// and told that there is no more to come.
	late, lateTwo := in.dial(0), newTwo(t, in.dial(0))
	send(t, late, "/now")
	up.await(t, "/now")
	if resp, b := answer(t, bufio.NewReader(late)); !resp.Close || b != "ended" {
		t.Errorf("not the last: %v %q", resp.Header, b)
	}
	lateTwo.get("/now")
	if f := lateTwo.until(headers); f == nil {
		t.Error("HTTP/2 was not served any more")
	} else if h := f.(*http2.MetaHeadersFrame); h.PseudoValue("status") != "200" {
		t.Errorf("HTTP/2 was answered %v", h.Fields)
	} else {
		up.await(t, "/now")
	}
	if _, err := idleReader.ReadByte(); err != io.EOF {
		t.Errorf("idle connection: %v", err)
	}
	for _, w := range []*two{busy, quiet} {
		if f := w.until(goAway); f == nil {
			t.Error("ended without GOAWAY")
		} else if g := f.(*http2.GoAwayFrame); g.ErrCode != http2.ErrCodeNo {
			t.Error(g.ErrCode)
		}
	}
	eventually(t, "new connections are refused", func() bool {
		c, err := net.Dial("tcp", in.Addr(0))
		if err == nil {
			_ = c.Close()
		}
		return errors.Is(err, syscall.ECONNREFUSED)
	})

	select {
	case <-in.ended:
		t.Fatal("ended before its exchanges")
	default:
	}
	close(up.release)
	if resp, b := answer(t, bufio.NewReader(held)); !resp.Close || b != "ended" {
		t.Errorf("held: %v %q", resp.Header, b)
	}
	if _, b := answer(t, bufio.NewReader(begun)); b != "begun ended" {
		t.Errorf("begun: %q", b)
	}
	for _, c := range []net.Conn{held, begun, idle, late} {
		_ = c.Close() // so that nobody lingers for what they may still send
	}
	if busy.until(ended) == nil {
		t.Error("the stream was cut")
	}
	<-in.ended
	in.stopped(t, map[string]int{"": 7})
}

// stopped compares how the entries ended, in the sink and on disk.
func (in *instance) stopped(t testing.TB, want map[string]int) {
	t.Helper()
	got, all := map[string]int{}, 0
	for len(in.entries) > 0 {
		e := in.next()
		got[e.text("error.type")]++
		all++
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("entries by outcome: %v, want %v", got, want)
	}
	lines := 0
	segments, _ := filepath.Glob(filepath.Join(in.dir, "log", "30d", "*.jsonl"))
	for _, s := range segments {
		b, err := os.ReadFile(s)
		if err != nil {
			t.Fatal(err)
		}
		lines += bytes.Count(b, []byte("\n"))
	}
	if lines != all {
		t.Errorf("%d entries on disk, want %d", lines, all)
	}
}

func TestDeadlineOfTheDrainCutsWhatLasts(t *testing.T) {
	up := newHolding(t)
	tunnelled, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tunnelled.Close()
	in := start(t, fmt.Sprintf("limits: {drain: 500ms}\nlisten: [{reverse: \"127.0.0.1:0\", to: %q}, {forward: \"127.0.0.1:0\"}]\n", up.URL))
	held, begun, w, tunnel := in.dial(0), in.dial(0), newTwo(t, in.dial(0)), in.dial(1)
	send(t, held, "/held")
	up.await(t, "/held")
	send(t, begun, "/begun")
	up.await(t, "/begun")
	w.get("/held")
	up.await(t, "/held")
	if _, err := fmt.Fprintf(tunnel, "CONNECT %[1]s HTTP/1.1\r\nHost: %[1]s\r\n\r\n", tunnelled.Addr()); err != nil {
		t.Fatal(err)
	}
	if resp, err := http.ReadResponse(bufio.NewReader(tunnel), &http.Request{Method: "CONNECT"}); err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	began := time.Now()
	in.end()
	if took := time.Since(began); took > patience {
		t.Errorf("took %v", took)
	}
	// A broken message, never one that looks whole.
	resp, err := http.ReadResponse(bufio.NewReader(begun), nil)
	if err == nil {
		_, err = io.ReadAll(resp.Body)
	}
	if err == nil {
		t.Error("what was cut off looks whole")
	}
	if b, _ := io.ReadAll(held); strings.Contains(string(b), " 200 ") {
		t.Errorf("%q", b)
	}
	if w.until(ended) != nil {
		t.Error("what was cut off looks whole")
	}
	if !strings.Contains(in.said.String(), "exchanges_cut_off") {
		t.Error(in.said)
	}
	in.stopped(t, map[string]int{"stopped": 4})
}

func TestHurryEndsADrain(t *testing.T) {
	up := newHolding(t)
	in := start(t, fmt.Sprintf("limits: {drain: 1h}\nlisten: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL))
	held := in.dial(0)
	send(t, held, "/held")
	up.await(t, "/held")
	began := time.Now()
	in.stop()
	in.Hurry()
	<-in.ended
	if took := time.Since(began); took > patience {
		t.Errorf("took %v", took)
	}
	in.stopped(t, map[string]int{"stopped": 1})
}

// What comes after SIGTERM is served, and held to the same deadline.
func TestWhatBeganWhileDrainingIsCutToo(t *testing.T) {
	up := newHolding(t)
	in := start(t, fmt.Sprintf("limits: {drain: 2s}\nlisten: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL))
	in.stop()
	eventually(t, "unready", func() bool { return in.ready() == 503 })
	held, w := in.dial(0), newTwo(t, in.dial(0))
	send(t, held, "/held")
	up.await(t, "/held")
	w.get("/held")
	up.await(t, "/held")
	<-in.ended
	in.stopped(t, map[string]int{"stopped": 2})
}

func TestSilentConnectionHoldsNothingUp(t *testing.T) {
	up := newHolding(t)
	in := start(t, fmt.Sprintf("limits: {drain: 1h, read_head: 1h}\nlisten: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL))
	silent, served := in.dial(0), in.dial(0)
	send(t, served, "/now") // so that the silent one is accepted
	up.await(t, "/now")
	answer(t, bufio.NewReader(served))
	_ = served.Close()
	began := time.Now()
	in.end()
	if took := time.Since(began); took > patience {
		t.Errorf("took %v", took)
	}
	if _, err := silent.Read(make([]byte, 1)); err == nil {
		t.Error("it was answered")
	}
}
