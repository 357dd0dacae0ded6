package redact

import (
	"errors"
	"strings"
	"testing"

	"weir/redact/record"
)

var errGone = errors.New("the epoch's key is destroyed")

func TestATypicalExchangeIsWrittenAsDesigned(t *testing.T) {
	b := newBed(t, typical(), "www.nordhost.example")
	x := request("GET /device/7f3a?email=anna%40example.dk&page=2&q=secret+words&bare HTTP\nHost: www.nordhost.example\n"+
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\n"+
		"Cookie: sid=abcdef0123456789; theme=dark\nX-Forwarded-For: 198.51.100.23, 10.1.2.3\nAuthorization: Bearer abcdefghijkl",
		"HTTP/1.1 200 OK\nContent-Type: text/html\nSet-Cookie: sid=ffffffffff; Path=/; HttpOnly")
	e := b.run(t, x)
	t.Log(b.line(record.JSON), b.line(record.Common), b.line(record.Combined))
	query := e["url.query"].(string)
	if !strings.HasPrefix(query, "email=h1.") || !strings.HasSuffix(query, "&page=2&q=&") {
		t.Errorf("query is %s", query)
	}
	expect(t, e, map[string]any{
		"time": "2026-11-22T10:00:00.123Z", "service": "www", "flow.direction": "inbound", "client.address": "203.0.113.0",
		"http.request.method": "GET", "url.scheme": "https", "server.address": "www.nordhost.example", "url.path": "/device/{id}",
		"http.response.status_code": 200, "duration": 0.012345, "user_agent.name": "Firefox", "user_agent.version": "145",
		"epoch": "2026-11-22", "policy": "sha256:test", "retain": "30d",
		"http.request.header.x-forwarded-for": []string{"198.51.100.0", "10.1.2.0"},
	})
	without(t, b, "anna", "secret", "abcdef", "ffff", "dark", "203.0.113.77", "100.23", "Bearer")
}
