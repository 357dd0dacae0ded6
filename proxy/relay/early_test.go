package relay

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"weir/redact/raw"
)

// endless is a body that never ends, and says how much of it was read.
type endless struct{ done chan bool }

func (e endless) Read(p []byte) (int, error) {
	select {
	case <-e.done:
		return 0, io.EOF
	default:
		return len(p), nil
	}
}

func TestEarlyAnswerToALongUploadDoesNotDeadlock(t *testing.T) {
	for _, c := range []struct {
		name  string
		close bool // by the upstream, once it has answered
	}{{"closed by the upstream", true}, {"left standing by the upstream", false}} {
		t.Run(c.name, func(t *testing.T) {
			held := make(chan bool)
			defer close(held)
			up := script(t, func(conn net.Conn, r *bufio.Reader) {
				_, _ = readHeadText(r)
				_, _ = io.WriteString(conn, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 7\r\n\r\ntoo big")
				if !c.close {
					<-held // without reading: the upload has nowhere to go
				}
			})
			s := reverse(t, up)
			conn, r := dial(t, s.addr)
			sent := make(chan error, 1)
			go func() {
				_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
				_, err := io.Copy(conn, io.LimitReader(endless{}, 1000000000))
				sent <- err
			}()
			resp, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(resp.Body); err != nil || string(b) != "too big" || resp.StatusCode != 413 {
				t.Errorf("%d %q, %v", resp.StatusCode, b, err)
			}
			e := s.gate.next(t)
			if e.outcome != raw.Complete || e.status != 413 || e.requestBody >= 1000000000 {
				t.Errorf("%+v", e)
			}
			_ = conn.Close()
			<-sent
		})
	}
}

func TestEarlyAnswerLetsTheUploadGoOnWhereBothWantIt(t *testing.T) {
	got := make(chan int64, 1)
	up := script(t, func(conn net.Conn, r *bufio.Reader) {
		for {
			if _, err := readHeadText(r); err != nil {
				return
			}
			_, _ = io.WriteString(conn, ok)
			n, _ := io.CopyN(io.Discard, r, 100000)
			got <- n
		}
	})
	s := reverse(t, up)
	conn, r := dial(t, s.addr)
	for range 2 { // and the connection serves once more
		send(t, conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
		head(t, r)
		_, _ = r.Discard(2)
		send(t, conn, strings.Repeat("x", 100000))
		if n := <-got; n != 100000 {
			t.Errorf("upstream got %d bytes", n)
		}
		if e := s.gate.next(t); e.outcome != raw.Complete || e.requestBody != 100000 {
			t.Errorf("%+v", e)
		}
	}
}

func TestAnswerThatEchoesTheUploadAsItComesDoesNotDeadlock(t *testing.T) {
	up := script(t, func(conn net.Conn, r *bufio.Reader) {
		_, _ = readHeadText(r)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
		_, _ = io.CopyN(conn, r, 50000000)
	})
	s := reverse(t, up)
	conn, r := dial(t, s.addr)
	go func() {
		_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n")
		_, _ = io.Copy(conn, io.LimitReader(endless{}, 50000000))
	}()
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, resp.Body); n != 50000000 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	if e := s.gate.next(t); e.outcome != raw.Complete || e.requestBody != 50000000 || e.responseBody != 50000000 {
		t.Errorf("%+v", e)
	}
}

func TestUploadThatStandsStillAfterItsAnswerIsEnded(t *testing.T) {
	up, _ := always(t, ok)
	s := reverse(t, up)
	conn, r := dial(t, s.addr)
	send(t, conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nsome")
	head(t, r)
	_, _ = r.Discard(2)
	began := time.Now()
	if e := s.gate.next(t); e.outcome != raw.Complete || e.requestBody != 4 {
		t.Errorf("%+v", e)
	}
	if _, err := r.ReadByte(); err == nil {
		t.Error("the connection went on amid a body")
	}
	if d := time.Since(began); d > 5*stall {
		t.Errorf("ended after %v", d)
	}
}

func TestUnsendableUploadStillGetsTheUpstreamsReason(t *testing.T) {
	up := script(t, func(conn net.Conn, r *bufio.Reader) {
		_, _ = readHeadText(r)
		_, _ = io.WriteString(conn, "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		_ = conn.(*net.TCPConn).CloseRead()
	})
	s := reverse(t, up)
	a := talk(t, s.addr, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 10\r\n\r\n0123456789")
	if !strings.HasPrefix(a, "HTTP/1.1 429 ") {
		t.Errorf("answered %q", a)
	}
}

// taker is a client that takes everything; noting is an upstream that notes what
// its answer is read into.
type (
	taker  struct{ Client }
	noting struct {
		Upstream
		into *byte
	}
)

func (taker) Flush() error           { return nil }
func (taker) Finish(*raw.Head) error { return nil }

func (n *noting) Buffered() int { return 0 }

func (n *noting) ReadBody(p []byte) (int, error) {
	n.into = &p[0]
	return 0, io.EOF
}

func TestAnswerIsNotReadOverWhatIsStillToBeUploaded(t *testing.T) {
	for _, uploading := range []bool{false, true} {
		up := &noting{}
		j := &journey{relay: new(Relay), seat: &seat{up: up}, client: taker{}, small: new([smallBody + 1]byte)}
		j.response = raw.Head{Framing: raw.Length, Length: 3}
		if uploading {
			j.upload.done = make(chan struct{})
		}
		if err := j.stream(); err != nil {
			t.Fatal(err)
		}
		if shared := up.into == &j.small[0]; shared == uploading {
			t.Errorf("uploading %v, shared %v", uploading, shared)
		}
	}
}
