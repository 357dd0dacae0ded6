package http1

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"weir/redact/raw"
)

// replies are responses as they go to a client, by what it asked with.
func TestReplyIsFramedForTheClient(t *testing.T) {
	const one = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	const zero = "GET / HTTP/1.0\r\n\r\n"
	const zeroStays = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
	length := func(n string) []string { return []string{"X-b: 1", "content-LENGTH: " + n, "x-B: 2"} }
	for _, c := range []struct {
		name, sent string
		status     int
		lines      []string
		change     func(*raw.Head)
		body       string
		want       string
		keepAlive  bool
	}{
		{"a length", one, 200, length("3"), func(h *raw.Head) { h.Framing, h.Length = raw.Length, 3 }, "abc",
			"HTTP/1.1 200 Fine\r\nX-b: 1\r\ncontent-LENGTH: 3\r\nx-B: 2\r\n\r\nabc", true},
		{"chunks", one, 200, nil, func(h *raw.Head) { h.Framing = raw.Chunked }, "abc",
			"HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", true},
		{"a stream", one, 200, nil, func(h *raw.Head) { h.Framing = raw.Stream }, "abc",
			"HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", true},
		{"an empty body without a length", one, 200, nil, func(*raw.Head) {}, "",
			"HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true},
		{"until close", one, 200, nil, func(h *raw.Head) { h.Framing = raw.UntilClose }, "abc",
			"HTTP/1.1 200 Fine\r\nConnection: close\r\n\r\nabc", false},
		{"close", one, 200, length("3"), func(h *raw.Head) { h.Framing, h.Length, h.Close = raw.Length, 3, true }, "abc",
			"HTTP/1.1 200 Fine\r\nX-b: 1\r\ncontent-LENGTH: 3\r\nx-B: 2\r\nConnection: close\r\n\r\nabc", false},
		{"a length to HTTP/1.0", zero, 200, length("3"), func(h *raw.Head) { h.Framing, h.Length = raw.Length, 3 }, "abc",
			"HTTP/1.1 200 Fine\r\nX-b: 1\r\ncontent-LENGTH: 3\r\nx-B: 2\r\nConnection: close\r\n\r\nabc", false},
		{"a length to HTTP/1.0 that stays", zeroStays, 200, length("3"), func(h *raw.Head) { h.Framing, h.Length = raw.Length, 3 }, "abc",
			"HTTP/1.1 200 Fine\r\nX-b: 1\r\ncontent-LENGTH: 3\r\nx-B: 2\r\nConnection: keep-alive\r\n\r\nabc", true},
		{"chunks to HTTP/1.0", zeroStays, 200, nil, func(h *raw.Head) { h.Framing = raw.Chunked }, "abc",
			"HTTP/1.1 200 Fine\r\nConnection: close\r\n\r\nabc", false},
		{"HEAD", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", 200, length("3"), func(h *raw.Head) { h.HeadOnly = true }, "",
			"HTTP/1.1 200 Fine\r\nX-b: 1\r\ncontent-LENGTH: 3\r\nx-B: 2\r\n\r\n", true},
		{"204", one, 204, nil, func(h *raw.Head) { h.HeadOnly = true }, "", "HTTP/1.1 204 Fine\r\n\r\n", true},
		{"304", one, 304, length("3"), func(h *raw.Head) { h.HeadOnly = true }, "",
			"HTTP/1.1 304 Fine\r\nX-b: 1\r\ncontent-LENGTH: 3\r\nx-B: 2\r\n\r\n", true},
		{"no reason", one, 299, length("0"), func(h *raw.Head) { h.Framing, h.Reason = raw.Length, raw.Span{} }, "",
			"HTTP/1.1 299 \r\nX-b: 1\r\ncontent-LENGTH: 0\r\nx-B: 2\r\n\r\n", true},
		{"upgrade required", one, 426, length("0"), func(h *raw.Head) { h.Framing, h.Upgrade = raw.Length, h.From.AppendString("TLS/1.3") }, "",
			"HTTP/1.1 426 Fine\r\nX-b: 1\r\ncontent-LENGTH: 0\r\nx-B: 2\r\nConnection: upgrade\r\nUpgrade: TLS/1.3\r\n\r\n", true},
		{"a tunnel", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 200, nil, func(*raw.Head) {}, "", "HTTP/1.1 200 Fine\r\n\r\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, s := served(t, c.sent, nil)
			var m raw.Message
			if err := s.ReadRequest(&m); err != nil {
				t.Fatal(err)
			}
			h := response(c.status, c.lines...)
			c.change(h)
			if err := s.WriteHead(h); err != nil {
				t.Fatal(err)
			}
			if err := s.WriteBody([]byte(c.body)); err != nil {
				t.Fatal(err)
			}
			if err := s.Finish(nil); err != nil {
				t.Fatal(err)
			}
			if s.KeepAlive() != c.keepAlive {
				t.Errorf("keep alive: %v", s.KeepAlive())
			}
			want(t, client, c.want)
			go func() { _ = s.Close() }()
			wantEnd(t, client)
			_ = client.Close()
		})
	}
}

// answered is our side of a connection whose client has sent a request.
func answered(t *testing.T) (client io.Reader, s *ServerConn) {
	nc, s := served(t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", nil)
	var m raw.Message
	if err := s.ReadRequest(&m); err != nil {
		t.Fatal(err)
	}
	return nc, s
}

func TestHeadThatContradictsItselfIsNotSent(t *testing.T) {
	chunked := func(h *raw.Head) { h.Framing = raw.Chunked }
	length := func(h *raw.Head) { h.Framing, h.Length = raw.Length, 3 }
	for name, c := range map[string]struct {
		lines  []string
		change func(*raw.Head)
	}{
		"CRLF in a value":               {[]string{"X: a\r\nSet-Cookie: b"}, chunked},
		"LF in a value":                 {[]string{"X: a\nb"}, chunked},
		"CR in a value":                 {[]string{"X: a\rb"}, chunked},
		"NUL in a value":                {[]string{"X: a\x00"}, chunked},
		"CRLF in a name":                {[]string{"X\r\nY: a"}, chunked},
		"a space in a name":             {[]string{"X Y: a"}, chunked},
		"no name":                       {[]string{": a"}, chunked},
		"CRLF in the reason":            {nil, func(h *raw.Head) { chunked(h); h.Reason = h.From.AppendString("a\r\nX: b") }},
		"CRLF in the protocol":          {nil, func(h *raw.Head) { chunked(h); h.Upgrade = h.From.AppendString("a\r\nX: b") }},
		"transfer encoding left in":     {[]string{"Transfer-Encoding: chunked"}, chunked},
		"connection left in":            {[]string{"Connection: close"}, chunked},
		"content length beside chunks":  {[]string{"Content-Length: 3"}, chunked},
		"another content length":        {[]string{"Content-Length: 4"}, length},
		"two content lengths":           {[]string{"Content-Length: 3", "content-length: 3"}, length},
		"no content length":             {nil, length},
		"content length until the end":  {[]string{"Content-Length: 3"}, func(h *raw.Head) { h.Framing = raw.UntilClose }},
		"two content lengths, no body":  {[]string{"Content-Length: 3", "Content-Length: 3"}, func(h *raw.Head) { h.HeadOnly = true }},
		"a lookalike of content length": {[]string{"Content_Length: 3"}, chunked},
	} {
		t.Run(name, func(t *testing.T) {
			client, s := answered(t)
			h := response(200, c.lines...)
			c.change(h)
			if err := s.WriteHead(h); !errors.Is(err, errHead) && !errors.Is(err, errFieldLine) {
				t.Fatalf("sent: %v", err)
			}
			if err := s.Respond(502, ""); err != nil {
				t.Fatal(err)
			}
			want(t, client, "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 0\r\n")
		})
	}
}

func TestRequestThatContradictsItselfIsNotSent(t *testing.T) {
	for name, change := range map[string]func(*raw.Head){
		"a space in the target":     func(h *raw.Head) { h.Target = h.From.AppendString("/ HTTP/1.1") },
		"CRLF in the target":        func(h *raw.Head) { h.Target = h.From.AppendString("/\r\nX: a") },
		"no target":                 func(h *raw.Head) { h.Target = raw.Span{} },
		"a space in the method":     func(h *raw.Head) { h.Method = h.From.AppendString("GET /") },
		"no host":                   func(h *raw.Head) { h.Header = nil },
		"two hosts":                 func(h *raw.Head) { h.Header = append(h.Header, h.Header[0]) },
		"a body that ends by close": func(h *raw.Head) { h.Framing = raw.UntilClose },
		"no content length":         func(h *raw.Head) { h.Framing, h.Length = raw.Length, 3 },
	} {
		t.Run(name, func(t *testing.T) {
			up, c := dialled(t, nil)
			h := request("GET")
			change(h)
			if err := c.WriteHead(h); err == nil {
				t.Fatal("sent")
			}
			c.Release()
			wantEnd(t, up)
		})
	}
}

func TestBodyThatIsNotAsLongAsItSaysIsBrokenVisibly(t *testing.T) {
	begin := func() (io.Reader, *ServerConn) {
		client, s := answered(t)
		h := response(200, "Content-Length: 3")
		h.Framing, h.Length = raw.Length, 3
		if err := s.WriteHead(h); err != nil {
			t.Fatal(err)
		}
		return client, s
	}
	_, s := begin()
	if err := s.WriteBody([]byte("abcd")); err != errBodyLong {
		t.Errorf("too long: %v", err)
	}
	client, s := begin()
	if err := s.WriteBody([]byte("ab")); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(nil); err != errBodyShort || s.KeepAlive() {
		t.Errorf("too short: %v", err)
	}
	if b, err := io.ReadAll(client); err == nil {
		t.Errorf("the client saw %q and a clean end", b)
	}
}

func TestInformationalGoesAtOnceAndNotToHTTP10(t *testing.T) {
	for version, first := range map[string]string{"1.1": "HTTP/1.1 103 Fine\r\nLink: </a>\r\n\r\n", "1.0": ""} {
		client, s := served(t, "GET / HTTP/"+version+"\r\nHost: a\r\n\r\n", nil)
		var m raw.Message
		if err := s.ReadRequest(&m); err != nil {
			t.Fatal(err)
		}
		if err := s.WriteHead(response(103, "Link: </a>")); err != nil {
			t.Fatal(err)
		}
		want(t, client, first)
		if err := s.Respond(503, "x"); err != nil {
			t.Fatal(err)
		}
		want(t, client, "HTTP/1.1 503 ")
	}
}

func TestTrailersGoBehindTheLastChunk(t *testing.T) {
	client, s := answered(t)
	h := response(200)
	h.Framing = raw.Chunked
	if err := s.WriteHead(h); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(response(0, "X-Sum: 1", "Set-Cookie: a=b", "x-sum: 2")); err != nil {
		t.Fatal(err)
	}
	want(t, client, "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n")
}

// TestLargeBodiesArriveWhole crosses the buffer's size and the size of one write.
func TestLargeBodiesArriveWhole(t *testing.T) {
	for _, framing := range []raw.Framing{raw.Chunked, raw.UntilClose} {
		for _, size := range []int{bufferSize - 60, bufferSize, piece - 1, piece + 1, 5 * piece} {
			client, s := answered(t)
			h := response(200)
			h.Framing = framing
			go func() {
				_ = s.WriteHead(h)
				_ = s.WriteBody([]byte(strings.Repeat("a", size)))
				_ = s.WriteBody([]byte("end"))
				_ = s.Finish(nil)
				_ = s.Close()
			}()
			got, err := http.ReadResponse(bufio.NewReader(client), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(got.Body)
			if err != nil || len(body) != size+3 || strings.Trim(string(body), "a") != "end" {
				t.Errorf("%d: %d bytes, %v", size, len(body), err)
			}
		}
	}
}
