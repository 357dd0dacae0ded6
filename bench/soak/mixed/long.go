package mixed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// serverEvents reads a stream of events to its end.
func serverEvents(w *worker) error {
	c, err := w.dial(w.process.plain, false)
	if err != nil {
		return err
	}
	defer c.Close()
	n := w.begin()
	if _, err := c.Write(head("GET", "/events"+query, www, n, "")); err != nil {
		return err
	}
	a, err := c.read("GET")
	if err != nil {
		return err
	}
	var want strings.Builder
	for i := range events {
		fmt.Fprintf(&want, "data: %d %s\n\n", i, canary)
	}
	return w.judge(a, n, []byte(want.String()))
}

// slowHead sends a head in pieces, for about a second.
func slowHead(w *worker) error {
	c, err := w.dial(w.process.plain, false)
	if err != nil {
		return err
	}
	defer c.Close()
	n := w.begin()
	request := head("GET", page, www, n, "")
	for rest := request; len(rest) > 0; {
		piece := min(len(rest), len(request)/10+1)
		if _, err := c.Write(rest[:piece]); err != nil {
			return err
		}
		rest = rest[piece:]
		time.Sleep(100 * time.Millisecond)
	}
	a, err := c.read("GET")
	if err != nil {
		return err
	}
	return w.judge(a, n, small)
}

// slowReader takes a large answer in small bites.
func slowReader(w *worker) error {
	c, err := w.dial(w.process.plain, false)
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.Conn.(*net.TCPConn).SetReadBuffer(16 << 10)
	n := w.begin()
	if _, err := c.Write(head("GET", "/large"+query, www, n, "")); err != nil {
		return err
	}
	r, err := http.ReadResponse(c.r, nil)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	for {
		if _, err = io.CopyN(&body, r.Body, 40<<10); err != nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err != io.EOF {
		return err
	}
	return w.judge(&answer{r, body.Bytes()}, n, large)
}

// slowloris never ends its head, and is shown out.
func slowloris(w *worker) error {
	c, err := w.dial(w.process.plain, false)
	if err != nil {
		return err
	}
	defer c.Close()
	request := head("GET", page, www, w.begin(), "")
	if _, err := c.Write(request[:len(request)-2]); err != nil {
		return err
	}
	data, err := io.ReadAll(c.r)
	if err != nil && len(data) == 0 {
		return fmt.Errorf("not shown out: %w", err)
	}
	return nil
}

// webSocket sends messages and gets them back.
func webSocket(w *worker) error {
	n := w.begin()
	d := websocket.Dialer{HandshakeTimeout: patience, NetDial: func(string, string) (net.Conn, error) {
		return net.DialTimeout("tcp", w.process.plain, 5*time.Second)
	}}
	c, r, err := d.Dial("ws://"+www+"/ws"+query, header(n))
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(patience))
	if err := upstreams(r, n); err != nil {
		return err
	}
	for range 2 + w.rand.IntN(6) {
		message := w.body(wordLength + w.rand.IntN(90<<10))
		if err := c.WriteMessage(websocket.BinaryMessage, message); err != nil {
			return err
		}
		_, back, err := c.ReadMessage()
		if err != nil {
			return err
		}
		if !bytes.Equal(back, message) {
			return errLength
		}
		time.Sleep(time.Duration(w.rand.IntN(50)) * time.Millisecond)
	}
	if err := c.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")); err != nil {
		return err
	}
	if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		return errors.New("no close frame came back")
	}
	w.numbers.set(n, whole|right)
	return nil
}

// header is what head has, for clients of net/http.
func header(n uint32) http.Header {
	h := http.Header{numberHeader: {word(n)}}
	for line := range strings.SplitSeq(strings.TrimSuffix(fields, "\r\n"), "\r\n") {
		name, value, _ := strings.Cut(line, ": ")
		h.Set(name, value)
	}
	return h
}

// openTunnel asks the forward listener for a tunnel.
func (w *worker) openTunnel(target string) (*wire, uint32, error) {
	c, err := w.dial(w.process.forward, false)
	if err != nil {
		return nil, 0, err
	}
	n := w.begin()
	if _, err = c.Write(head("CONNECT", target, target, n, "")); err == nil {
		var r *http.Response
		r, err = http.ReadResponse(c.r, &http.Request{Method: http.MethodConnect})
		if err == nil && r.StatusCode != http.StatusOK {
			err = fmt.Errorf("status %d to CONNECT", r.StatusCode)
		}
	}
	if err != nil {
		c.Close()
		return nil, 0, err
	}
	w.numbers.set(n, whole)
	return c, n, nil
}

// tunnel carries a few requests, now and then so much that it is spliced.
func tunnel(w *worker) error {
	c, _, err := w.openTunnel(w.origin.plain.address)
	if err != nil {
		return err
	}
	defer c.Close()
	for range 1 + w.rand.IntN(4) {
		path, want := "/small", small
		if w.rand.IntN(4) == 0 {
			path, want = "/large", large
		}
		if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, canary); err != nil {
			return err
		}
		a, err := c.read("GET")
		if err != nil {
			return err
		}
		if !bytes.Equal(a.body, want) {
			return errLength
		}
	}
	if w.rand.IntN(2) == 0 { // half-closed: the upstream ends it
		_ = c.Conn.(*net.TCPConn).CloseWrite()
		if _, err := io.ReadAll(c.r); err != nil {
			return err
		}
	}
	return nil
}
