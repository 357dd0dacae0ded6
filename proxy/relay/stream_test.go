package relay

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"weir/redact/raw"
)

func TestEventsArriveBeforeTheStreamEnds(t *testing.T) {
	for _, framing := range []string{"chunked", "until close"} {
		t.Run(framing, func(t *testing.T) {
			next := make(chan bool)
			up := script(t, func(c net.Conn, r *bufio.Reader) {
				_, _ = readHeadText(r)
				h, event := "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n", "data: %d\n\n"
				if framing == "chunked" {
					h, event = h+"Transfer-Encoding: chunked\r\n", "9\r\ndata: %d\n\n\r\n"
				}
				_, _ = io.WriteString(c, h+"\r\n")
				for i := range 3 {
					<-next
					fmt.Fprintf(c, event, i)
				}
				<-next
				if framing == "chunked" {
					_, _ = io.WriteString(c, "0\r\n\r\n")
				}
			})
			s := reverse(t, up)
			c, r := dial(t, s.addr)
			send(t, c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			resp, err := http.ReadResponse(r, nil) // the head comes before any event
			if err != nil {
				t.Fatal(err)
			}
			body := bufio.NewReader(resp.Body)
			for i := range 3 {
				next <- true
				if line, err := body.ReadString('\n'); err != nil || line != fmt.Sprintf("data: %d\n", i) {
					t.Fatalf("event %d: %q, %v", i, line, err)
				}
				_, _ = body.ReadString('\n')
			}
			next <- true
			if _, err := body.ReadByte(); err != io.EOF {
				t.Errorf("end: %v", err)
			}
			if e := s.gate.next(t); e.outcome != raw.Complete || e.responseBody != 27 && e.responseBody != 24+3 {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestRequestChunksArriveBeforeTheBodyEnds(t *testing.T) {
	got := make(chan string)
	up := web(t, func(w http.ResponseWriter, r *http.Request) {
		b := make([]byte, 100)
		for {
			n, err := r.Body.Read(b)
			if n > 0 {
				got <- string(b[:n])
			}
			if err != nil {
				return
			}
		}
	})
	s := reverse(t, up)
	c, r := dial(t, s.addr)
	send(t, c, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
	for i := range 3 {
		send(t, c, fmt.Sprintf("4\r\nab%02d\r\n", i))
		if g := <-got; g != fmt.Sprintf("ab%02d", i) {
			t.Fatalf("chunk %d: %q", i, g)
		}
	}
	send(t, c, "0\r\n\r\n")
	head(t, r)
	if e := s.gate.next(t); e.outcome != raw.Complete || e.requestBody != 12 {
		t.Errorf("%+v", e)
	}
}

func TestTrailersPassBothWaysAnnouncedOrNot(t *testing.T) {
	for _, announced := range []string{"", "Trailer: X-Sum\r\n"} {
		got := make(chan string, 1)
		up := script(t, func(c net.Conn, r *bufio.Reader) {
			h, _ := readHeadText(r)
			var body strings.Builder
			for !strings.HasSuffix(body.String(), "\r\n\r\n") {
				line, err := r.ReadString('\n')
				if err != nil {
					break
				}
				body.WriteString(line)
			}
			got <- h + body.String()
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"+announced+"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: down\r\nx-sum: twice\r\n\r\n")
		})
		s := reverse(t, up)
		c, r := dial(t, s.addr)
		send(t, c, "POST / HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n"+announced+"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: up\r\n\r\n")
		h := head(t, r)
		rest, _ := readHeadText(r)
		if g := <-got; !strings.Contains(g, "TE: trailers\r\n") || !strings.HasSuffix(g, "\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: up\r\n\r\n") || strings.Contains(g, "Trailer: ") != (announced != "") {
			t.Errorf("upstream got %q", g)
		}
		if !strings.HasSuffix(rest, "2\r\nhi\r\n0\r\nX-Sum: down\r\nx-sum: twice\r\n\r\n") || strings.Contains(h, "Trailer: ") != (announced != "") {
			t.Errorf("client got %q %q", h, rest)
		}
		if e := s.gate.next(t); e.requestTrailers != 1 || e.responseTrailers != 2 || e.requestBody != 2 {
			t.Errorf("%+v", e)
		}
	}
}

func TestInformationalHeadsPassAtOnceAndLeakNothing(t *testing.T) {
	next := make(chan bool)
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		_, _ = readHeadText(r)
		_, _ = io.WriteString(c, "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nConnection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n")
		<-next
		_, _ = io.WriteString(c, "HTTP/1.1 103 Early Hints\r\nLink: </b.css>\r\n\r\n")
		<-next
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-Final: 1\r\nContent-Length: 2\r\n\r\nok")
	})
	s := reverse(t, up)
	c, r := dial(t, s.addr)
	send(t, c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if h := head(t, r); h != "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" {
		t.Errorf("first: %q", h)
	}
	next <- true
	if h := head(t, r); h != "HTTP/1.1 103 Early Hints\r\nLink: </b.css>\r\n\r\n" {
		t.Errorf("second: %q", h)
	}
	next <- true
	if h := head(t, r); h != "HTTP/1.1 200 OK\r\nX-Final: 1\r\nContent-Length: 2\r\n\r\n" {
		t.Errorf("final: %q", h)
	}
	if e := s.gate.next(t); e.status != 200 {
		t.Errorf("%+v", e)
	}
}

func TestHTTP10ClientGetsNoInformationalHead(t *testing.T) {
	up, _ := always(t, "HTTP/1.1 103 Early Hints\r\n\r\n"+ok)
	s := reverse(t, up)
	if all := talk(t, s.addr, "GET / HTTP/1.0\r\n\r\n"); strings.Contains(all, "103") || !strings.Contains(all, "200 OK") {
		t.Errorf("got %q", all)
	}
}

func TestExpectedBodyIsSentWhenTheUpstreamAsksForIt(t *testing.T) {
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		h, _ := readHeadText(r)
		if !strings.Contains(h, "Expect: 100-continue\r\n") {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
		b := make([]byte, 5)
		_, _ = io.ReadFull(r, b)
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n%s", b)
	})
	s := reverse(t, up)
	c, r := dial(t, s.addr)
	send(t, c, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
	if h := head(t, r); !strings.HasPrefix(h, "HTTP/1.1 100 ") {
		t.Fatalf("got %q", h)
	}
	send(t, c, "hello")
	head(t, r)
	b := make([]byte, 5)
	if _, err := io.ReadFull(r, b); err != nil || string(b) != "hello" {
		t.Errorf("%q, %v", b, err)
	}
	if e := s.gate.next(t); e.outcome != raw.Complete || e.requestBody != 5 {
		t.Errorf("%+v", e)
	}
}

func TestRefusedExpectationEndsWithoutTheBody(t *testing.T) {
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		_, _ = readHeadText(r)
		_, _ = io.WriteString(c, "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno")
		_, _ = io.Copy(io.Discard, r)
	})
	s := reverse(t, up)
	all := talk(t, s.addr, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
	if !strings.HasPrefix(all, "HTTP/1.1 417 ") || !strings.HasSuffix(all, "\r\n\r\nno") {
		t.Errorf("got %q", all)
	}
	if e := s.gate.next(t); e.status != 417 || e.requestBody != 0 {
		t.Errorf("%+v", e)
	}
}

func TestAnswerThatNobodyAskedForReachesNobody(t *testing.T) {
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		for {
			h, err := readHeadText(r)
			if err != nil {
				return
			}
			path := strings.Fields(h)[1]
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%sHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", len(path), path)
		}
	})
	s := reverse(t, up)
	c, r := dial(t, s.addr)
	for i := range 5 {
		path := fmt.Sprintf("/%d", i)
		send(t, c, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n")
		head(t, r)
		b := make([]byte, len(path))
		if _, err := io.ReadFull(r, b); err != nil || string(b) != path {
			t.Fatalf("request %d was answered %q, %v", i, b, err)
		}
		s.gate.next(t)
	}
}

func TestBodyBehindAGatewayErrorIsNotTakenForARequest(t *testing.T) {
	s := reverse(t, "127.0.0.1:1")
	const smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
	for _, text := range []string{
		fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(smuggled), smuggled),
		fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n%s", len(smuggled), smuggled),
		fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", 99999, smuggled),
	} {
		c, r := dial(t, s.addr)
		send(t, c, text)
		if h := head(t, r); !strings.HasPrefix(h, "HTTP/1.1 502 ") {
			t.Errorf("answered %q", h)
		}
		if !strings.Contains(text, "99999") {
			rest, _ := io.ReadAll(r)
			if strings.Contains(string(rest), "HTTP/1.1") {
				t.Errorf("a second answer: %q", rest)
			}
		}
		_ = c.Close()
		if e := s.gate.next(t); e.method != "POST" {
			t.Errorf("%+v", e)
		}
		s.gate.none(t)
	}
}
