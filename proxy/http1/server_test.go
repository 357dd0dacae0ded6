package http1

import (
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/redact/raw"
)

func TestPipelinedRequestsAreAnsweredInOrder(t *testing.T) {
	client, s := served(t, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"+
		"GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /4 HTTP/1.1\r\nHost: a\r\n\r\n", nil)
	var m raw.Message
	for i, path := range []string{"/1", "/2", "/3"} {
		if err := s.ReadRequest(&m); err != nil || string(m.Peek(m.Path)) != path {
			t.Fatalf("%d: %v", i, err)
		}
		if s.FirstByte().IsZero() || time.Since(s.FirstByte()) > patience {
			t.Error("started at no time")
		}
		if err := s.Respond(200, path); err != nil {
			t.Fatal(err)
		}
	}
	if s.KeepAlive() || s.ReadRequest(&m) != io.EOF {
		t.Error("a request behind the last one is read")
	}
	go func() { _ = s.Close() }()
	b, err := io.ReadAll(client)
	if err != nil || strings.Count(string(b), "HTTP/1.1 200") != 3 || !strings.HasSuffix(string(b), "Connection: close\r\n\r\n/3") {
		t.Errorf("%q, %v", b, err)
	}
}

func TestUnreadBodyIsPassedOverUpToABound(t *testing.T) {
	for _, c := range []struct {
		name, head, body string
		kept             bool
	}{
		{"small", "Content-Length: 5", "12345", true},
		{"small chunks", "Transfer-Encoding: chunked", "5\r\n12345\r\n0\r\n\r\n", true},
		{"large", "Content-Length: 2000", strings.Repeat("a", 2000), false},
		{"large chunks", "Transfer-Encoding: chunked", strings.Repeat("10\r\n0123456789abcdef\r\n", 200) + "0\r\n\r\n", false},
		{"broken chunks", "Transfer-Encoding: chunked", "x\r\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, s := served(t, "POST / HTTP/1.1\r\nHost: a\r\n"+c.head+"\r\n\r\n"+c.body+"GET /next HTTP/1.1\r\nHost: a\r\n\r\n",
				func(l *Limits) { l.DrainBytes = 1000 })
			var m raw.Message
			if err := s.ReadRequest(&m); err != nil {
				t.Fatal(err)
			}
			if err := s.Respond(403, "no"); err != nil {
				t.Fatal(err)
			}
			err := s.ReadRequest(&m)
			if c.kept && (err != nil || string(m.Peek(m.Path)) != "/next") || !c.kept && err != io.EOF {
				t.Errorf("next: %v", err)
			}
			go func() { _ = s.Close() }()
			if b, err := io.ReadAll(client); err != nil || !strings.HasSuffix(string(b), "no") {
				t.Errorf("answered %q, %v", b, err)
			}
			_ = client.Close()
		})
	}
}

// TestEarlyAnswerReachesAClientThatIsStillSending has an answer come while the
// upload waits for more: neither may wait for the other, and what the client
// still sends must not take its answer away.
func TestEarlyAnswerReachesAClientThatIsStillSending(t *testing.T) {
	client, s := served(t, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\nabc", nil)
	var m raw.Message
	if err := s.ReadRequest(&m); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	begun := make(chan bool)
	go func() {
		buf := make([]byte, 8<<10)
		for first := true; ; first = false {
			if _, err := s.ReadBody(buf); err != nil {
				ended <- err
				return
			}
			if first {
				close(begun)
			}
		}
	}()
	<-begun
	if err := s.Respond(413, "too large"); err != nil {
		t.Fatal(err)
	}
	s.StopRead()
	if err := <-ended; err != ErrStopped {
		t.Errorf("upload ended with %v", err)
	}
	if s.KeepAlive() {
		t.Error("the connection would go on")
	}
	closed := make(chan struct{})
	go func() { _ = s.Close(); close(closed) }()
	for range 50 {
		write(t, client, strings.Repeat("a", 10_000))
	}
	if b, err := io.ReadAll(client); err != nil || !strings.HasSuffix(string(b), "too large") {
		t.Errorf("answered %q, %v", b, err)
	}
	_ = client.Close()
	<-closed
}

func TestClientThatWaitsFor100IsNotReadFurtherWithoutIt(t *testing.T) {
	for _, status := range []int{0, 100} {
		client, s := served(t, "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", nil)
		var m raw.Message
		if err := s.ReadRequest(&m); err != nil {
			t.Fatal(err)
		}
		if status == 100 {
			if err := s.WriteHead(response(100)); err != nil {
				t.Fatal(err)
			}
			want(t, client, "HTTP/1.1 100 Fine\r\n\r\n")
			write(t, client, "abc")
			if body, err := readAll(s.ReadBody); body != "abc" || err != nil {
				t.Fatalf("%q, %v", body, err)
			}
		}
		if err := s.Respond(403, ""); err != nil {
			t.Fatal(err)
		}
		if s.KeepAlive() != (status == 100) {
			t.Errorf("after %d: keep alive is %v", status, s.KeepAlive())
		}
	}
}

func TestAbortIsSeenAsABrokenConnection(t *testing.T) {
	client, s := answered(t)
	h := response(200)
	h.Framing = raw.UntilClose
	if err := s.WriteHead(h); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteBody([]byte("half")); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	want(t, client, "HTTP/1.1 200 Fine\r\nConnection: close\r\n\r\nhalf")
	s.Abort()
	if _, err := io.ReadAll(client); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the client saw %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("then closing: %v", err)
	}
}

func TestSlowHeadIsRefused(t *testing.T) {
	client, s := served(t, "GET / HTTP/1.1\r\nHost", func(l *Limits) { l.ReadHead = 100 * time.Millisecond })
	go func() { // a byte now and then doesn't help
		for {
			if _, err := client.Write([]byte("a")); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	var m raw.Message
	err := s.ReadRequest(&m)
	if reasonOf(err) != "slow_head" {
		t.Fatal(err)
	}
	if err := s.Respond(408, "slow"); err != nil {
		t.Fatal(err)
	}
	want(t, client, "HTTP/1.1 408 ")
}

func TestSilenceEndsWithATimeout(t *testing.T) {
	isTimeout := func(err error) bool {
		var ne net.Error
		return errors.As(err, &ne) && ne.Timeout()
	}
	short := func(l *Limits) {
		l.ReadHead, l.Idle, l.Answer, l.Read, l.Write = 60*time.Millisecond, 60*time.Millisecond, 60*time.Millisecond, 60*time.Millisecond, 60*time.Millisecond
	}
	var m raw.Message
	t.Run("before the first request", func(t *testing.T) {
		_, s := served(t, "", short)
		if err := s.ReadRequest(&m); err != io.EOF {
			t.Error(err)
		}
	})
	t.Run("between requests", func(t *testing.T) {
		client, s := served(t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", short)
		if err := s.ReadRequest(&m); err != nil {
			t.Fatal(err)
		}
		if err := s.Respond(200, ""); err != nil {
			t.Fatal(err)
		}
		if err := s.ReadRequest(&m); err != io.EOF {
			t.Error(err)
		}
		_ = s.Close()
		if _, err := io.ReadAll(client); err != nil {
			t.Error(err)
		}
	})
	t.Run("in a request's body", func(t *testing.T) {
		_, s := served(t, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab", short)
		if err := s.ReadRequest(&m); err != nil {
			t.Fatal(err)
		}
		if body, err := readAll(s.ReadBody); body != "ab" || !isTimeout(err) {
			t.Errorf("%q, %v", body, err)
		}
	})
	t.Run("of a client that doesn't read", func(t *testing.T) {
		_, s := answered(t)
		s.lim.Write = 60 * time.Millisecond
		h := response(200)
		h.Framing = raw.UntilClose
		if err := s.WriteHead(h); err != nil {
			t.Fatal(err)
		}
		for {
			if err := s.WriteBody(make([]byte, piece)); err != nil {
				if !isTimeout(err) {
					t.Error(err)
				}
				return
			}
		}
	})
	t.Run("before an answer", func(t *testing.T) {
		_, c := dialled(t, short)
		send(t, c, "GET", "")
		if err := c.ReadHead(&m); !isTimeout(err) {
			t.Error(err)
		}
	})
	t.Run("in an answer's body", func(t *testing.T) {
		up, c := dialled(t, short)
		send(t, c, "GET", "")
		write(t, up, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na")
		if err := c.ReadHead(&m); err != nil {
			t.Fatal(err)
		}
		if body, err := readAll(c.ReadBody); body != "a" || !isTimeout(err) {
			t.Errorf("%q, %v", body, err)
		}
	})
}

// TestTimeForAnAnswerCountsFromTheEndOfTheRequest has an upload take longer
// than an answer may.
func TestTimeForAnAnswerCountsFromTheEndOfTheRequest(t *testing.T) {
	up, c := dialled(t, func(l *Limits) { l.Answer = 200 * time.Millisecond })
	h := request("POST")
	h.Framing = raw.Chunked
	if err := c.WriteHead(h); err != nil {
		t.Fatal(err)
	}
	read := make(chan error)
	var m raw.Message
	go func() { read <- c.ReadHead(&m) }()
	from := c.sw.clock.Load()
	for c.sw.clock.Load() < from+int64(600*time.Millisecond) {
		if err := c.WriteBody([]byte("a")); err != nil {
			t.Fatal(err)
		}
		if err := c.Flush(); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-read:
			t.Fatalf("the answer was given up during the request: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	if err := c.FinishRequest(nil); err != nil {
		t.Fatal(err)
	}
	write(t, up, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	if err := <-read; err != nil {
		t.Fatal(err)
	}
}

func TestDrainEndsIdleConnectionsAndLetsRequestsFinish(t *testing.T) {
	var m raw.Message
	client, s := served(t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", nil)
	if err := s.ReadRequest(&m); err != nil {
		t.Fatal(err)
	}
	s.Drain()
	if err := s.Respond(200, "ok"); err != nil {
		t.Fatal(err)
	}
	if err := s.ReadRequest(&m); err != io.EOF {
		t.Errorf("another request: %v", err)
	}
	b := make([]byte, 1000)
	n, _ := client.Read(b)
	if !strings.Contains(string(b[:n]), "Connection: close") {
		t.Errorf("the client was not told: %q", b[:n])
	}

	client, s = served(t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", nil)
	waits := make(chan error)
	go func() {
		var m raw.Message
		_ = s.ReadRequest(&m)
		_ = s.Respond(200, "")
		waits <- nil
		waits <- s.ReadRequest(&m)
	}()
	<-waits
	for s.readBy.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	s.Drain()
	if err := <-waits; err != io.EOF {
		t.Errorf("an idle connection ended with %v", err)
	}
	_ = client
}

// A connection that is told to drain before anything was read from it is still
// served: its request is on its way.
func TestDrainedBeforeItsFirstRequestIsServedOnce(t *testing.T) {
	var m raw.Message
	client, s := served(t, "", nil)
	s.Drain()
	if _, err := client.Write([]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := s.ReadRequest(&m); err != nil {
		t.Fatal(err)
	}
	if err := s.Respond(200, "ok"); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1000)
	if n, _ := client.Read(b); !strings.Contains(string(b[:n]), "Connection: close") {
		t.Errorf("the client was not told: %q", b[:n])
	}
	if err := s.ReadRequest(&m); err != io.EOF {
		t.Errorf("another request: %v", err)
	}
	// One that stays silent is not waited for long.
	began := time.Now()
	_, s = served(t, "", nil)
	s.Drain()
	if err := s.ReadRequest(&m); err != io.EOF {
		t.Errorf("silent: %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("waited %v", took)
	}
}
