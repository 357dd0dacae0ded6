package otlp

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"strings"
	"time"

	"weir/proxy/telemetry"
)

// Protocol is how a collector is spoken to.
type Protocol uint8

const (
	GRPC Protocol = iota // HTTP/2 and gRPC's framing; a collector's port 4317
	HTTP                 // a POST of protobuf; a collector's port 4318
)

// Config says where a collector is and how it is reached.
type Config struct {
	// Endpoint has the scheme http or https, a host, and for HTTP perhaps a path,
	// below which /v1/logs, /v1/traces and /v1/metrics are.
	Endpoint *url.URL
	Protocol Protocol
	// CA is the path of the certificates that an https collector's is verified by,
	// PEM; "" for those of the system.
	CA string
	// Headers is the path of a file of lines such as "Authorization: Bearer …",
	// which others can't read. It is read for each request; "" for none.
	Headers string
	// Timeout bounds one request; 10 s where it is 0.
	Timeout time.Duration
	// Resource is what all that is sent is from.
	Resource Resource
	// Log is told of failures; nil for nobody.
	Log *telemetry.Log
}

// Resource names this instance of weir, as OpenTelemetry's resource does.
type Resource struct {
	Service  string // service.name
	Version  string // service.version: weir's own
	Instance string // service.instance.id: another for each start
}

// Validate reports what NewClient would not accept, but for the contents of files.
func (c *Config) Validate() error {
	switch u := c.Endpoint; {
	case u == nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("a collector is reached by http:// or https:// and a host")
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return errors.New("the address of a collector is a scheme, a host, a port and perhaps a path")
	case c.Protocol == GRPC && strings.Trim(u.Path, "/") != "":
		return errors.New("over gRPC the address of a collector has no path")
	case c.Protocol > HTTP:
		return errors.New("a collector is spoken to by grpc or http")
	case c.CA != "" && u.Scheme != "https":
		return errors.New("certificates are for a collector that is reached by https://")
	case c.Timeout < 0:
		return errors.New("the time limit of a request is negative")
	}
	return nil
}

// Readable reports what is wrong with the files that c names.
func (c *Config) Readable() error {
	if _, err := c.authorities(); err != nil {
		return err
	}
	_, err := c.headers()
	return err
}

// authorities reads c.CA; nil is the system's.
func (c *Config) authorities() (*x509.CertPool, error) {
	if c.CA == "" {
		return nil, nil
	}
	b, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, fmt.Errorf("certificates of the collector: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, fmt.Errorf("no certificate is in %s", c.CA)
	}
	return pool, nil
}

// headers reads c.Headers.
func (c *Config) headers() (http.Header, error) {
	if c.Headers == "" {
		return nil, nil
	}
	info, err := os.Stat(c.Headers)
	if err != nil {
		return nil, fmt.Errorf("headers for the collector: %w", err)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("%s can be read by everybody on this machine; chmod 600 it", c.Headers)
	}
	b, err := os.ReadFile(c.Headers)
	if err != nil {
		return nil, fmt.Errorf("headers for the collector: %w", err)
	}
	lines := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(bytes.TrimSpace(b), "\r\n\r\n"...))))
	h, err := lines.ReadMIMEHeader()
	if err != nil { // its text would quote the line
		return nil, fmt.Errorf("%s does not have lines such as Authorization: Bearer x", c.Headers)
	}
	return http.Header(h), nil
}
