package relay

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"weir/proxy/http2"
	"weir/redact/raw"
)

// TestHTTP2UpstreamThatTakesNoMoreIsATimeout has one that leaves a body unread,
// beyond what its window holds.
func TestHTTP2UpstreamThatTakesNoMoreIsATimeout(t *testing.T) {
	held := make(chan bool)
	up := web2(t, func(http.ResponseWriter, *http.Request) { <-held })
	defer close(held)
	s := start(t, Config{Router: &Hosts{Default: target(t, TargetConfig{Scheme: "h2c", Addresses: []string{up}, Streams: http2.Limits{Write: 100 * time.Millisecond}})}})
	conn, r := dial(t, s.addr)
	send(t, conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
	go func() { _, _ = conn.Write(make([]byte, 100_000_000)) }()
	if h := head(t, r); !strings.HasPrefix(h, "HTTP/1.1 504 ") {
		t.Errorf("answered %q", h)
	}
	if e := s.gate.next(t); e.outcome != raw.UpstreamTimeout {
		t.Errorf("%+v", e)
	}
}
