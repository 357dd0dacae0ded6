package http1

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http/httpguts"

	"weir/redact/raw"
)

// script is a connection whose peer says what in holds, step bytes at a time,
// and whose output is kept.
type script struct {
	in   []byte
	step int
	out  bytes.Buffer
}

func (s *script) Read(p []byte) (int, error) {
	if len(s.in) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.in[:min(len(s.in), s.step)])
	s.in = s.in[n:]
	return n, nil
}
func (s *script) Write(p []byte) (int, error)      { return s.out.Write(p) }
func (s *script) Close() error                     { return nil }
func (s *script) LocalAddr() net.Addr              { return nil }
func (s *script) RemoteAddr() net.Addr             { return nil }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

// seen is what a parser made of a message.
type seen struct {
	start, host   string
	header, trail []string
	body          string
	whole         bool
	rest          string
}

func (a *seen) equal(b *seen) bool {
	return a.start == b.start && a.host == b.host && slices.Equal(a.header, b.header) && a.whole == b.whole &&
		(!a.whole || a.body == b.body && a.rest == b.rest && slices.Equal(a.trail, b.trail))
}

// ours has the codec read one request.
func ours(data []byte, step int, sw *Sweeper) (*seen, *raw.Message, error) {
	lim := Default()
	sc := &script{in: data, step: step}
	s := NewServerConn(sc, &lim, sw)
	defer s.Close()
	m := &raw.Message{}
	if err := s.ReadRequest(m); err != nil {
		return nil, m, err
	}
	got := &seen{start: string(m.Peek(m.Method)) + " " + string(m.Peek(m.Target)) + " " + m.Proto.String(), host: string(m.Peek(m.Authority))}
	var err error
	got.body, err = readAll(s.ReadBody)
	got.whole = err == nil
	got.header, got.trail = flat(m, m.Header), flat(m, m.Trailer)
	got.rest = string(s.in.window()) + string(sc.in)
	return got, m, nil
}

// theirs has net/http do it.
func theirs(data []byte) (*seen, error) {
	r := bufio.NewReaderSize(bytes.NewReader(bytes.TrimPrefix(data, crlf)), 1<<20)
	req, err := http.ReadRequest(r)
	if err != nil {
		return nil, err
	}
	got := &seen{start: req.Method + " " + req.RequestURI + " " + strings.TrimPrefix(req.Proto, "HTTP/"), host: req.Host}
	got.header = flatHTTP(req.Header)
	b, err := io.ReadAll(req.Body)
	got.body, got.whole = string(b), err == nil
	got.trail = flatHTTP(req.Trailer)
	rest, _ := io.ReadAll(r)
	got.rest = string(rest)
	return got, nil
}

// flat lists what net/http keeps as a header too, in its order.
func flat(m *raw.Message, pairs []raw.Pair) []string {
	h := http.Header{}
	for _, p := range pairs {
		name := textproto.CanonicalMIMEHeaderKey(string(m.Peek(p.Name)))
		h[name] = append(h[name], string(m.Peek(p.Value)))
	}
	return flatHTTP(h)
}

// flatHTTP leaves out what net/http takes from a header, or adds to it.
func flatHTTP(h http.Header) []string {
	var list []string
	for name, values := range h {
		switch name {
		case "Host", "Transfer-Encoding", "Trailer", "Cache-Control":
			continue
		}
		for _, v := range values {
			list = append(list, name+": "+v)
		}
	}
	slices.SortStableFunc(list, func(a, b string) int {
		a, _, _ = strings.Cut(a, ":")
		b, _, _ = strings.Cut(b, ":")
		return strings.Compare(a, b)
	})
	return list
}

// FuzzRequest holds what the codec makes of a request against what net/http
// does, against itself in other pieces, and against what it sends on.
func FuzzRequest(f *testing.F) {
	for _, c := range refusals {
		f.Add([]byte(c.sent), uint8(0))
	}
	for _, c := range bodies {
		f.Add([]byte("POST /a%20b?c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"+c.sent+"GET / HTTP/1.1\r\n"), uint8(3))
	}
	f.Add([]byte(typicalRequest), uint8(1))
	f.Add([]byte("CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n\x16\x03\x01"), uint8(100))
	f.Add([]byte("OPTIONS http://u:p@a.example:80?x HTTP/1.0\r\nhost: A.example\r\nContent-Length: 3\r\n\r\nabcd"), uint8(2))
	sw := NewSweeper()
	f.Cleanup(sw.Close)
	f.Fuzz(func(t *testing.T, data []byte, step uint8) {
		one, m, err := ours(data, 1<<20, sw)
		other, _, otherErr := ours(data, int(step)+1, sw)
		if (err == nil) != (otherErr == nil) || err == nil && !one.equal(other) {
			t.Fatalf("in pieces of %d: %+v, %v; whole: %+v, %v", step+1, other, otherErr, one, err)
		}
		var refused *RefusedError
		if err != nil {
			if !errors.As(err, &refused) && err != io.EOF && err != io.ErrUnexpectedEOF {
				t.Fatalf("unexpected error: %v", err)
			}
			return
		}
		http, err := theirs(data)
		if err != nil {
			t.Fatalf("net/http refuses what we accept: %v", err)
		}
		if one.whole && !one.equal(http) || one.start != http.start || one.host != http.host || !slices.Equal(one.header, http.header) {
			t.Fatalf("we read\n%+v\nnet/http reads\n%+v", one, http)
		}
		if one.whole {
			roundTrip(t, one, m, sw)
		}
	})
}

// roundTrip sends a request on and reads it again.
func roundTrip(t *testing.T, want *seen, m *raw.Message, sw *Sweeper) {
	h := headOf(m)
	if _, ok := m.Lookup("host"); !ok {
		h.Header = append(h.Header, raw.Pair{Name: m.AppendString("Host"), Value: m.AppendString("added")})
	}
	lim := Default()
	sc := &script{}
	p, err := NewPool(PoolConfig{Limits: &lim, Sweeper: sw, Dial: func(context.Context) (net.Conn, error) { return sc, nil }})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := p.Get(context.Background())
	defer c.Release()
	if err := c.WriteHead(&h); err != nil {
		t.Fatalf("what was read can't be sent: %v", err)
	}
	if err := c.WriteBody([]byte(want.body)); err != nil {
		t.Fatal(err)
	}
	if err := c.FinishRequest(trailerOf(m)); err != nil {
		t.Fatal(err)
	}
	again, _, err := ours(sc.out.Bytes(), 1<<20, sw)
	if err != nil || again.body != want.body || !again.whole || again.rest != "" || !slices.Equal(again.trail, want.trail) {
		t.Fatalf("sent on as %q: %+v, %v", sc.out.Bytes(), again, err)
	}
	hop := func(s string) bool {
		return strings.HasPrefix(s, "Connection: ") || strings.HasPrefix(s, "Upgrade: ")
	}
	if a, b := slices.DeleteFunc(again.header, hop), slices.DeleteFunc(want.header, hop); !slices.Equal(a, b) {
		t.Fatalf("sent on %q of %q", a, b)
	}
}

// FuzzResponse is FuzzRequest for responses.
func FuzzResponse(f *testing.F) {
	for _, c := range bodies {
		f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+c.sent+"HTTP/1.1"), uint8(3), false)
	}
	for _, s := range []string{typicalResponse, "HTTP/1.0 200\r\n\r\nabc", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
		"HTTP/1.1 204 No\r\n\r\nrest", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", "HTTP/1.1 101 Switch\r\nUpgrade: x\r\n\r\n"} {
		f.Add([]byte(s), uint8(1), true)
		f.Add([]byte(s), uint8(0), false)
	}
	sw := NewSweeper()
	f.Cleanup(sw.Close)
	lim := Default()
	read := func(t *testing.T, data []byte, step int, method string) (*seen, error) {
		sc := &script{in: data, step: step}
		p, err := NewPool(PoolConfig{Limits: &lim, Sweeper: sw, Dial: func(context.Context) (net.Conn, error) { return sc, nil }})
		if err != nil {
			t.Fatal(err)
		}
		c, _ := p.Get(context.Background())
		defer c.Release()
		send(t, c, method, "")
		var m raw.Message
		if err := c.ReadHead(&m); err != nil {
			return nil, err
		}
		got := &seen{start: m.Proto.String() + " " + string(rune('0'+m.Status/100)) + " " + string(m.Peek(m.Reason)), header: flat(&m, m.Header), whole: true}
		if m.Status >= 200 {
			got.body, err = readAll(c.ReadBody)
			got.whole = err == nil
		}
		got.trail = flat(&m, m.Trailer)
		got.rest = string(c.in.window()) + string(sc.in)
		return got, nil
	}
	f.Fuzz(func(t *testing.T, data []byte, step uint8, head bool) {
		method := "GET"
		if head {
			method = "HEAD"
		}
		one, err := read(t, data, 1<<20, method)
		other, otherErr := read(t, data, int(step)+1, method)
		if (err == nil) != (otherErr == nil) || err == nil && !one.equal(other) {
			t.Fatalf("in pieces of %d: %+v, %v; whole: %+v, %v", step+1, other, otherErr, one, err)
		}
		if err != nil {
			var f *FramingError
			if !errors.As(err, &f) && err != io.ErrUnexpectedEOF {
				t.Fatalf("unexpected error: %v", err)
			}
			return
		}
		r := bufio.NewReaderSize(bytes.NewReader(data), 1<<20)
		resp, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("net/http refuses what we accept: %v", err)
		}
		reason := ""
		if _, after, ok := strings.Cut(resp.Status, " "); ok {
			reason = after
		}
		http := &seen{start: strings.TrimPrefix(resp.Proto, "HTTP/") + " " + resp.Status[:1] + " " + reason, header: flatHTTP(resp.Header)}
		b, err := io.ReadAll(resp.Body)
		http.body, http.whole = string(b), err == nil
		http.trail = flatHTTP(resp.Trailer)
		rest, _ := io.ReadAll(r)
		http.rest = string(rest)
		if one.whole && (one.body != http.body || !http.whole || one.rest != http.rest || !slices.Equal(one.trail, http.trail)) ||
			strings.TrimSpace(one.start) != strings.TrimSpace(http.start) || !slices.Equal(closing(one.header, strings.TrimPrefix(resp.Proto, "HTTP/")), http.header) {
			t.Fatalf("we read\n%+v\nnet/http reads\n%+v", one, http)
		}
	})
}

// closing is a header without Connection where that says close: net/http takes
// it out of a response of HTTP/1.1, and of no other.
func closing(header []string, proto string) []string {
	says := func(s string) bool { return strings.HasPrefix(s, "Connection: ") }
	close := func(s string) bool {
		return says(s) && httpguts.HeaderValuesContainsToken([]string{strings.TrimPrefix(s, "Connection: ")}, "close")
	}
	if proto != "1.1" || !slices.ContainsFunc(header, close) {
		return header
	}
	return slices.DeleteFunc(slices.Clone(header), says)
}
