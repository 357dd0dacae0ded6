package rewrite

import (
	"strings"
	"testing"

	"weir/redact/raw"
	"weir/redact/record"
)

func TestAHeaderWithoutEndIsCutAndCounted(t *testing.T) {
	e, _ := engine(t, parsed(t, reading))
	for _, value := range []string{"7", strings.Repeat("7", 1000)} {
		head := "GET /login?page=2 HTTP/1.1\n" + strings.Repeat("X-A: "+value+"\n", 3*maxHeaders) + "Content-Length: 2\nAccept-Language: kanariefugl\n\nab"
		out, c := copied(t, e, "http", head+"GET /login?page=2 HTTP/1.1\n\n", 1)
		if n := strings.Count(out, ": "); n > maxHeaders+1 || c.Broken == 0 || strings.Contains(out, "kanariefugl") {
			t.Errorf("%d lines of a header, %d broken", n, c.Broken)
		}
		if strings.Count(out, "page=2 HTTP") != 2 {
			t.Error("the message behind it is not read")
		}
	}
}

func TestAnEntryOfAnArchiveWithoutEndIsCutAndCounted(t *testing.T) {
	e, _ := engine(t, own(t))
	headers := strings.Repeat(`{"name":"Accept","value":"text/html"},`, 3*maxHeaders) + `{"name":"Accept","value":"text/html"}`
	entry := `{"startedDateTime":"2026-11-22T10:00:00Z","request":{"method":"GET","headers":[` + headers + `]}}`
	small := `{"startedDateTime":"2026-11-22T10:00:00Z","request":{"method":"GET","headers":[{"name":"Accept","value":"text/html"}]}}`
	out, c := copied(t, e, "har", `{"log":{"entries":[`+entry+`,`+small+`]}}`, 1)
	if n := strings.Count(out, `"Accept"`); n < 2 || n > maxHeaders+1 || c.Broken != 1 || !strings.HasSuffix(out, `"method":"GET","headers":[{"name":"Accept","value":""}]}}]}}`) {
		t.Errorf("%d values, %d broken", n, c.Broken)
	}
}

func TestTheLineIsToldOfOnceAndAddedTo(t *testing.T) {
	e, _ := engine(t, parsed(t, reading))
	asked := 0
	c := e.NewCleaner(func(x *raw.Exchange) {
		asked++
		x.Request.Method = x.Request.Append([]byte("GET"))
	})
	write := func() string {
		return string(c.Header(nil, raw.RequestHeader, []byte("user-agent"), []byte("curl/8"), record.Line))
	}
	c.Begin(now)
	first := write()
	c.Tell(func(x *raw.Exchange) { x.Request.Method = x.Request.Append([]byte("POST")) })
	if second := write(); asked != 1 || first == second || second != "curl/8" {
		t.Errorf("asked %d times; %q, then %q", asked, first, second)
	}
}
