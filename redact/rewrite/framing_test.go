package rewrite

import (
	"strings"
	"testing"
)

func TestAMessageWithoutABodyTakesNothingOfTheNext(t *testing.T) {
	e, _ := engine(t, own(t))
	next := "HTTP/1.1 201 Created\n\n"
	for _, first := range []string{
		"HTTP/1.1 304 Not Modified\nContent-Length: 20\n\n",
		"HTTP/1.1 204 No Content\nTransfer-Encoding: chunked\n\n",
		"HTTP/1.1 103 Early Hints\nContent-Length: 7\n\n",
		"HEAD / HTTP/1.1\nHost: x\n\nHTTP/1.1 200 OK\nContent-Length: 20\n\n",
	} {
		out, c := copied(t, e, "http", first+next, 1)
		if !strings.Contains(out, "HTTP/1.1 201") || c.Broken > 0 {
			t.Errorf("%q became %q (%d broken)", first+next, out, c.Broken)
		}
	}
	out, _ := copied(t, e, "http", "HEAD / HTTP/1.1\n\nHTTP/1.1 200 OK\n\nGET / HTTP/1.1\n\nHTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 3\n\nabc"+next, 1)
	if !strings.Contains(out, "HTTP/1.1 201") { // it is where the body ends, not at a line
		t.Errorf("got %q", out)
	}
}

// Who sends several requests before the first is answered has the answers in their
// order (RFC 9112 section 9.3.2).
func TestABodyStaysWhereARequestForAHeaderIsOpen(t *testing.T) {
	e, _ := engine(t, own(t))
	const get, head = "GET /cart HTTP/1.1\n\n", "HEAD /cart HTTP/1.1\n\n"
	const ask, body = "HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 15\n\n", "anna@example.dk"
	const chunked = "HTTP/1.1 200 OK\nContent-Type: text/plain\nTransfer-Encoding: chunked\n\n"
	const none, early = "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "HTTP/1.1 103 Early Hints\n\n"
	for log, want := range map[string][2]int{ // bodies and answers
		head + get + ask + ask + body:                                               {1, 2},
		get + head + ask + body + ask:                                               {1, 2},
		get + head + ask + body + "\n" + ask + get + ask + body:                     {2, 3},
		head + head + get + ask + ask + ask + body:                                  {1, 3},
		head + get + ask + body:                                                     {1, 1}, // the first was not answered
		head + get + none + ask + body:                                              {1, 2},
		get + head + none + ask + get + ask + body:                                  {1, 3},
		head + early + ask + get + ask + body:                                       {1, 3},
		head + get + chunked + chunked + "f\r\nanna@example.dk\r\n0\r\n\r\n":        {1, 2},
		get + head + chunked + "f\r\nanna@example.dk\r\n0\r\n\r\n" + chunked + none: {1, 3},
		head + ask + "\n\n" + get + ask + body:                                      {1, 2},
		strings.Repeat(get, 2*maxAsked) + head + ask:                                {0, 1},
	} {
		out, c := copied(t, e, "http", log, 1)
		if got := [2]int{strings.Count(out, "h1."), strings.Count(out, "HTTP/1.1 200") + strings.Count(out, "HTTP/1.1 103")}; got != want || c.Broken > 0 || strings.Contains(out, "anna") {
			t.Errorf("%q became %q: %v, %d broken", log, out, got, c.Broken)
		}
	}
}
