package intercept

import (
	"crypto/tls"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestATunnelTellsWhatItSaw(t *testing.T) {
	origin := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, io.LimitReader(rand.NewChaCha8([32]byte{}), 3<<20))
	}))
	defer origin.Close()
	client, inner := pair(t)
	results := make(chan Result, 1)
	upstream, err := net.Dial("tcp", origin.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	go func() { results <- Tunnel(inner, upstream, time.Minute) }()
	secure := tls.Client(client, &tls.Config{RootCAs: origin.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"})
	_, _ = io.WriteString(secure, "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n")
	n, err := io.Copy(io.Discard, secure)
	if n < 3<<20 || err != nil {
		t.Error(n, err)
	}
	_ = client.CloseWrite() // not TLS's goodbye: a server that is gone would answer it with a reset
	r := <-results
	if !r.TLS || r.Hello.ServerName.Peek() != "example.com" || r.Err != nil || r.Down < 3<<20 || r.Up < 300 || r.Duration <= 0 {
		t.Error(r.TLS, r.Err, r.Up, r.Down, r.Duration)
	}
}

func TestAServerMaySpeakFirst(t *testing.T) {
	client, inner := pair(t)
	far, upstream := pair(t)
	results := make(chan Result, 1)
	go func() { results <- Tunnel(inner, upstream, time.Minute) }()
	_, _ = io.WriteString(far, "220 hello\r\n")
	b := make([]byte, 11)
	if _, err := io.ReadFull(client, b); err != nil || string(b) != "220 hello\r\n" {
		t.Fatalf("%q %v", b, err)
	}
	_, _ = io.WriteString(client, "QUIT\r\n")
	_ = client.CloseWrite()
	if b, err := io.ReadAll(far); err != nil || string(b) != "QUIT\r\n" {
		t.Errorf("%q %v", b, err)
	}
	_ = far.Close()
	if r := <-results; r.TLS || r.Up != 6 || r.Down != 11 || r.Err != nil {
		t.Error(r.TLS, r.Up, r.Down, r.Err)
	}
}
