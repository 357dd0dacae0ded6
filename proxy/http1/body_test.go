package http1

import (
	"io"
	"strings"
	"testing"
	"time"

	"weir/redact/raw"
)

// bodies are chunked bodies. Where reason is empty they are whole.
var bodies = []struct{ name, sent, body, trailer, reason string }{
	{"two chunks", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde", "", ""},
	{"no chunk", "0\r\n\r\n", "", "", ""},
	{"zeros", "0003\r\nabc\r\n000\r\n\r\n", "abc", "", ""},
	{"upper and lower case", "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789", "", ""},
	{"extensions are dropped", "3;a=b;c=\"d e\"\r\nabc\r\n0;last\r\n\r\n", "abc", "", ""},
	{"trailers", "1\r\na\r\n0\r\nX-Sum: 12 \r\nx-sum:\xe6\r\n\r\n", "a", "X-Sum=12|x-sum=\xe6", ""},

	{"LF in an extension", "3;a\nb\r\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_extension"},
	{"LF ends an extension", "3;a\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_extension"},
	{"LF ends a size", "3\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_size"},
	{"bare CR in an extension", "3;a\rb\r\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_size"},
	{"NUL in an extension", "3;a\x00\r\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_extension"},
	{"space behind a size", "3 \r\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_size"},
	{"space before a size", " 3\r\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_size"},
	{"space before an extension", "3 ;a\r\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_size"},
	{"a size with 0x", "0x3\r\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_size"},
	{"a size with a plus", "+3\r\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_size"},
	{"a size with a minus", "-3\r\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_size"},
	{"a size with an underscore", "1_0\r\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_size"},
	{"a size that overflows", "10000000000000003\r\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_size"},
	{"no size", "\r\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_size"},
	{"an extension without a size", ";a\r\nabc\r\n0\r\n\r\n", "", "", "bad_chunk_size"},
	{"no CRLF behind a chunk", "3\r\nabc0\r\n\r\n", "abc", "", "missing_chunk_end"},
	{"LF behind a chunk", "3\r\nabc\n0\r\n\r\n", "abc", "", "missing_chunk_end"},
	{"CR alone behind a chunk", "3\r\nabc\r0\r\n\r\n", "abc", "", "missing_chunk_end"},
	{"too long extensions", strings.Repeat("1;"+strings.Repeat("e", 100)+"\r\na\r\n", 30) + "0\r\n\r\n", strings.Repeat("a", 20), "", "chunk_extension_too_large"},

	{"bare CR in a trailer", "0\r\nX: a\rb\r\n\r\n", "", "", "bare_cr"},
	{"LF in a trailer", "0\r\nX: a\nY: b\r\n\r\n", "", "", "bare_lf"},
	{"LF after the trailer", "0\r\nX: a\r\n\n", "", "", "bare_lf"},
	{"a folded trailer", "0\r\nX: a\r\n b\r\n\r\n", "", "", "line_folding"},
	{"space before a trailer's colon", "0\r\nX : a\r\n\r\n", "", "", "space_before_colon"},
	{"a trailer without a name", "0\r\n: a\r\n\r\n", "", "", "bad_trailer"},
	{"NUL in a trailer", "0\r\nX: \x00\r\n\r\n", "", "", "bad_trailer"},
	{"too long a trailer", "0\r\nX: " + strings.Repeat("a", 17<<10) + "\r\n\r\n", "", "", "trailer_too_large"},
	{"too many trailers", "0\r\n" + strings.Repeat("X: a\r\n", 200) + "\r\n", "", "", "trailer_too_large"},
	{"content length in a trailer", "0\r\nContent-Length: 3\r\n\r\n", "", "", "forbidden_trailer"},
	{"transfer encoding in a trailer", "0\r\ntransfer-ENCODING: chunked\r\n\r\n", "", "", "forbidden_trailer"},
	{"host in a trailer", "0\r\nHost: b\r\n\r\n", "", "", "forbidden_trailer"},
	{"authorization in a trailer", "0\r\nA: b\r\nAuthorization: x\r\n\r\n", "", "", "forbidden_trailer"},
	{"a cookie in a trailer", "0\r\nSet-Cookie: x\r\n\r\n", "", "", "forbidden_trailer"},
	{"content type in a trailer", "0\r\nContent-Type: x\r\n\r\n", "", "", "forbidden_trailer"},
	{"cache control in a trailer", "0\r\nCache-Control: x\r\n\r\n", "", "", "forbidden_trailer"},
	{"connection in a trailer", "0\r\nConnection: close\r\n\r\n", "", "", "forbidden_trailer"},

	{"cut within a size", "3\r\nabc\r\n1", "abc", "", io.ErrUnexpectedEOF.Error()},
	{"cut within a chunk", "3\r\nab", "ab", "", io.ErrUnexpectedEOF.Error()},
	{"cut behind a chunk", "3\r\nabc\r\n", "abc", "", io.ErrUnexpectedEOF.Error()},
	{"cut before the trailer", "3\r\nabc\r\n0\r\n", "abc", "", io.ErrUnexpectedEOF.Error()},
	{"cut within the trailer", "0\r\nX: a\r\n", "", "", io.ErrUnexpectedEOF.Error()},
}

func trailerText(m *raw.Message) string {
	var lines []string
	for _, p := range m.Trailer {
		lines = append(lines, string(m.Peek(p.Name))+"="+string(m.Peek(p.Value)))
	}
	return strings.Join(lines, "|")
}

func TestChunkedRequestBody(t *testing.T) {
	for _, c := range bodies {
		t.Run(c.name, func(t *testing.T) {
			client, s := served(t, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"+c.sent, nil)
			if c.reason == "" {
				write(t, client, "GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
			} else {
				halfClose(t, client)
			}
			var m raw.Message
			if err := s.ReadRequest(&m); err != nil {
				t.Fatal(err)
			}
			body, err := readAll(s.ReadBody)
			if body != c.body || reasonOf(err) != c.reason || err == nil && trailerText(&m) != c.trailer || m.BodyBytes != int64(len(c.body)) {
				t.Errorf("%q, %v, %.100q, %d", body, err, trailerText(&m), m.BodyBytes)
			}
			if _, again := s.ReadBody(make([]byte, 1)); (err == nil) != (again == io.EOF) {
				t.Errorf("then %v", again)
			}
			if err := s.Respond(200, ""); err != nil {
				t.Fatal(err)
			}
			if err := s.ReadRequest(&m); (err == nil) != (c.reason == "") {
				t.Errorf("next request: %v", err)
			}
		})
	}
}

func TestChunkedResponseBody(t *testing.T) {
	for _, c := range bodies {
		t.Run(c.name, func(t *testing.T) {
			cc := fetched(t, "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+c.sent)
			var m raw.Message
			if err := cc.ReadHead(&m); err != nil {
				t.Fatal(err)
			}
			body, err := readAll(cc.ReadBody)
			if body != c.body || reasonOf(err) != c.reason || err == nil && trailerText(&m) != c.trailer || m.BodyBytes != int64(len(c.body)) {
				t.Errorf("%q, %v, %.100q, %d", body, err, trailerText(&m), m.BodyBytes)
			}
			if cc.body.done != (err == nil) {
				t.Errorf("done is %v after %v", cc.body.done, err)
			}
		})
	}
}

// TestChunkedBodyInPieces reads the same whatever the bytes come in.
func TestChunkedBodyInPieces(t *testing.T) {
	for _, c := range bodies {
		if len(c.sent) > 4000 {
			continue
		}
		up, cc := dialled(t, nil)
		send(t, cc, "GET", "")
		go func() {
			_, _ = io.WriteString(up, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
			for i := range len(c.sent) {
				_, _ = io.WriteString(up, c.sent[i:i+1])
			}
			_ = up.(closeWriter).CloseWrite()
		}()
		var m raw.Message
		if err := cc.ReadHead(&m); err != nil {
			t.Fatal(err)
		}
		if body, err := readAll(cc.ReadBody); body != c.body || reasonOf(err) != c.reason {
			t.Errorf("%s: %q, %v", c.name, body, err)
		}
	}
}

func TestShortBodyIsNotAWholeOne(t *testing.T) {
	client, s := served(t, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc", nil)
	halfClose(t, client)
	var m raw.Message
	if err := s.ReadRequest(&m); err != nil {
		t.Fatal(err)
	}
	if body, err := readAll(s.ReadBody); body != "abc" || err != io.ErrUnexpectedEOF {
		t.Errorf("request: %q, %v", body, err)
	}
	c := fetched(t, "GET", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
	if err := c.ReadHead(&m); err != nil {
		t.Fatal(err)
	}
	if body, err := readAll(c.ReadBody); body != "abc" || err != io.ErrUnexpectedEOF {
		t.Errorf("response: %q, %v", body, err)
	}
}

func halfClose(t testing.TB, c any) {
	t.Helper()
	if err := c.(closeWriter).CloseWrite(); err != nil {
		t.Fatal(err)
	}
}

// TestAnswerMayBeWrittenWhileEarlyBytesRunOut has one goroutine come to the end
// of what was read before us while another writes: the race detector looks on.
func TestAnswerMayBeWrittenWhileEarlyBytesRunOut(t *testing.T) {
	client, server := loopback(t)
	lim := Default()
	s := NewServerConn(&replaying{wrapper{server}, []byte("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")}, &lim, newSweeper(t))
	t.Cleanup(s.Abort)
	_ = client.SetDeadline(time.Now().Add(patience))
	var m raw.Message
	if err := s.ReadRequest(&m); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := readAll(s.ReadBody)
		done <- err
	}()
	body := strings.Repeat("x", 20_000)
	h := response(200)
	h.Framing, h.Length = raw.Length, int64(len(body))
	h.Header = append(h.Header, raw.Pair{Name: h.From.AppendString("Content-Length"), Value: h.From.AppendString("20000")})
	if err := s.WriteHead(h); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteBody([]byte(body)); err != nil {
		t.Fatal(err)
	}
	write(t, client, strings.Repeat("y", 100))
	if err := <-done; err != nil {
		t.Error(err)
	}
}
