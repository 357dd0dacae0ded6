package mixed

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const (
	www    = "www.soak.example"
	broken = "broken.soak.example"
	page   = "/small/" + canary + query
)

// again drops the kept connection where the exchange on it failed.
func (w *worker) again(err error) error {
	if err != nil {
		w.drop()
	}
	return err
}

func (w *worker) keptOn(address string, secure bool, target, host string) error {
	c, err := w.kept(address, secure)
	if err != nil {
		return err
	}
	return w.again(w.get(c, target, host, "", small))
}

func kept(w *worker) error    { return w.keptOn(w.process.plain, false, page, www) }
func keptTLS(w *worker) error { return w.keptOn(w.process.secure, true, page, www) }
func toTLS(w *worker) error   { return w.keptOn(w.process.plain, false, page, "tls.soak.example") }
func forwarded(w *worker) error {
	return w.keptOn(w.process.forward, false, "http://"+w.origin.plain.address+page, w.origin.plain.address)
}

func (w *worker) fresh(secure bool) error {
	address := w.process.plain
	if secure {
		address = w.process.secure
	}
	c, err := w.dial(address, secure)
	if err != nil {
		return err
	}
	defer c.Close()
	return w.get(c, page, www, "Connection: close\r\n", small)
}

func fresh(w *worker) error    { return w.fresh(false) }
func freshTLS(w *worker) error { return w.fresh(true) }

// pipelined sends four requests at once.
func pipelined(w *worker) error {
	c, err := w.kept(w.process.plain, false)
	if err != nil {
		return err
	}
	var all []byte
	var ns [4]uint32
	for i := range ns {
		ns[i] = w.begin()
		all = append(all, head("GET", page, www, ns[i], "")...)
	}
	if _, err := c.Write(all); err != nil {
		return w.again(err)
	}
	for _, n := range ns {
		a, err := c.read("GET")
		if err == nil {
			err = w.judge(a, n, small)
		}
		if err != nil {
			return w.again(err)
		}
	}
	return nil
}

// form posts a small body in one piece with its head.
func form(w *worker) error {
	c, err := w.kept(w.process.plain, false)
	if err != nil {
		return err
	}
	n := w.begin()
	body := "email=" + canary + "%40example.dk&name=" + canary
	request := head("POST", "/echo/"+canary+query, www, n, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n")
	if _, err := c.Write(append(request, body...)); err != nil {
		return w.again(err)
	}
	return w.again(w.summed(c, n, sha256.Sum256([]byte(body)), len(body)))
}

// summed reads the answer to a body.
func (w *worker) summed(c *wire, n uint32, sum [sha256.Size]byte, size int) error {
	a, err := c.read("POST")
	if err != nil {
		return err
	}
	if a.Header.Get(sumHeader) != hex.EncodeToString(sum[:]) && a.StatusCode == http.StatusOK {
		return errors.New("the upstream got another body")
	}
	return w.judge(a, n, []byte(strconv.Itoa(size)))
}

// upload streams a body of up to a mebibyte in pieces, every second time after
// having asked whether it may.
func upload(w *worker) error {
	c, err := w.kept(w.process.plain, false)
	if err != nil {
		return err
	}
	n := w.begin()
	body := w.body(64<<10 + w.rand.IntN(1<<20-64<<10))
	more := "Content-Length: " + strconv.Itoa(len(body)) + "\r\n"
	ask := w.rand.IntN(2) == 0
	if ask {
		more += "Expect: 100-continue\r\n"
	}
	if _, err := c.Write(head("POST", "/echo"+query, www, n, more)); err != nil {
		return w.again(err)
	}
	if ask {
		r, err := http.ReadResponse(c.r, nil)
		if err != nil || r.StatusCode != http.StatusContinue {
			return w.again(fmt.Errorf("no 100 came: %w", errors.Join(err)))
		}
	}
	for rest := body; len(rest) > 0; {
		piece := min(len(rest), 8<<10+w.rand.IntN(56<<10))
		if _, err := c.Write(rest[:piece]); err != nil {
			return w.again(err)
		}
		rest = rest[piece:]
	}
	return w.again(w.summed(c, n, sha256.Sum256(body), len(body)))
}

// body is size bytes which no two exchanges share, a canary among them.
func (w *worker) body(size int) []byte {
	from := w.rand.IntN(len(large) / 2)
	b := bytes.Repeat(large[from:], size/(len(large)-from)+1)[:size]
	copy(b[size/2:], canary)
	copy(b, word(uint32(w.rand.Uint64())))
	return b
}

// chunked sends chunks and a trailer, and gets both back.
func chunked(w *worker) error {
	c, err := w.kept(w.process.plain, false)
	if err != nil {
		return err
	}
	n := w.begin()
	if _, err := c.Write(head("POST", "/trailers"+query, www, n, "Transfer-Encoding: chunked\r\nTrailer: X-Sent\r\n")); err != nil {
		return w.again(err)
	}
	var whole []byte
	for range 1 + w.rand.IntN(6) {
		piece := w.body(1 + wordLength + w.rand.IntN(6000))
		whole = append(whole, piece...)
		if _, err := fmt.Fprintf(c, "%x\r\n%s\r\n", len(piece), piece); err != nil {
			return w.again(err)
		}
	}
	if _, err := fmt.Fprintf(c, "0\r\nX-Sent: %s\r\n\r\n", echo(word(n))); err != nil {
		return w.again(err)
	}
	a, err := c.read("POST")
	if err != nil {
		return w.again(err)
	}
	sum := sha256.Sum256(whole)
	if a.StatusCode == http.StatusOK && (a.Trailer.Get(sumHeader) != hex.EncodeToString(sum[:]) || a.Trailer.Get("X-Back") != echo(word(n))) {
		return w.again(errors.New("the trailers did not pass"))
	}
	return w.again(w.judge(a, n, whole))
}

// idle opens a connection, asks nothing and waits for weir to close it.
func idle(w *worker) error {
	c, err := w.dial(w.process.plain, false)
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(patience))
	if _, err := c.r.ReadByte(); err == nil {
		return errors.New("weir spoke unasked")
	}
	return nil
}
