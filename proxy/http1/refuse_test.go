package http1

import (
	"io"
	"strings"
	"testing"

	"weir/redact/raw"
)

// refusals are requests that must not go anywhere, by what would go wrong.
var refusals = []struct{ name, sent, reason string }{
	{"content length and transfer encoding", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", "content_length_and_transfer_encoding"},
	{"transfer encoding and content length", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n", "content_length_and_transfer_encoding"},
	{"two content lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n", "duplicate_content_length"},
	{"two equal content lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\ncontent-length: 4\r\n\r\n", "duplicate_content_length"},
	{"a list of equal content lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", "bad_content_length"},
	{"a content length with a plus", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\n", "bad_content_length"},
	{"a content length with a minus", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -4\r\n\r\n", "bad_content_length"},
	{"a content length with a space", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4 4\r\n\r\n", "bad_content_length"},
	{"a hexadecimal content length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x4\r\n\r\n", "bad_content_length"},
	{"an octal content length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 010\r\n\r\n", "bad_content_length"},
	{"an empty content length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n", "bad_content_length"},
	{"a content length that overflows", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n", "bad_content_length"},
	{"a content length that wraps around", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551620\r\n\r\n", "bad_content_length"},
	{"two transfer encodings", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "duplicate_transfer_encoding"},
	{"a second transfer encoding in other case", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\ntRANSFER-eNCODING: identity\r\n\r\n", "duplicate_transfer_encoding"},
	{"chunked twice", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", "bad_transfer_encoding"},
	{"chunked with an empty element", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ,chunked\r\n\r\n", "bad_transfer_encoding"},
	{"chunked with a parameter", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n", "bad_transfer_encoding"},
	{"chunked in quotes", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n", "bad_transfer_encoding"},
	{"no coding at all", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", "bad_transfer_encoding"},
	{"an unknown coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", "unknown_transfer_coding"},
	{"identity", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", "unknown_transfer_coding"},
	{"a coding before chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "unknown_transfer_coding"},
	{"a coding behind chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n", "unknown_transfer_coding"},
	{"vertical tab before chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \vchunked\r\n\r\n", "control_character"},
	{"transfer encoding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "transfer_encoding_in_http_1_0"},
	{"underscore in transfer encoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer_Encoding: chunked\r\n\r\n", "framing_lookalike"},
	{"underscore in content length", "POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 3\r\n\r\n", "framing_lookalike"},
	{"framing announced as a trailer", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: x, Content-Length\r\n\r\n", "forbidden_trailer"},

	{"a folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", "line_folding"},
	{"a line folded by a tab", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n", "line_folding"},
	{"a fold before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "line_folding"},
	{"space before colon", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n", "space_before_colon"},
	{"tab before colon", "GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", "space_before_colon"},
	{"no colon", "GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n", "bad_header_name"},
	{"no name", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", "bad_header_name"},
	{"a name with a slash", "GET / HTTP/1.1\r\nHost: a\r\na/b: x\r\n\r\n", "bad_header_name"},
	{"a name beyond ASCII", "GET / HTTP/1.1\r\nHost: a\r\nb\xf8: x\r\n\r\n", "bad_header_name"},
	{"NUL in a name", "GET / HTTP/1.1\r\nHost: a\r\na\x00b: x\r\n\r\n", "control_character"},
	{"NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", "control_character"},
	{"escape in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x1b[31m\r\n\r\n", "control_character"},
	{"DEL in a long value", "GET / HTTP/1.1\r\nHost: a\r\nX: 0123456789\x7f012345\r\n\r\n", "control_character"},
	{"bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n", "bare_cr"},
	{"bare CR before CRLF", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\r\n\r\n", "bare_cr"},
	{"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", "bare_lf"},
	{"bare LF after a field", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "bare_lf"},
	{"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", "bare_lf"},
	{"two empty lines before a request", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "bad_method"},

	{"no host", "GET / HTTP/1.1\r\n\r\n", "missing_host"},
	{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "duplicate_host"},
	{"two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", "duplicate_host"},
	{"an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "bad_host"},
	{"a list of hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "bad_host"},
	{"a host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "bad_host"},
	{"a host with a bad port", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", "bad_host"},
	{"a host with too high a port", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", "bad_host"},
	{"a host with a zone", "GET / HTTP/1.1\r\nHost: [fe80::1%25eth0]\r\n\r\n", "bad_host"},
	{"a host in an open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "bad_host"},
	{"an escaped host", "GET / HTTP/1.1\r\nHost: a%2eb\r\n\r\n", "bad_host"},
	{"userinfo in host", "GET / HTTP/1.1\r\nHost: u:p@a\r\n\r\n", "userinfo_in_host"},
	{"host unlike the target", "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", "host_mismatch"},
	{"port unlike the target", "GET http://a/ HTTP/1.1\r\nHost: a:81\r\n\r\n", "host_mismatch"},
	{"host unlike what is connected to", "CONNECT a:443 HTTP/1.1\r\nHost: b:443\r\n\r\n", "host_mismatch"},
	{"port unlike what is connected to", "CONNECT a:443 HTTP/1.1\r\nHost: a:80\r\n\r\n", "host_mismatch"},

	{"GET of an asterisk", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", "asterisk_without_options"},
	{"CONNECT in HTTP/1.0", "CONNECT a:443 HTTP/1.0\r\n\r\n", "connect_in_http_1_0"},
	{"CONNECT without a port", "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", "connect_without_port"},
	{"CONNECT to a path", "CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n", "bad_authority"},
	{"CONNECT to a URL", "CONNECT http://a:1/ HTTP/1.1\r\nHost: a\r\n\r\n", "bad_authority"},
	{"CONNECT with userinfo", "CONNECT u@a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "userinfo_in_host"},
	{"CONNECT with a length", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nContent-Length: 3\r\n\r\n", "connect_with_body"},
	{"CONNECT with chunks", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nTransfer-Encoding: chunked\r\n\r\n", "connect_with_body"},
	{"a fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", "bad_target"},
	{"a target beyond ASCII", "GET /\xc3\xa6 HTTP/1.1\r\nHost: a\r\n\r\n", "bad_target"},
	{"a control character in the target", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", "bad_target"},
	{"a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "bad_request_line"},
	{"two spaces before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "bad_request_line"},
	{"a tab before the version", "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", "bad_request_line"},
	{"a space behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "bad_request_line"},
	{"a half escape", "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", "bad_target"},
	{"a relative target", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", "bad_target"},
	{"another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "bad_target"},
	{"an absolute target without a host", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", "bad_authority"},
	{"no method", " / HTTP/1.1\r\nHost: a\r\n\r\n", "bad_method"},
	{"a method that is no token", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", "bad_method"},
	{"HTTP/0.9", "GET /\r\n", "bad_request_line"},
	{"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", "unsupported_version"},
	{"HTTP/2 without its preface", "PRI * HTTP/2.0\r\n\r\n", "unsupported_version"},
	{"a version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", "bad_request_line"},
	{"a version of two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", "bad_request_line"},
	{"a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", "bad_method"},

	{"too long a target", "GET /" + strings.Repeat("a", 2000) + " HTTP/1.1\r\nHost: a\r\n\r\n", "url_too_long"},
	{"too long a target that doesn't end", "GET /" + strings.Repeat("a", 2000), "url_too_long"},
	{"too long a head", "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("a", 5000) + "\r\n\r\n", "header_too_large"},
	{"too long a head that doesn't end", "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("a", 5000), "header_too_large"},
	{"too many fields", "GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X: a\r\n", 40) + "\r\n", "too_many_headers"},
}

func small(l *Limits) { l.URLBytes, l.HeaderBytes, l.HeaderCount = 1000, 4096, 32 }

func TestRefusedWithAnAnswerAndTheEndOfTheConnection(t *testing.T) {
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			sent := c.sent
			if strings.HasSuffix(sent, "\n") {
				sent += "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
			}
			client, s := served(t, sent, small)
			var m raw.Message
			err := s.ReadRequest(&m)
			if reasonOf(err) != c.reason {
				t.Fatalf("%v, want %s", err, c.reason)
			}
			if err := s.Respond(err.(*RefusedError).Status, "no\n"); err != nil {
				t.Fatal(err)
			}
			if s.KeepAlive() || s.ReadRequest(&m) != io.EOF {
				t.Error("another request would be read")
			}
			closed := make(chan struct{})
			go func() { _ = s.Close(); close(closed) }()
			answer, err := io.ReadAll(client)
			if err != nil || !strings.Contains(string(answer), "\r\nConnection: close\r\n") || !strings.HasSuffix(string(answer), "\r\n\r\nno\n") {
				t.Errorf("answered %q, %v", answer, err)
			}
			_ = client.Close()
			<-closed
		})
	}
}

// TestRefusedInPieces has every refusal, and every acceptance, not depend on how
// the bytes come.
func TestRefusedInPieces(t *testing.T) {
	lim := Default()
	small(&lim)
	for _, c := range refusals {
		var m raw.Message
		m.Reset()
		var h head
		h.reset(&lim, &m, false)
		var why reason
		done := false
		for i := 0; i < len(c.sent) && !done && why == 0; i++ {
			_, done, why = h.feed([]byte{c.sent[i]})
		}
		if done && why == 0 {
			why = h.endRequest()
		}
		if why == 0 || reasons[why].Reason != c.reason {
			t.Errorf("%s: refused for %d, want %s", c.name, why, c.reason)
		}
	}
}

func TestEveryReasonIsDistinctAndHasAStatus(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Reasons() {
		if r == "" || seen[r] {
			t.Errorf("%q is not a name of its own", r)
		}
		seen[r] = true
	}
	for _, e := range reasons[1:] {
		if e.Status < 400 || e.Status > 505 {
			t.Errorf("%s is answered with %d", e.Reason, e.Status)
		}
	}
}
