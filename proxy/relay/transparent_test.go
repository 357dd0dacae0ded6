package relay

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"weir/redact/raw"
)

// message is an HTTP/1.x message as a test compares it: what is hop-by-hop, how
// the body was framed and the white space around values left out, all else as
// it came.
func readMessage(r *bufio.Reader, bodyless, toEnd bool) (string, error) {
	h, err := readHeadText(r)
	if err != nil {
		return h, err
	}
	var b strings.Builder
	length, chunked := -1, false
	if strings.HasPrefix(h, "HTTP/1.1 1") || strings.HasPrefix(h, "HTTP/1.1 304") {
		bodyless = true
	}
	for i, line := range strings.Split(strings.TrimSuffix(h, "\r\n\r\n"), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		value = strings.Trim(value, " \t")
		switch strings.ToLower(name) {
		case "content-length":
			length, _ = strconv.Atoi(value)
		case "transfer-encoding":
			chunked = true
		}
		switch strings.ToLower(name) {
		case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "x-nominated":
			continue
		}
		if i > 0 {
			line = name + ": " + value
		}
		b.WriteString(line + "\n")
	}
	b.WriteString("\n")
	switch {
	case bodyless:
	case chunked:
		for {
			size, err := r.ReadString('\n')
			if err != nil {
				return b.String(), err
			}
			n, err := strconv.ParseInt(strings.TrimSpace(strings.SplitN(size, ";", 2)[0]), 16, 64)
			if err != nil {
				return b.String(), err
			}
			if n == 0 {
				break
			}
			if _, err := io.CopyN(&b, r, n); err != nil {
				return b.String(), err
			}
			_, _ = r.Discard(2)
		}
		trailer, err := readHeadText(r)
		b.WriteString("\n" + trailer)
		return b.String(), err
	case length >= 0:
		_, err = io.CopyN(&b, r, int64(length))
	case toEnd:
		_, err = io.Copy(&b, r)
	}
	return b.String(), err
}

// pass sends a request to addr and returns what came back and what the upstream
// got.
func pass(t *testing.T, addr string, got chan string, request string) (up, down string) {
	t.Helper()
	c, r := dial(t, addr)
	send(t, c, request)
	for {
		m, err := readMessage(r, strings.HasPrefix(request, "HEAD "), true)
		if err != nil {
			t.Fatalf("response: %v after %q", err, m)
		}
		down += m
		if !strings.HasPrefix(m, "HTTP/1.1 1") {
			break
		}
	}
	return <-got, down
}

func TestWhatPassesThroughIsByteForByteWhatWasSent(t *testing.T) {
	const plain = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	all := strings.Builder{}
	for c := 0x21; c < 0x7f; c++ {
		all.WriteByte(byte(c))
	}
	requests := []string{
		"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET /p?a;b&%zz HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET /p?a=1&a=2&&=&b=%C3%A6+%2B&q=\"<>|\\^`{}? HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET //double//slash/../dot/./%2e%2E/a%2Fb?x/y HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET /? HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET /;p=1;q HTTP/1.1\r\nhOsT: A.Example:80\r\n\r\n",
		"GET /%00%ff%41 HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"PATCH /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n",
		"brew+x!#$ /pot HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET / HTTP/1.1\r\nAccept: a\r\nHost: a.example\r\naccept: b\r\nACCEPT: c\r\nX-Z: 1\r\nX-A: 2\r\nX-Z: 3\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.example\r\nX-Empty:\r\nX-Space:  two  words \t\r\nX-Tab: a\tb\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.example\r\nX-Latin: bl\xe5b\xe6r\r\nX-UTF8: blåbær\r\nX-All: " + all.String() + "\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.example\r\n!#$%&'*+-.^_`|~09az: odd name\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.example\r\nCookie: a=1; b=\"2\"; c\r\nCookie: d=; =e; f==\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.example\r\nAccept-Encoding: gzip, br;q=0.1\r\nRange: bytes=0-1\r\nIf-None-Match: W/\"x\"\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-For: 203.0.113.9\r\nForwarded: for=203.0.113.9\r\nVia: 1.0 fred\r\nX-Forwarded-Proto: https\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.example\r\nAuthorization: Basic Zm9v\r\nUser-Agent: \r\nTE: trailers\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.example\r\nConnection: x-nominated , keep-alive\r\nX-Nominated: 1\r\nKeep-Alive: 5\r\nX-Kept: 1\r\n\r\n",
		"POST /b HTTP/1.1\r\nHost: a.example\r\nContent-Type: a/b; c=\"d\"\r\ncontent-length: 5\r\nX-After: 1\r\n\r\n\x00\xff\r\n.",
		"POST /c HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=\"v\"\r\nabc\r\n00a\r\n0123456789\r\n0\r\n\r\n",
		"POST /t HTTP/1.1\r\nHost: a.example\r\nTrailer: X-T\r\nTransfer-Encoding: CHUNKED\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\nx-t: 2\r\nX-Other: 3\r\n\r\n",
		"GET /with-body HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nbody",
		"DELETE /d HTTP/1.1\r\nHost: a.example\r\nContent-Length: 20000\r\n\r\n" + strings.Repeat("0123456789abcdef\r\n\x00z", 1000),
	}
	responses := []struct{ method, text string }{
		{"GET", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"},
		{"GET", "HTTP/1.1 299 Odd  reason \xe5 (x)\r\nContent-Length: 1\r\n\r\n."},
		{"GET", "HTTP/1.1 599 Far\r\nserver: x\r\nSERVER: y\r\nContent-Length: 1\r\n\r\n."},
		{"GET", "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nX-B: 1\r\nset-cookie: b=2\r\nSet-Cookie: a=3\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n"},
		{"GET", "HTTP/1.1 302 Found\r\nLocation: //x/y?z#w\r\nX-Empty:\r\nX-Latin: \xe6\r\nContent-Length: 0\r\n\r\n"},
		{"GET", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08"},
		{"GET", "HTTP/1.1 200 OK\r\nNo-Type: and no date\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n2\r\nbc\r\n0\r\nX-T: 1\r\nx-t: 2\r\n\r\n"},
		{"GET", "HTTP/1.1 200 OK\r\n\r\nuntil close \x00\xff"},
		{"GET", "HTTP/1.0 200 OK\r\nX: 1\r\n\r\nuntil close"},
		{"GET", "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\nETag: W/\"\"\r\n\r\nab"},
		{"GET", "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a, b\"\r\nWWW-Authenticate: Digest x\r\nContent-Length: 0\r\n\r\n"},
		{"GET", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nlink: </b>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
		{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: \"q\"\r\n\r\n"},
		{"GET", "HTTP/1.1 304 Not Modified\r\nETag: \"q\"\r\nContent-Length: 7\r\n\r\n"},
		{"GET", "HTTP/1.1 200 OK\r\nConnection: X-Nominated, close\r\nX-Nominated: 1\r\nKeep-Alive: timeout=1\r\nX-Kept: 1\r\nContent-Length: 0\r\n\r\n"},
	}
	type pair struct{ request, response string }
	var cases []pair
	for _, q := range requests {
		cases = append(cases, pair{q, plain})
	}
	for _, p := range responses {
		cases = append(cases, pair{p.method + " / HTTP/1.1\r\nHost: a.example\r\n\r\n", p.text})
	}
	for i, c := range cases {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			got := make(chan string, 2)
			up := script(t, func(conn net.Conn, r *bufio.Reader) {
				m, err := readMessage(r, false, false)
				if err != nil {
					m += err.Error()
				}
				_, _ = io.WriteString(conn, c.response)
				got <- m
			})
			to := target(t, TargetConfig{Addresses: []string{up}})
			s := start(t, Config{Router: &Hosts{Default: to}, Forwarded: ForwardedPass})
			wantUp, wantDown := pass(t, up, got, c.request)
			gotUp, gotDown := pass(t, s.addr, got, c.request)
			if gotUp != wantUp {
				t.Errorf("upstream, without weir:\n%q\nwith:\n%q", wantUp, gotUp)
			}
			// An answer is weir's own in its version (RFC 9112 section 2.3), and one
			// of HTTP/1.0 comes from an upstream that could say no better.
			wantDown = strings.Replace(wantDown, "HTTP/1.0 ", "HTTP/1.1 ", 1)
			if strings.TrimSuffix(gotDown, "\n\r\n") != strings.TrimSuffix(wantDown, "\n\r\n") {
				t.Errorf("client, without weir:\n%q\nwith:\n%q", wantDown, gotDown)
			}
			if e := s.gate.next(t); e.outcome != raw.Complete {
				t.Errorf("%+v", e)
			}
		})
	}
}
