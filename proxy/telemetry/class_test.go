package telemetry

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestErrorsAreClassified(t *testing.T) {
	// Each is wrapped by text as libraries do it: with what passed by.
	for _, c := range []struct {
		err  error
		want string
	}{
		{context.Canceled, "canceled"},
		{context.DeadlineExceeded, "timeout"},
		{os.ErrDeadlineExceeded, "timeout"},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, "connection_refused"},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, "connection_reset"},
		{syscall.EPIPE, "broken_pipe"},
		{syscall.EHOSTUNREACH, "unreachable"},
		{syscall.EMFILE, "too_many_files"},
		{&os.PathError{Op: "write", Path: canary, Err: syscall.ENOSPC}, "no_space"},
		{&os.PathError{Op: "write", Path: canary, Err: syscall.EFBIG}, "no_space"},
		{&os.PathError{Op: "open", Path: canary, Err: syscall.EACCES}, "permission"},
		{&os.PathError{Op: "open", Path: canary, Err: syscall.ENOENT}, "not_found"},
		{&net.DNSError{Name: canary, IsNotFound: true}, "no_such_host"},
		{&net.DNSError{Name: canary, IsTimeout: true}, "timeout"},
		{&net.DNSError{Name: canary}, "dns_failure"},
		{x509.UnknownAuthorityError{}, "tls_unknown_authority"},
		{x509.HostnameError{Host: canary, Certificate: new(x509.Certificate)}, "tls_name_mismatch"},
		{x509.CertificateInvalidError{Reason: x509.Expired}, "tls_expired"},
		{&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign}}, "tls_certificate"},
		{tls.RecordHeaderError{Msg: canary}, "tls_not_tls"},
		{tls.AlertError(40), "tls_alert"},
		{net.ErrClosed, "closed"},
		{io.EOF, "eof"},
		{io.ErrUnexpectedEOF, "unexpected_eof"},
		{syscall.ENOTTY, "system_call"},
		{errors.New(canary), "other"},
		{nil, ""},
	} {
		wrapped := c.err
		if wrapped != nil {
			wrapped = fmt.Errorf("%s: %w", canary, c.err)
		}
		if got := Class(wrapped); got != c.want {
			t.Errorf("%T: %s, want %s", c.err, got, c.want)
		}
	}
}

func TestRealErrorsAreClassified(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, err = net.Listen("tcp", ln.Addr().String())
	expect(t, err, "address_in_use")
	addr := ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = ln.Accept()
	expect(t, err, "closed")
	_, err = net.Dial("tcp", addr)
	expect(t, err, "connection_refused")

	a, b := net.Pipe()
	if err := a.SetDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	_, err = a.Read(make([]byte, 1))
	expect(t, err, "timeout")
	_ = b.Close()
	_, err = b.Write([]byte("x"))
	expect(t, err, "closed")

	_, err = os.Open(filepath.Join(t.TempDir(), canary))
	expect(t, err, "not_found")
	expect(t, handshake(t, time.Now().Add(time.Hour), "localhost", false), "tls_unknown_authority")
	expect(t, handshake(t, time.Now().Add(time.Hour), canary, true), "tls_name_mismatch")
	expect(t, handshake(t, time.Now().Add(-time.Hour), "localhost", true), "tls_expired")
}

func expect(t *testing.T, err error, want string) {
	t.Helper()
	if got := Class(err); got != want {
		t.Errorf("%v: %s, want %s", err, got, want)
	}
}

// handshake verifies a certificate for localhost as name and returns the error.
func handshake(t *testing.T, until time.Time, name string, known bool) error {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, IsCA: true,
		BasicConstraintsValid: true, DNSNames: []string{"localhost"}, NotBefore: until.Add(-2 * time.Hour), NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if known {
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		roots.AddCert(leaf)
	}
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	go func() {
		if conn, err := ln.Accept(); err == nil {
			_ = conn.(*tls.Conn).Handshake()
			_ = conn.Close()
		}
	}()
	conn, err := tls.Dial("tcp", ln.Addr().String(), &tls.Config{RootCAs: roots, ServerName: name})
	if err == nil {
		_ = conn.Close()
		t.Fatal("the handshake was done")
	}
	return err
}

// deepPanic panics on purpose, with what passed by.
//
//go:noinline
func deepPanic(secret string) { panic(errors.New(secret)) }

func TestPanicTellsTypeAndPlaceNeverTheValue(t *testing.T) {
	l, out, _ := testLog(t, LogConfig{})
	func() {
		defer func() { l.Panic("handler_panicked", recover(), Name("listener", ":8080")) }()
		deepPanic(canary)
	}()
	got := out.String()
	for _, want := range []string{"ERROR handler_panicked panic=*errors.errorString", `at="telemetry.deepPanic:`,
		"telemetry.TestPanicTellsTypeAndPlaceNeverTheValue", "listener=:8080"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	for _, bad := range []string{"anna", "0x", "gopanic", "frames"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q in %s", bad, got)
		}
	}
}

func TestRuntimePanicsTellTheirKind(t *testing.T) {
	var none *fruit
	var list []int
	var m map[string]int
	for kind, provoke := range map[string]func(){
		"nil_dereference":    func() { *none = 1 },
		"index_out_of_range": func() { list[len(m)] = 1 },
		"slice_out_of_range": func() { list = list[:len(m)+1] },
		"nil_map":            func() { m[canary] = 1 },
		"divide_by_zero":     func() { list = append(list, 1/len(m)) },
		"type_assertion":     func() { _ = any(canary).(int) },
		"other":              func() { _ = map[any]int{}[func() {}] },
	} {
		l, out, _ := testLog(t, LogConfig{})
		func() {
			defer func() { l.Panic("handler_panicked", recover()) }()
			provoke()
		}()
		got := out.String()
		if !strings.Contains(got, "kind="+kind) || strings.Contains(got, "anna") || strings.Contains(got, "runtime.sigpanic:") {
			t.Errorf("%s: %s", kind, got)
		}
	}
}
