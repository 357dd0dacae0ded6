package proxy

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"time"
)

// certificate loads what a listener ends TLS with. What is wrong is noted at
// the listener's `tls`.
func (c *Config) certificate(t *TLS, now time.Time) (tls.Certificate, bool) {
	refuse := func(message, instead string) (tls.Certificate, bool) {
		c.file.Refuse(t.at, message, instead)
		return tls.Certificate{}, false
	}
	pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	var missing *fs.PathError
	switch {
	case errors.As(err, &missing):
		return refuse("cannot read "+missing.Path+": "+missing.Err.Error(), "the paths of a certificate and its key, both PEM")
	case err != nil:
		return refuse("not a certificate and its key: "+err.Error(), "the paths of a certificate and its key, both PEM")
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
	return pair, true
}

// serverTLS is a listener's TLS configuration, nil where it has none.
func (c *Config) serverTLS(l *Listener, now time.Time) *tls.Config {
	if l.TLS == nil || l.TLS.Cert == "" || l.TLS.Key == "" {
		return nil
	}
	pair, ok := c.certificate(l.TLS, now)
	if !ok {
		return nil
	}
	return &tls.Config{
		Certificates: []tls.Certificate{pair},
		MinVersion:   l.TLS.Min,
		NextProtos:   []string{"h2", "http/1.1"},
	}
}
