package http1

import (
	"strings"
	"testing"

	"weir/redact/raw"
)

func TestRequestIsUnderstood(t *testing.T) {
	type parts struct {
		method, scheme, authority, path, query, userinfo string
		hasQuery                                         bool
		framing                                          raw.Framing
		length                                           int64
	}
	for _, c := range []struct {
		name, sent string
		want       parts
	}{
		{"origin form", "GET /a/b?c=d HTTP/1.1\r\nHost: x.example:8080\r\n\r\n",
			parts{"GET", "", "x.example:8080", "/a/b", "c=d", "", true, raw.NoBody, -1}},
		{"empty query", "GET /? HTTP/1.1\r\nHost: a\r\n\r\n", parts{"GET", "", "a", "/", "", "", true, raw.NoBody, -1}},
		{"two slashes", "GET //b HTTP/1.1\r\nHost: a\r\n\r\n", parts{"GET", "", "a", "//b", "", "", false, raw.NoBody, -1}},
		{"absolute form", "GET http://A.example/p?q HTTP/1.1\r\nHost: a.EXAMPLE\r\n\r\n",
			parts{"GET", "http", "A.example", "/p", "q", "", true, raw.NoBody, -1}},
		{"absolute form with a default port", "GET HTTPS://a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
			parts{"GET", "https", "a:443", "", "", "", false, raw.NoBody, -1}},
		{"absolute form with a query alone", "GET http://a?q HTTP/1.1\r\nHost: a:80\r\n\r\n",
			parts{"GET", "http", "a", "", "q", "", true, raw.NoBody, -1}},
		{"userinfo", "GET http://u:p%20w@a/ HTTP/1.1\r\nHost: a\r\n\r\n",
			parts{"GET", "http", "a", "/", "", "u:p%20w", false, raw.NoBody, -1}},
		{"authority form", "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n",
			parts{"CONNECT", "", "a.example:443", "", "", "", false, raw.NoBody, -1}},
		{"authority form by address", "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n",
			parts{"CONNECT", "", "[2001:db8::1]:443", "", "", "", false, raw.NoBody, -1}},
		{"asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", parts{"OPTIONS", "", "a", "", "", "", false, raw.NoBody, -1}},
		{"HTTP/1.0 without host", "GET / HTTP/1.0\r\n\r\n", parts{"GET", "", "", "/", "", "", false, raw.NoBody, -1}},
		{"an empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", parts{"GET", "", "a", "/", "", "", false, raw.NoBody, -1}},
		{"a method of its own", "m-search / HTTP/1.1\r\nHost: a\r\n\r\n", parts{"m-search", "", "a", "/", "", "", false, raw.NoBody, -1}},
		{"a length", "POST / HTTP/1.1\r\nHost: a\r\ncontent-length:  12 \r\n\r\n", parts{"POST", "", "a", "/", "", "", false, raw.Length, 12}},
		{"a length of nothing", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", parts{"POST", "", "a", "/", "", "", false, raw.Length, 0}},
		{"chunks in any case", "POST / HTTP/1.1\r\nHost: a\r\nTRANSFER-ENCODING: ChunkeD\r\n\r\n", parts{"POST", "", "a", "/", "", "", false, raw.Chunked, -1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, s := served(t, c.sent, nil)
			var m raw.Message
			if err := s.ReadRequest(&m); err != nil {
				t.Fatal(err)
			}
			got := parts{string(m.Peek(m.Method)), m.Scheme.String(), string(m.Peek(m.Authority)), string(m.Peek(m.Path)),
				string(m.Peek(m.Query)), string(m.Peek(m.Userinfo)), m.HasQuery, m.Framing, m.ContentLength}
			if got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestHeaderKeepsOrderCaseDuplicatesAndObsoleteBytes(t *testing.T) {
	_, s := served(t, "GET / HTTP/1.1\r\nx-B: 1\r\nHost: a\r\nX-a:\t two  words \t\r\nX-B: \xe6\xf8\xe5\r\nEmpty:\r\nx-B: 1\r\n\r\n", nil)
	var m raw.Message
	if err := s.ReadRequest(&m); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range m.Header {
		got = append(got, string(m.Peek(p.Name))+"="+string(m.Peek(p.Value)))
	}
	if want := "x-B=1|Host=a|X-a=two  words|X-B=\xe6\xf8\xe5|Empty=|x-B=1"; strings.Join(got, "|") != want {
		t.Errorf("%q", got)
	}
}

// TestHeadLongerThanTheBufferIsRead has lines end on both sides of a buffer's end.
func TestHeadLongerThanTheBufferIsRead(t *testing.T) {
	for pad := bufferSize - 80; pad < bufferSize+20; pad += 7 {
		sent := "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("a", pad) + "\r\nY: b\r\nContent-Length: 5\r\n\r\nhelloGET /next HTTP/1.1\r\nHost: b\r\n\r\n"
		client, s := served(t, "", nil)
		go func() { _, _ = client.Write([]byte(sent)) }()
		var m raw.Message
		if err := s.ReadRequest(&m); err != nil {
			t.Fatal(err)
		}
		if v, ok := m.Lookup("x"); !ok || v.Len() != pad {
			t.Fatalf("%d bytes of %d", v.Len(), pad)
		}
		if body, err := readAll(s.ReadBody); err != nil || body != "hello" || m.BodyBytes != 5 {
			t.Fatalf("%q, %v", body, err)
		}
		if err := s.Respond(200, ""); err != nil {
			t.Fatal(err)
		}
		if err := s.ReadRequest(&m); err != nil || string(m.Peek(m.Path)) != "/next" {
			t.Fatal(err)
		}
	}
}
