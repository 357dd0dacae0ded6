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
