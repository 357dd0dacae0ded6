package proxy

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"weir/policy/source"
	"weir/proxy/telemetry"
	"weir/redact/raw"
)

// certificate is what a listener ends TLS with at the moment. Files that do not
// load change nothing: the last good ones stay in use.
type certificate struct {
	tls   *TLS
	name  string // the listener's address, as configured
	log   *telemetry.Log
	count *telemetry.Listener // nil until there are metrics

	mu    sync.Mutex // one reload at a time
	known [sha256.Size]byte
	ends  time.Time
	// A whole configuration is exchanged: tickets of sessions that an earlier one
	// verified are of no use to a later one.
	cur atomic.Pointer[tls.Config]
}

// now is the configuration for the next handshake.
func (c *certificate) now() *tls.Config { return c.cur.Load() }

// counted has the certificate's end and its reloads told.
func (c *certificate) counted(l *telemetry.Listener) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count = l
	l.CertificateEnds(c.ends)
}

// reload reads the files again, and returns why they can not be used. What was
// judged already is told again only where that was asked for.
func (c *certificate) reload(asked bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	files := readFiles(c.tls)
	if files.sum == c.known && !asked {
		return nil
	}
	c.known = files.sum
	cfg, leaf, fault := files.load(time.Now())
	if fault != nil {
		if c.count != nil {
			c.count.CertificatesRefused.Add(1)
		}
		c.log.Error("certificate_refused", telemetry.Name("listener", c.name), telemetry.ConfigErr(fault))
		return fmt.Errorf("%s: %w", c.name, fault)
	}
	c.cur.Store(cfg)
	c.ends = leaf.NotAfter
	if c.count != nil {
		c.count.CertificateEnds(c.ends)
		c.count.CertificatesTaken.Add(1)
	}
	c.log.Info("certificate_reloaded", telemetry.Name("listener", c.name), telemetry.Name("until", c.ends.UTC().Format(time.DateOnly)))
	return nil
}

// folders are those whose changes are watched.
func (c *certificate) folders() []string {
	all := []string{filepath.Dir(c.tls.Cert), filepath.Dir(c.tls.Key)}
	if c.tls.Clients != nil {
		all = append(all, filepath.Dir(c.tls.Clients.CA))
	}
	return all
}

// fault says what is wrong with a certificate and where weir.yaml names it.
type fault struct {
	at               source.Pos
	message, instead string
}

func (f *fault) Error() string { return f.message }

// files are those of a listener's TLS as they were read.
type files struct {
	tls           *TLS
	cert, key, ca []byte
	err           [3]error
	sum           [sha256.Size]byte // of all of it
}

// maxPEM is how much is read of a file of certificates or of a key, in bytes.
const maxPEM = 1 << 20

func readFiles(t *TLS) *files {
	f := &files{tls: t}
	f.cert, f.err[0] = source.ReadRegular(t.Cert, maxPEM)
	f.key, f.err[1] = source.ReadRegular(t.Key, maxPEM)
	if t.Clients != nil {
		f.ca, f.err[2] = source.ReadRegular(t.Clients.CA, maxPEM)
	}
	h := sha256.New()
	for i, b := range [][]byte{f.cert, f.key, f.ca} {
		if f.err[i] != nil {
			b = []byte(f.err[i].Error())
		}
		sum := sha256.Sum256(b)
		h.Write(sum[:])
	}
	h.Sum(f.sum[:0])
	return f
}

// load makes of the files what TLS is ended with.
func (f *files) load(now time.Time) (*tls.Config, *x509.Certificate, *fault) {
	const both = "the paths of a certificate and its key, both PEM"
	refuse := func(message, instead string) (*tls.Config, *x509.Certificate, *fault) {
		return nil, nil, &fault{f.tls.at, message, instead}
	}
	for _, err := range f.err[:2] {
		if err != nil {
			return refuse(unreadable(err), both)
		}
	}
	pair, err := tls.X509KeyPair(f.cert, f.key)
	if err != nil {
		return refuse("not a certificate and its key: "+err.Error(), both)
	}
	leaf := pair.Leaf
	if leaf == nil {
		if leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return refuse("not a certificate: "+err.Error(), "the path of a certificate, PEM")
		}
	}
	switch {
	case now.After(leaf.NotAfter):
		return refuse("the certificate ended on "+leaf.NotAfter.UTC().Format(time.DateOnly), "the path of a certificate that is valid")
	case now.Before(leaf.NotBefore):
		return refuse("the certificate begins on "+leaf.NotBefore.UTC().Format(time.DateOnly), "the path of a certificate that is valid")
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: f.tls.Min, NextProtos: []string{"h2", "http/1.1"}}
	if wrong := f.clients(cfg); wrong != nil {
		return nil, nil, wrong
	}
	return cfg, leaf, nil
}

// clients has cfg ask clients for a certificate, where that is configured.
func (f *files) clients(cfg *tls.Config) *fault {
	clients := f.tls.Clients
	if clients == nil {
		return nil
	}
	if f.err[2] != nil {
		return &fault{clients.at, unreadable(f.err[2]), "the path of the authorities that clients' certificates are from, PEM"}
	}
	cfg.ClientCAs = x509.NewCertPool()
	if !cfg.ClientCAs.AppendCertsFromPEM(f.ca) {
		return &fault{clients.at, "no authority in the file that clients' certificates are verified by", "the path of one or more certificates, PEM"}
	}
	cfg.ClientAuth = tls.VerifyClientCertIfGiven
	if clients.Require {
		cfg.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return nil
}

func unreadable(err error) string {
	var missing *fs.PathError
	if errors.As(err, &missing) {
		return "cannot read " + missing.Path + ": " + missing.Err.Error()
	}
	return err.Error()
}

// certificate is what a listener ends TLS with, nil where it does not. What is
// wrong with it is noted where weir.yaml names it.
func (c *Config) certificate(l *Listener, log *telemetry.Log) *certificate {
	t := l.TLS
	if t == nil || t.Cert == "" || t.Key == "" || t.Clients != nil && t.Clients.CA == "" {
		return nil
	}
	made := &certificate{tls: t, name: l.Address(), log: log}
	files := readFiles(t)
	cfg, leaf, fault := files.load(time.Now())
	if fault != nil {
		c.file.Refuse(fault.at, fault.message, fault.instead)
		return nil
	}
	made.known, made.ends = files.sum, leaf.NotAfter
	made.cur.Store(cfg)
	return made
}

// longestIdentity bounds whom a certificate may be issued to, in bytes.
const longestIdentity = 1024

// identity is whom a client's certificate was issued to: its subject, else the
// first of its other names. It is unknown where no certificate was verified, and
// where it is too long to be told whole.
func identity(chains [][]*x509.Certificate) raw.Text {
	if len(chains) == 0 || len(chains[0]) == 0 {
		return raw.Text{}
	}
	cert := chains[0][0]
	text := cert.Subject.String()
	switch {
	case text != "":
	case len(cert.URIs) > 0:
		text = cert.URIs[0].String()
	case len(cert.EmailAddresses) > 0:
		text = cert.EmailAddresses[0]
	case len(cert.DNSNames) > 0:
		text = cert.DNSNames[0]
	case len(cert.IPAddresses) > 0:
		text = cert.IPAddresses[0].String()
	}
	if len(text) > longestIdentity {
		return raw.Text{}
	}
	return raw.Of([]byte(text))
}
