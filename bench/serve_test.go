package bench

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/proxy"
)

// BenchmarkServe is one whole instance, its client and its upstream in one
// process: listener, relay, policy, redaction, segments on disk. cpu-ns/op is of all
// three; BenchmarkServe/upstream_alone is what client and upstream cost without
// weir. The profile by which weir is built (make profile) is taken here.
func BenchmarkServe(b *testing.B) {
	const size = 1 << 10
	upstream := serving(b, size)
	b.Run("upstream alone", func(b *testing.B) { turn(b, plainly(b, upstream), size) })
	b.Run("plain", func(b *testing.B) { turn(b, plainly(b, instance(b, upstream, "")), size) })
	b.Run("tls", func(b *testing.B) {
		cert, key, roots := certificate(b)
		addr := instance(b, upstream, fmt.Sprintf("    tls: {cert: %s, key: %s}\n", cert, key))
		c, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: roots, ServerName: "example.com", NextProtos: []string{"http/1.1"}})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = c.Close() })
		turn(b, c, size)
	})
}

// instance is weir before upstream with the policy of the other benchmarks.
func instance(b *testing.B, upstream, listener string) string {
	b.Helper()
	dir := b.TempDir()
	policy, err := os.ReadFile("testdata/policy.yaml")
	if err != nil {
		b.Fatal(err)
	}
	write(b, filepath.Join(dir, "policy.yaml"), policy)
	file := filepath.Join(dir, "weir.yaml")
	write(b, file, []byte("service: www\npolicy: policy.yaml\nlisten:\n  - reverse: 127.0.0.1:0\n    to: {www.nordhost.example: http://"+upstream+"}\n"+listener+
		"trust: [127.0.0.0/8]\nlog: [{file: log}]\nkeys: keys\n"))
	cfg, err := proxy.ReadConfig(file)
	if err != nil {
		b.Fatal(err)
	}
	p, err := proxy.New(cfg, proxy.Options{})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	b.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	return p.Addr(0)
}

// certificate writes the one that the standard library's test servers have.
func certificate(b *testing.B) (cert, key string, roots *x509.CertPool) {
	b.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	private, err := x509.MarshalPKCS8PrivateKey(s.TLS.Certificates[0].PrivateKey)
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	cert, key, roots = filepath.Join(dir, "www.pem"), filepath.Join(dir, "www.key"), x509.NewCertPool()
	roots.AddCert(s.Certificate())
	write(b, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	write(b, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	return cert, key, roots
}

func write(tb testing.TB, path string, text []byte) {
	tb.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		tb.Fatal(err)
	}
}

// serving answers every head with a body of size bytes, and allocates nothing.
func serving(b *testing.B, size int) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	reply := []byte(strings.ReplaceAll(strings.Replace(answer, "Length: 0", fmt.Sprint("Length: ", size), 1), "\n", "\r\n"))
	reply = append(reply, bytes.Repeat([]byte("x"), size)...)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				buf, n := make([]byte, 16<<10), 0
				for {
					k, err := c.Read(buf[n:])
					if err != nil {
						return
					}
					if n += k; bytes.HasSuffix(buf[:n], []byte("\r\n\r\n")) {
						n = 0
						if _, err := c.Write(reply); err != nil {
							return
						}
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

func plainly(b *testing.B, addr string) net.Conn {
	b.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	return c
}

// turn sends the typical request again and again over c.
func turn(b *testing.B, c net.Conn, size int) {
	request := []byte(strings.ReplaceAll(typical, "\n", "\r\n"))
	buf := make([]byte, 16<<10)
	once := func() {
		if _, err := c.Write(request); err != nil {
			b.Fatal(err)
		}
		n, end := 0, -1
		for end < 0 || n < end {
			k, err := c.Read(buf[n:])
			if err != nil {
				b.Fatal(err)
			}
			n += k
			if at := bytes.Index(buf[:n], []byte("\r\n\r\n")); at >= 0 {
				end = at + 4 + size
			}
		}
	}
	for range 100 {
		once()
	}
	b.ReportAllocs()
	before := cpu()
	for b.Loop() {
		once()
	}
	b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// cpu is the time that the process has had, in user and kernel.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
