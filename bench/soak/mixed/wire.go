package mixed

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// patience bounds one exchange.
const patience = 30 * time.Second

// wire is a client's HTTP/1.1 connection.
type wire struct {
	net.Conn
	r    *bufio.Reader
	used time.Time
}

// dial connects to weir; with tls where secure is set.
func (r *Run) dial(address string, secure bool) (*wire, error) {
	c, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(patience))
	if secure {
		t := tls.Client(c, r.tls)
		if err := t.Handshake(); err != nil {
			c.Close()
			return nil, err
		}
		r.certificate(t.ConnectionState())
		c = t
	}
	return &wire{Conn: c, r: bufio.NewReaderSize(c, 8<<10), used: time.Now()}, nil
}

// kept returns the worker's kept connection. One that was idle for long is
// opened anew: weir may be closing it.
func (w *worker) kept(address string, secure bool) (*wire, error) {
	if w.conn != nil && time.Since(w.conn.used) > 4*time.Second {
		w.drop()
	}
	if w.conn == nil {
		c, err := w.dial(address, secure)
		if err != nil {
			return nil, err
		}
		w.conn = c
	}
	w.conn.used = time.Now()
	_ = w.conn.SetDeadline(time.Now().Add(patience))
	return w.conn, nil
}

func (w *worker) drop() {
	if w.conn != nil {
		w.conn.Close()
		w.conn = nil
	}
}

// fields are those that a request has besides its number, all of which hold what
// must not be written.
const fields = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0 " + canary + "\r\n" +
	"Cookie: sid=" + canary + "; theme=dark; " + canary + "=1\r\n" +
	"Authorization: Bearer " + canary + "\r\n" +
	"Referer: https://www.soak.example/u/" + canary + "?email=" + canary + "%40example.dk\r\n" +
	"X-Forwarded-For: " + clientAddress + "\r\n" +
	"X-" + canary + ": yes\r\n"

const query = "?email=" + canary + "%40example.dk&page=2&sort=" + canary + "&" + canary + "=1"

// head is a request's head. Target is the path, or a whole URL.
func head(method, target, host string, n uint32, more string) []byte {
	return fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: %s\r\n%s: %s\r\n%s%s\r\n", method, target, host, numberHeader, word(n), fields, more)
}

// answer is what came back.
type answer struct {
	*http.Response
	body []byte
}

// read takes one answer off the wire, interim ones aside.
func (c *wire) read(method string) (*answer, error) {
	for {
		r, err := http.ReadResponse(c.r, &http.Request{Method: method})
		if err != nil {
			return nil, err
		}
		if r.StatusCode < 200 && r.StatusCode != http.StatusSwitchingProtocols {
			continue
		}
		body, err := io.ReadAll(r.Body)
		return &answer{r, body}, err
	}
}

var errLength = errors.New("the answer's body is not the upstream's")

// upstreams holds an answer against what the upstream gives to n.
func upstreams(r *http.Response, n uint32) error {
	if r.StatusCode != http.StatusOK && r.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("status %d", r.StatusCode)
	}
	if r.Header.Get(echoHeader) != echo(word(n)) {
		return fmt.Errorf("the answer is of %q", r.Header.Get(echoHeader))
	}
	return nil
}

// get asks for path on c and expects body.
func (w *worker) get(c *wire, target, host, more string, body []byte) error {
	n := w.begin()
	if _, err := c.Write(head("GET", target, host, n, more)); err != nil {
		return err
	}
	a, err := c.read("GET")
	if err != nil {
		return err
	}
	return w.judge(a, n, body)
}

// judge marks n as whole where its answer is right.
func (w *worker) judge(a *answer, n uint32, body []byte) error {
	if err := upstreams(a.Response, n); err != nil {
		return err
	}
	if string(a.body) != string(body) {
		return errLength
	}
	w.numbers.set(n, whole|right)
	return nil
}
