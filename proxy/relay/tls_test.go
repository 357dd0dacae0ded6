package relay

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weir/redact/raw"
)

func TestExchangesUnderTLSAreCarriedAndBrokenAlike(t *testing.T) {
	donor := httptest.NewUnstartedServer(nil) // for its certificate
	donor.StartTLS()
	defer donor.Close()
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		for i := 0; ; i++ {
			h, err := readHeadText(r)
			if err != nil {
				return
			}
			if h[:10] == "GET /break" {
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
				return
			}
			_, _ = io.WriteString(c, ok)
		}
	})
	s := reverse(t, up)
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: donor.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				tc := c.(*tls.Conn)
				if tc.Handshake() == nil {
					info := infoOf(c)
					info.TLSVersion = tc.ConnectionState().Version
					s.ServeConn(tc, info)
				}
			}()
		}
	}()
	roots := x509.NewCertPool()
	roots.AddCert(donor.Certificate())
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	defer tr.CloseIdleConnections()
	client := &http.Client{Transport: tr, Timeout: patience}
	for range 3 {
		resp, err := client.Get("https://" + ln.Addr().String() + "/")
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(resp.Body); err != nil || string(b) != "ok" {
			t.Errorf("%q, %v", b, err)
		}
		if e := s.gate.next(t); e.scheme != raw.HTTPS || e.outcome != raw.Complete {
			t.Errorf("%+v", e)
		}
	}
	resp, err := client.Get("https://" + ln.Addr().String() + "/break")
	if err == nil {
		var b []byte
		if b, err = io.ReadAll(resp.Body); err == nil {
			t.Errorf("a whole message with %q", b)
		}
	}
	if e := s.gate.next(t); e.outcome != raw.UpstreamBroken {
		t.Errorf("%+v", e)
	}
}

func TestConnectionThatWasOnlyAskedIsNotKept(t *testing.T) {
	to := target(t, TargetConfig{Scheme: "https", Addresses: []string{"up.example:443"}})
	e := to.roster.Load().all[0]
	near, far := net.Pipe()
	c := tls.Client(near, &tls.Config{ServerName: "up.example"})
	e.keepSpare(c)
	_ = far.SetDeadline(time.Now().Add(patience))
	if _, err := io.Copy(io.Discard, far); err != nil {
		t.Errorf("it was not closed: %v", err)
	}
	if e.takeSpare() != nil {
		t.Error("it is still given out")
	}
}

// TestTLSThatEndsWithoutAWordIsNoEnd has an upstream's connection end within a
// body that has no other end.
func TestTLSThatEndsWithoutAWordIsNoEnd(t *testing.T) {
	donor := httptest.NewUnstartedServer(nil)
	donor.StartTLS()
	defer donor.Close()
	roots := x509.NewCertPool()
	roots.AddCert(donor.Certificate())
	for name, c := range map[string]struct {
		end  func(*tls.Conn)
		want raw.Outcome
	}{
		"taken leave of": {func(c *tls.Conn) { _ = c.Close() }, raw.Complete},
		"cut off":        {func(c *tls.Conn) { _ = c.NetConn().Close() }, raw.UpstreamBroken},
	} {
		t.Run(name, func(t *testing.T) {
			up := script(t, func(nc net.Conn, r *bufio.Reader) {
				conn := tls.Server(nc, donor.TLS.Clone())
				if _, err := readHeadText(bufio.NewReader(conn)); err != nil {
					return
				}
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf of it")
				c.end(conn)
			})
			s := start(t, Config{Router: &Hosts{Default: target(t, TargetConfig{Scheme: "https", Addresses: []string{up}, TLS: &tls.Config{RootCAs: roots}})}})
			a := talk(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			if e := s.gate.next(t); e.outcome != c.want || strings.HasSuffix(a, "0\r\n\r\n") != (c.want == raw.Complete) {
				t.Errorf("%q %+v", a, e)
			}
		})
	}
}
