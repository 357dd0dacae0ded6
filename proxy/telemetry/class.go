package telemetry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// Class names the kind of err with a word from a closed list, "other" where it
// is none of them, "" where err is nil. It never looks at the error's text,
// which may quote what passed by: host names, URLs, addresses.
func Class(err error) string {
	if err == nil {
		return ""
	}
	for _, c := range classes {
		if errors.Is(err, c.target) {
			return c.word
		}
	}
	if word := tlsClass(err); word != "" {
		return word
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && !dns.IsTimeout {
		if dns.IsNotFound {
			return "no_such_host"
		}
		return "dns_failure"
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "timeout"
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return "system_call"
	}
	return other
}

// classes are asked in order: the more telling first.
var classes = []struct {
	target error
	word   string
}{
	{context.Canceled, "canceled"},
	{context.DeadlineExceeded, "timeout"},
	{os.ErrDeadlineExceeded, "timeout"},
	{net.ErrClosed, "closed"},
	{os.ErrClosed, "closed"},
	{io.ErrClosedPipe, "closed"},
	{syscall.ECONNREFUSED, "connection_refused"},
	{syscall.ECONNRESET, "connection_reset"},
	{syscall.ECONNABORTED, "connection_aborted"},
	{syscall.EPIPE, "broken_pipe"},
	{syscall.ETIMEDOUT, "timeout"},
	{syscall.EHOSTUNREACH, "unreachable"},
	{syscall.ENETUNREACH, "unreachable"},
	{syscall.EADDRINUSE, "address_in_use"},
	{syscall.EADDRNOTAVAIL, "address_not_available"},
	{syscall.EMFILE, "too_many_files"},
	{syscall.ENFILE, "too_many_files"},
	{syscall.ENOSPC, "no_space"},
	{syscall.EDQUOT, "no_space"},
	{syscall.EFBIG, "no_space"},
	{syscall.EROFS, "read_only"},
	{syscall.EIO, "io_error"},
	{fs.ErrPermission, "permission"},
	{fs.ErrNotExist, "not_found"},
	{fs.ErrExist, "exists"},
	{io.ErrUnexpectedEOF, "unexpected_eof"},
	{io.EOF, "eof"},
	{io.ErrShortWrite, "short_write"},
}

func tlsClass(err error) string {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &authority):
		return "tls_unknown_authority"
	case errors.As(err, &name):
		return "tls_name_mismatch"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "tls_expired"
	case errors.As(err, &invalid), errors.As(err, &verify):
		return "tls_certificate"
	case errors.As(err, &record):
		return "tls_not_tls"
	case errors.As(err, &alert):
		return "tls_alert"
	}
	return ""
}
