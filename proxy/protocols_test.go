package proxy_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority signs certificates for tests.
type authority struct {
	t     testing.TB
	key   *ecdsa.PrivateKey
	cert  *x509.Certificate
	roots *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{t: t, key: key, roots: x509.NewCertPool(), cert: &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "weir's test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}}
	der, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.roots.AddCert(a.cert)
	return a
}

// issue writes a certificate for a host, and its key, into dir.
func (a *authority) issue(dir, host string) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}, a.cert, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"www.pem": {Type: "CERTIFICATE", Bytes: der}, "www.key": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			a.t.Fatal(err)
		}
	}
}

// client speaks the named protocols to one address, whatever it is asked for.
func client(t testing.TB, address string, set func(*http.Protocols), cfg *tls.Config) *http.Client {
	t.Helper()
	var p http.Protocols
	set(&p)
	tr := &http.Transport{Protocols: &p, TLSClientConfig: cfg, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: patience}
}

func body(t testing.TB, resp *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTLSEndsHereInWhatALPNAgrees(t *testing.T) {
	ca, dir := newAuthority(t), t.TempDir()
	ca.issue(dir, "www.x.example")
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s", r.Proto, r.Host, r.Header.Get("X-Forwarded-Proto"))
	}))
	t.Cleanup(up.Close)
	in := startIn(t, dir, head+fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: {www.x.example: %q}, tls: {cert: www.pem, key: www.key}}]\n", up.URL), open)
	for _, c := range []struct {
		proto, version string
		set            func(*http.Protocols)
	}{
		{"HTTP/1.1", "1.1", func(p *http.Protocols) { p.SetHTTP1(true) }},
		{"HTTP/2.0", "2", func(p *http.Protocols) { p.SetHTTP2(true) }},
	} {
		resp, err := client(t, in.Addr(0), c.set, &tls.Config{RootCAs: ca.roots}).Get("https://www.x.example/pricing")
		if b := body(t, resp, err); !strings.HasPrefix(b, "HTTP/1.1 www.x.example") || resp.Proto != c.proto {
			t.Errorf("%s: %s %q", c.proto, resp.Proto, b)
		}
		e := in.next()
		if e.text("network.protocol.version") != c.version || e.text("url.scheme") != "https" || e.text("tls.protocol.version") != "1.3" ||
			e.text("client.address") != "127.0.0.1" || e.text("server.address") != "www.x.example" {
			t.Errorf("%s: %v", c.proto, e)
		}
	}
	// What is not TLS gets no answer that could be taken for one.
	if a := in.get(0, "www.x.example"); strings.HasPrefix(a, "HTTP/1.1 200") {
		t.Errorf("%q", a)
	}
	in.none()
}

func TestLowestVersionOfTLSIsKept(t *testing.T) {
	ca, up := newAuthority(t), says(t, "hello")
	for _, c := range []struct {
		min    string
		client uint16
		served bool
	}{
		{"", tls.VersionTLS11, false}, {"", tls.VersionTLS12, true}, {`, min: "1.3"`, tls.VersionTLS12, false}, {`, min: "1.3"`, tls.VersionTLS13, true},
	} {
		dir := t.TempDir()
		ca.issue(dir, "www.x.example")
		in := startIn(t, dir, head+fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q, tls: {cert: www.pem, key: www.key%s}}]\n", up.URL, c.min), open)
		conn, err := tls.Dial("tcp", in.Addr(0), &tls.Config{RootCAs: ca.roots, ServerName: "www.x.example", MinVersion: tls.VersionTLS10, MaxVersion: c.client})
		if (err == nil) != c.served {
			t.Errorf("%s and %x: %v", c.min, c.client, err)
		}
		if err == nil {
			_ = conn.Close()
		}
		in.Hurry()
		in.end()
	}
}

func TestHTTP2WithPriorKnowledgeFromTheClientAndToTheUpstream(t *testing.T) {
	var p http.Protocols
	p.SetUnencryptedHTTP2(true)
	up := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s", r.Proto, r.Header.Get("X-Forwarded-For"))
	}))
	up.Config.Protocols = &p
	up.Start()
	t.Cleanup(up.Close)
	in := start(t, fmt.Sprintf("trust: [127.0.0.0/8]\nlisten: [{reverse: \"127.0.0.1:0\", to: \"h2c://%s\"}]\n", up.Listener.Addr()))
	for _, c := range []struct {
		version string
		set     func(*http.Protocols)
	}{
		{"1.1", func(p *http.Protocols) { p.SetHTTP1(true) }},
		{"2", func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) }},
	} {
		req, _ := http.NewRequest("GET", "http://www.x.example/", nil)
		req.Header.Set("X-Forwarded-For", "203.0.113.9")
		resp, err := client(t, in.Addr(0), c.set, nil).Do(req)
		if b := body(t, resp, err); b != "HTTP/2.0 203.0.113.9, 127.0.0.1" {
			t.Errorf("%s: %q", c.version, b)
		}
		if e := in.next(); e.text("network.protocol.version") != c.version || e.text("client.address") != "203.0.113.9" || e.text("network.peer.address") != "127.0.0.1" {
			t.Errorf("%s: %v", c.version, e)
		}
	}
}

// PROXY headers come before whatever is spoken.
func TestProxyHeaderBeforeTLSAndHTTP2(t *testing.T) {
	ca, dir, up := newAuthority(t), t.TempDir(), says(t, "hello")
	ca.issue(dir, "www.x.example")
	in := startIn(t, dir, head+fmt.Sprintf("trust: [127.0.0.0/8]\nlisten: [{reverse: \"127.0.0.1:0\", to: %q, tls: {cert: www.pem, key: www.key}}]\n", up.URL), open)
	c := client(t, "", func(p *http.Protocols) { p.SetHTTP2(true) }, &tls.Config{RootCAs: ca.roots})
	c.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, in.Addr(0))
		if err == nil {
			_, err = io.WriteString(conn, "PROXY TCP6 2001:db8::7 2001:db8::1 51234 443\r\n")
		}
		return conn, err
	}
	resp, err := c.Get("https://www.x.example/")
	if b := body(t, resp, err); b != "hello" || resp.ProtoMajor != 2 {
		t.Errorf("%q", b)
	}
	if e := in.next(); e.text("client.address") != "2001:db8::7" {
		t.Errorf("%v", e)
	}
}

func TestUpstreamOfUnknownAuthorityIsUnreachable(t *testing.T) {
	up := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was asked") }))
	up.Config.ErrorLog = log.New(io.Discard, "", 0)
	up.EnableHTTP2 = true
	up.StartTLS()
	t.Cleanup(up.Close)
	in := start(t, fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL))
	for _, set := range []func(*http.Protocols){func(p *http.Protocols) { p.SetHTTP1(true) }, func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) }} {
		resp, err := client(t, in.Addr(0), set, nil).Get("http://x/")
		if b := body(t, resp, err); resp.StatusCode != 502 || strings.Contains(b, "x509") {
			t.Errorf("%d %q", resp.StatusCode, b)
		}
		if e := in.next(); e.text("error.type") != "upstream_unreachable" || e.number("http.response.status_code") != 502 {
			t.Errorf("%v", e)
		}
	}
}
