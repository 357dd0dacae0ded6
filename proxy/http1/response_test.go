package http1

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"weir/redact/raw"
)

const cut = "unexpected EOF"

func TestResponseThatCannotBeFramedIsBroken(t *testing.T) {
	for _, c := range []struct{ name, method, sent, reason string }{
		{"content length and transfer encoding", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "content_length_and_transfer_encoding"},
		{"two content lengths", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd", "duplicate_content_length"},
		{"a list of content lengths", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 4, 4\r\n\r\nabcd", "bad_content_length"},
		{"two content lengths to HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n", "duplicate_content_length"},
		{"an unknown coding", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "unknown_transfer_coding"},
		{"two codings", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "unknown_transfer_coding"},
		{"chunks in HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "transfer_encoding_in_http_1_0"},
		{"a body with 204", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nabcd", "content_length_not_allowed"},
		{"chunks with 204", "GET", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "content_length_not_allowed"},
		{"a body with 100", "GET", "HTTP/1.1 100 Continue\r\nContent-Length: 4\r\n\r\nabcd", "content_length_not_allowed"},
		{"a folded line", "GET", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", "line_folding"},
		{"space before colon", "GET", "HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\nabcd", "space_before_colon"},
		{"bare LF", "GET", "HTTP/1.1 200 OK\nContent-Length: 4\n\nabcd", "bare_lf"},
		{"bare CR", "GET", "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", "bare_cr"},
		{"bare CR in the reason", "GET", "HTTP/1.1 200 O\rK\r\n\r\n", "bare_cr"},
		{"NUL", "GET", "HTTP/1.1 200 OK\r\nX: \x00\r\n\r\n", "control_character"},
		{"no version", "GET", "200 OK\r\n\r\n", "bad_status_line"},
		{"another version", "GET", "HTTP/1.2 200 OK\r\n\r\n", "unsupported_version"},
		{"HTTP/2", "GET", "HTTP/2.0 200 OK\r\n\r\n", "bad_status_line"},
		{"a status of two digits", "GET", "HTTP/1.1 20 OK\r\n\r\n", "bad_status_line"},
		{"a status of four digits", "GET", "HTTP/1.1 2000 OK\r\n\r\n", "bad_status_line"},
		{"a status below 100", "GET", "HTTP/1.1 099 OK\r\n\r\n", "bad_status_line"},
		{"a space first", "GET", " HTTP/1.1 200 OK\r\n\r\n", "bad_status_line"},
		{"an empty line first", "GET", "\r\nHTTP/1.1 200 OK\r\n\r\n", "bad_status_line"},
		{"a protocol that was not asked for", "GET", "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "unasked_upgrade"},
		{"too long a head", "GET", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("a", 70<<10) + "\r\n\r\n", "header_too_large"},
		{"too many fields", "GET", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: a\r\n", 200) + "\r\n", "too_many_headers"},
		{"too many informational", "GET", strings.Repeat("HTTP/1.1 103 Early\r\n\r\n", 65), "too_many_informational"},
		{"nothing", "GET", "", cut},
		{"half a head", "GET", "HTTP/1.1 200 OK\r\nX: a\r\n", cut},
	} {
		t.Run(c.name, func(t *testing.T) {
			up, cc := dialled(t, nil)
			send(t, cc, c.method, "")
			go func() { _, _ = io.WriteString(up, c.sent); _ = up.(closeWriter).CloseWrite() }()
			var m raw.Message
			err := cc.ReadHead(&m)
			for err == nil && m.Status < 200 {
				err = cc.ReadHead(&m)
			}
			if reasonOf(err) != c.reason {
				t.Errorf("%v, want %s", err, c.reason)
			}
			cc.Release()
			if n := cc.pool.Idle(); n != 0 {
				t.Error("the connection is kept")
			}
		})
	}
}

func TestResponseIsFramed(t *testing.T) {
	for _, c := range []struct {
		name, method, sent string
		framing            raw.Framing
		body               string
		kept               bool
	}{
		{"a length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", raw.Length, "abc", true},
		{"no length", "GET", "HTTP/1.1 200 OK\r\n\r\nabc", raw.UntilClose, "abc", false},
		{"HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\n\r\nabc", raw.UntilClose, "abc", false},
		{"HTTP/1.0 with a length", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", raw.Length, "abc", false},
		{"HTTP/1.0 that stays", "GET", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 3\r\n\r\nabc", raw.Length, "abc", true},
		{"close", "GET", "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 3\r\n\r\nabc", raw.Length, "abc", false},
		{"bytes behind the end", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd", raw.Length, "abc", false},
		{"a response behind the end", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", raw.Length, "", false},
		{"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", raw.NoBody, "", true},
		{"HEAD with chunks", "HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", raw.NoBody, "", true},
		{"HEAD with a body", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", raw.NoBody, "", false},
		{"204", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", raw.NoBody, "", true},
		{"304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 300\r\n\r\n", raw.NoBody, "", true},
		{"after 100 and 103", "GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", raw.Length, "a", true},
		{"no reason", "GET", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", raw.Length, "", true},
		{"no space for a reason", "GET", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", raw.Length, "", true},
		{"CONNECT that failed", "CONNECT", "HTTP/1.1 403 No\r\nContent-Length: 1\r\n\r\na", raw.Length, "a", true},
		{"CONNECT that succeeded", "CONNECT", "HTTP/1.1 200 Yes\r\nContent-Length: 1\r\n\r\n", raw.NoBody, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			up, cc := dialled(t, nil)
			if c.method == "CONNECT" {
				h := request("CONNECT")
				h.Target = h.From.AppendString("a:1")
				if err := cc.WriteHead(h); err != nil {
					t.Fatal(err)
				}
				if err := cc.FinishRequest(nil); err != nil {
					t.Fatal(err)
				}
			} else {
				send(t, cc, c.method, "")
			}
			write(t, up, c.sent)
			if c.framing == raw.UntilClose {
				halfClose(t, up)
			}
			var m raw.Message
			for m.Status < 200 {
				if err := cc.ReadHead(&m); err != nil {
					t.Fatal(err)
				}
			}
			body, err := readAll(cc.ReadBody)
			if m.Framing != c.framing || body != c.body || err != nil {
				t.Errorf("%v %q, %v", m.Framing, body, err)
			}
			cc.Release()
			if kept := cc.pool.Idle() == 1; kept != c.kept {
				t.Errorf("kept: %v", kept)
			}
		})
	}
}

func TestErrorsAndTypesPrintNothingThatPassed(t *testing.T) {
	client, s := served(t, "", nil)
	_ = client.(interface{ SetLinger(int) error }).SetLinger(0)
	_ = client.Close()
	var m raw.Message
	err := s.ReadRequest(&m)
	if err == nil {
		t.Fatal("read from a closed connection")
	}
	for _, text := range []string{err.Error(), fmt.Sprintf("%v %+v %#v %s %d", s, s, s, s, s),
		fmt.Sprintf("%v %+v", &ClientConn{}, &Tunnel{Conn: client, early: []byte("0x")})} {
		if strings.Contains(text, "127.0.0.1") || strings.Contains(text, "0x") {
			t.Errorf("prints %q", text)
		}
	}
}
