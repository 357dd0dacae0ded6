package relay

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"weir/redact/raw"
)

// listening asks for both bodies of each exchange, and makes a listener of each.
type listening struct {
	heard   chan *listener
	verdict raw.Verdict
	most    int // bytes that it wants of each body; 0 is all
	panics  bool
	durable bool // the relay has the entry written before the answer ends
}

// listener has an exchange's bodies without locks: who gives them keeps apart.
type listener struct {
	*listening
	request, response []byte
	upgraded          bool
	requestWhole      bool
	responseWhole     bool
	counted           [2]int64
}

func listeners(t testing.TB, upstream string, g *listening) *station {
	t.Helper()
	g.heard = make(chan *listener, 64)
	return start(t, Config{Gate: g, Durable: g.durable, Router: &Hosts{Default: target(t, TargetConfig{Addresses: []string{upstream}})}})
}

func (g *listening) Begin(*raw.Exchange) (raw.Verdict, raw.Observer) {
	v := g.verdict
	v.Request, v.Response = raw.Tapped, raw.Tapped
	return v, &listener{listening: g}
}

func (l *listener) RequestBody(p []byte) bool {
	l.request = append(l.request, p...)
	return l.wants(l.request)
}

func (l *listener) ResponseBody(p []byte) bool {
	l.response = append(l.response, p...)
	return l.wants(l.response)
}

func (l *listener) wants(b []byte) bool {
	if l.panics {
		panic("anna@example.dk")
	}
	return l.most == 0 || len(b) < l.most
}

func (l *listener) Upgraded() bool {
	l.upgraded, l.request, l.response = true, nil, nil
	return true
}

func (l *listener) Observe(x *raw.Exchange) {
	l.requestWhole, l.responseWhole = x.Request.Whole, x.Response.Whole
	l.counted = [2]int64{x.Request.BodyBytes, x.Response.BodyBytes}
	l.heard <- l
}

func (g *listening) next(t testing.TB) *listener {
	t.Helper()
	select {
	case l := <-g.heard:
		return l
	case <-time.After(patience):
		t.Fatal("nothing was observed")
		return nil
	}
}

// mirror answers each request with its body, while it comes.
func mirror(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).EnableFullDuplex()
	_, _ = io.Copy(w, r.Body)
}

func filler(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7 >> (i % 5))
	}
	return b
}

func TestBodiesAreTappedAsTheyPass(t *testing.T) {
	for _, durable := range []bool{false, true} {
		tappedWhole(t, &listening{durable: durable})
	}
}

// tappedWhole sends bodies of many sizes, and expects each of them tapped.
func tappedWhole(t *testing.T, g *listening) {
	s := listeners(t, web(t, mirror), g)
	clients := map[string]*http.Client{"http://" + s.addr: http.DefaultClient, "http://" + s.streams(t, nil): plain2(t)}
	for base, client := range clients {
		for _, n := range []int{0, 1, 1000, smallBody, smallBody + 1, 300_000} {
			for _, chunked := range []bool{false, true} {
				body := filler(n)
				req, err := http.NewRequest("POST", base+"/", bytes.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				if chunked {
					req.ContentLength, req.Body = -1, io.NopCloser(bytes.NewReader(body))
				}
				resp, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				back, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				l := g.next(t)
				if err != nil || !bytes.Equal(back, body) || !bytes.Equal(l.request, body) || !bytes.Equal(l.response, body) {
					t.Errorf("%s, %d bytes, chunked %v: %d back, %d and %d tapped, %v", base, n, chunked, len(back), len(l.request), len(l.response), err)
				}
				if !l.requestWhole || !l.responseWhole || l.counted != [2]int64{int64(n), int64(n)} {
					t.Errorf("%d bytes: whole %v and %v, counted %d", n, l.requestWhole, l.responseWhole, l.counted)
				}
			}
		}
	}
}

func TestWhoWantsNoMoreOfABodyIsGivenNoMore(t *testing.T) {
	g := &listening{most: 1}
	s := listeners(t, web(t, mirror), g)
	resp, err := http.Post("http://"+s.addr, "text/plain", bytes.NewReader(filler(1<<20)))
	if err != nil {
		t.Fatal(err)
	}
	back, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	l := g.next(t)
	if err != nil || len(back) != 1<<20 || len(l.request) > bufferSize || len(l.response) > bufferSize || len(l.request) == 0 {
		t.Errorf("%d back, %d and %d tapped, %v", len(back), len(l.request), len(l.response), err)
	}
}

func TestTapThatPanicsCostsTheClientNothing(t *testing.T) {
	g := &listening{panics: true}
	s := listeners(t, web(t, mirror), g)
	for _, n := range []int{10, 100_000} {
		resp, err := http.Post("http://"+s.addr, "text/plain", bytes.NewReader(filler(n)))
		if err != nil {
			t.Fatal(err)
		}
		back, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		l := g.next(t)
		if err != nil || !bytes.Equal(back, filler(n)) || len(l.request) == 0 || len(l.request) > bufferSize {
			t.Errorf("%d back of %d, %v, %d tapped", len(back), n, err, len(l.request))
		}
	}
}

func TestBodyThatBreaksOffIsNotWhole(t *testing.T) {
	for name, half := range map[string]string{
		"chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
		"length":  "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
	} {
		g := &listening{}
		s := listeners(t, script(t, func(c net.Conn, r *bufio.Reader) {
			_, _ = readHeadText(r)
			_, _ = io.WriteString(c, half)
		}), g)
		c, r := dial(t, s.addr)
		send(t, c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		_, _ = io.ReadAll(r)
		if l := g.next(t); l.responseWhole || !l.requestWhole || string(l.response) != "hello" {
			t.Errorf("%s: whole %v, %q", name, l.responseWhole, l.response)
		}
	}
	g := &listening{}
	s := listeners(t, web(t, mirror), g)
	c, _ := dial(t, s.addr)
	send(t, c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nhello")
	_ = c.Close()
	if l := g.next(t); l.requestWhole || string(l.request) != "hello" {
		t.Errorf("whole %v, %q", l.requestWhole, l.request)
	}
}

func TestWhatIsDeniedIsTappedAsItIsAnswered(t *testing.T) {
	g := &listening{verdict: raw.Verdict{Deny: true}}
	s := listeners(t, web(t, mirror), g)
	resp, err := http.Get("http://" + s.addr)
	if err != nil {
		t.Fatal(err)
	}
	back, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if l := g.next(t); string(l.response) != string(back) || !l.responseWhole || len(back) == 0 {
		t.Errorf("%q, whole %v, of %q", l.response, l.responseWhole, back)
	}
}

func TestWebSocketsAreTappedAsTheyPass(t *testing.T) {
	for _, most := range []int{0, 1} {
		g := &listening{most: most}
		s := listeners(t, echoing(t), g)
		c, _, err := websocket.DefaultDialer.Dial("ws://"+s.addr+"/ws", nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 40 {
			m := bytes.Repeat(fmt.Appendf(nil, "message %d,", i), 2000)
			if err := c.WriteMessage(websocket.TextMessage, m); err != nil {
				t.Fatal(err)
			}
			if _, got, err := c.ReadMessage(); err != nil || !bytes.Equal(got, m) {
				t.Fatal("not what was sent", err)
			}
		}
		_ = c.WriteMessage(websocket.TextMessage, []byte("bye"))
		_, _, _ = c.ReadMessage()
		_ = c.Close()
		l := g.next(t)
		down := strings.Count(string(l.response), "message 7,")
		if !l.upgraded || most == 0 && (down != 2000 || len(l.request) < len(l.response)) || most > 0 && len(l.request) > bufferSize {
			t.Errorf("%d: upgraded %v, %d and %d bytes, %d of one", most, l.upgraded, len(l.request), len(l.response), down)
		}
	}
}
