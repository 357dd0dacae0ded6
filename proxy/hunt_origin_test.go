package proxy

import (
	"bufio"
	"bytes"
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
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// origins are what stands behind weir: servers that answer what they are told
// to, whatever is asked, and keep what they received.
type origins struct {
	ca   *authority
	next atomic.Pointer[message]
	// raw is answered instead of next, byte for byte, and the connection closed.
	raw      atomic.Pointer[string]
	received transcript
	requests atomic.Int64
	began    chan struct{} // told of each request once it was read

	plain, secure, two, untrusted, echo, refused string // addresses
}

func newOrigins(t *testing.T, f *flock) *origins {
	o := &origins{ca: newAuthority(t, "hunt"), began: make(chan struct{}, 1024)}
	trusted := &tls.Config{Certificates: []tls.Certificate{o.ca.leaf(t, "*.tls.hunt.example", "127.0.0.1")}}
	other := newAuthority(t, f.put("name of an authority", token))
	stranger := &tls.Config{Certificates: []tls.Certificate{other.leaf(t, f.put("name in a certificate", token)+".hunt.example")}}
	o.plain = o.listen(t, func(c net.Conn) { o.serve(c) })
	o.secure = o.listen(t, func(c net.Conn) { o.serve(tls.Server(c, trusted)) })
	o.untrusted = o.listen(t, func(c net.Conn) { o.serve(tls.Server(c, stranger)) })
	o.echo = o.listen(t, func(c net.Conn) {
		_, _ = io.Copy(c, io.TeeReader(c, &o.received))
		_ = c.Close()
	})
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.refused = gone.Addr().String()
	_ = gone.Close()

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var protos http.Protocols
	protos.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: http.HandlerFunc(o.stream), Protocols: &protos, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	o.two = l.Addr().String()
	return o
}

func (o *origins) listen(t *testing.T, serve func(net.Conn)) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return l.Addr().String()
}

// serve answers requests on c, which stays open.
func (o *origins) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(io.TeeReader(c, &o.received))
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		o.requests.Add(1)
		if r.Header.Get("X-Early") == "" {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		o.began <- struct{}{}
		if raw := o.raw.Load(); raw != nil {
			_, _ = io.WriteString(c, *raw)
			if r.Header.Get("X-Hang") != "" || strings.HasPrefix(*raw, "HTTP/1.1 101") {
				_, _ = io.Copy(c, in) // until weir has enough
			}
			return
		}
		if _, err := c.Write(o.next.Load().response()); err != nil {
			return
		}
	}
}

// response is m as HTTP/1.1 writes it.
func (m *message) response() []byte {
	var b bytes.Buffer
	if m.early != nil {
		fmt.Fprintf(&b, "HTTP/1.1 103 %s\r\n%s\r\n", m.reason, lines(m.early))
	}
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n%sTransfer-Encoding: chunked\r\n\r\n", m.status, m.reason, lines(m.header))
	b.WriteString(m.chunks())
	return b.Bytes()
}

func lines(all []line) string {
	var b strings.Builder
	for _, l := range all {
		b.WriteString(l.name + ": " + l.value + "\r\n")
	}
	return b.String()
}

// chunks is the body with its trailers.
func (m *message) chunks() string {
	var b strings.Builder
	if m.body != "" {
		fmt.Fprintf(&b, "%x%s\r\n%s\r\n", len(m.body), m.extension, m.body)
	}
	return b.String() + "0\r\n" + lines(m.trailer) + "\r\n"
}

// stream answers one stream of HTTP/2.
func (o *origins) stream(w http.ResponseWriter, r *http.Request) {
	o.requests.Add(1)
	_, _ = io.Copy(&o.received, r.Body)
	fmt.Fprintln(&o.received, r.Method, r.Host, r.RequestURI)
	for _, h := range []http.Header{r.Header, r.Trailer} {
		_ = h.Write(&o.received)
	}
	o.began <- struct{}{}
	if r.Header.Get("X-Hang") != "" {
		<-r.Context().Done()
		return
	}
	m := o.next.Load()
	if m.early != nil {
		for _, l := range m.early {
			w.Header().Add(l.name, l.value)
		}
		w.WriteHeader(http.StatusEarlyHints)
		clear(w.Header())
	}
	for _, l := range m.header {
		w.Header()[l.name] = append(w.Header()[l.name], l.value)
	}
	for _, l := range m.trailer {
		w.Header()[http.TrailerPrefix+l.name] = []string{l.value}
	}
	w.WriteHeader(m.status)
	_ = http.NewResponseController(w).Flush() // a length would leave no room for trailers
	_, _ = io.WriteString(w, m.body)
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	n    int64
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, of, of, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key, 1}
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

func (a *authority) leaf(t *testing.T, names ...string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a.n++
	of := &x509.Certificate{SerialNumber: big.NewInt(a.n), Subject: pkix.Name{CommonName: names[0]}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			of.IPAddresses = append(of.IPAddresses, ip)
		} else {
			of.DNSNames = append(of.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, of, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// write puts a certificate and its key into files.
func write(t *testing.T, cert tls.Certificate, certFile, keyFile string) {
	t.Helper()
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert.Certificate[0]}, keyFile: nil} {
		if block == nil {
			der, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
			if err != nil {
				t.Fatal(err)
			}
			block = &pem.Block{Type: "PRIVATE KEY", Bytes: der}
		}
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
