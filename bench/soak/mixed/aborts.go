package mixed

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// close breaks a connection off: by a reset, or by a plain end.
func (c *wire) breakOff(reset bool) {
	under := c.Conn
	if t, ok := under.(*tls.Conn); ok {
		under = t.NetConn()
	}
	if reset {
		_ = under.(*net.TCPConn).SetLinger(0)
	}
	_ = under.Close()
}

// leaving is a client that breaks off at a random moment.
func leaving(w *worker) error {
	secure := w.rand.IntN(3) == 0
	address := w.process.plain
	if secure {
		address = w.process.secure
	}
	c, err := w.dial(address, secure)
	if err != nil {
		return err
	}
	n := w.begin()
	reset := w.rand.IntN(2) == 0
	defer c.breakOff(reset)
	request := head("GET", "/drip"+query, www, n, "")
	moment := w.rand.IntN(4)
	switch moment {
	case 0: // within the head
		request = request[:w.rand.IntN(len(request)-1)]
	case 1: // within the body
		request = head("POST", "/echo"+query, www, n, "Content-Length: 200000\r\n")
		request = append(request, large[:w.rand.IntN(100000)]...)
	}
	if _, err := c.Write(request); err != nil {
		return err
	}
	if moment == 3 { // within the answer
		r, err := http.ReadResponse(c.r, nil)
		if err != nil {
			return err
		}
		_, _ = io.CopyN(io.Discard, r.Body, int64(w.rand.IntN(30*len(small))))
	}
	// What a reset leaves unread may be lost, so that weir never saw the head.
	if moment == 3 || moment > 0 && !reset {
		w.numbers.set(n, whole)
	}
	return nil
}

// leavingTunnel breaks a tunnel off.
func leavingTunnel(w *worker) error {
	c, _, err := w.openTunnel(w.origin.plain.address)
	if err != nil {
		return err
	}
	defer c.breakOff(w.rand.IntN(2) == 0)
	if _, err := fmt.Fprintf(c, "GET /drip HTTP/1.1\r\nHost: %s\r\n\r\n", canary); err != nil {
		return err
	}
	time.Sleep(time.Duration(w.rand.IntN(200)) * time.Millisecond)
	return nil
}

var cuts = []string{"silence", "reset", "length", "chunk", "head"}

// cut is an upstream that breaks off. Its answer must not look whole.
func cut(w *worker) error {
	c, err := w.dial(w.process.plain, false)
	if err != nil {
		return err
	}
	defer c.Close()
	how := cuts[w.rand.IntN(len(cuts))]
	n := w.begin()
	method := [...]string{"GET", "POST"}[w.rand.IntN(2)]
	more := ""
	if method == "POST" {
		more = "Content-Length: 0\r\n"
	}
	if _, err := c.Write(head(method, "/cut?how="+how, broken, n, more)); err != nil {
		return err
	}
	a, err := c.read(method)
	switch {
	case a == nil:
		return fmt.Errorf("no answer to %s: %w", how, err)
	case err == nil && a.StatusCode < 500:
		return fmt.Errorf("an answer of status %d that broke off (%s) looks whole", a.StatusCode, how)
	case err == nil && unavailable(a.StatusCode) != nil:
		return unavailable(a.StatusCode)
	}
	w.numbers.set(n, whole)
	return nil
}

// unavailable reports a status that no broken upstream brings about.
func unavailable(status int) error {
	switch status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return nil
	}
	return fmt.Errorf("status %d", status)
}

// restarted asks an upstream that is away now and then.
func restarted(w *worker) error {
	c, err := w.kept(w.process.plain, false)
	if err != nil {
		return err
	}
	n := w.begin()
	if _, err := c.Write(head("GET", page, broken, n, "")); err != nil {
		return w.again(err)
	}
	a, err := c.read("GET")
	if a == nil {
		return w.again(err)
	}
	w.numbers.set(n, whole)
	if err != nil || a.Close {
		w.drop()
	}
	if err == nil && a.StatusCode != http.StatusOK {
		return unavailable(a.StatusCode)
	}
	if err == nil {
		return w.again(w.judge(a, n, small))
	}
	return nil
}
