package http2

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"
)

// Limits bound what a peer may ask for. The zero value of a field means its
// default.
type Limits struct {
	HeaderBytes int // names and values of a head, in bytes; 64 KiB
	HeaderCount int // field lines of a head; 128
	URLBytes    int // the :path, in bytes; 16 KiB
	// TrailerBytes bounds a trailer section; 16 KiB.
	TrailerBytes int
	// Streams is how many requests one connection may have open; 128.
	Streams int

	ReadHead time.Duration // for the preface and the first settings; 10 s
	Idle     time.Duration // of a connection without streams; 75 s
	// Answer is how long an upstream may take from the last byte of the request
	// to the response's head. Read and Write are for silence within a body, in
	// both directions together. 60 s each.
	Answer time.Duration
	Read   time.Duration
	Write  time.Duration
	// Ping is the silence after which a peer is asked whether it is there; it has
	// as long again to answer. 30 s.
	Ping time.Duration
}

// Default returns the limits that hold where nothing is configured.
func Default() Limits {
	return Limits{
		HeaderBytes: 64 << 10, HeaderCount: 128, URLBytes: 16 << 10, TrailerBytes: 16 << 10, Streams: 128,
		ReadHead: 10 * time.Second, Idle: 75 * time.Second, Answer: 60 * time.Second, Read: 60 * time.Second, Write: 60 * time.Second, Ping: 30 * time.Second,
	}
}

func (l Limits) filled() Limits {
	d := Default()
	for _, p := range []struct{ v, d *int }{
		{&l.HeaderBytes, &d.HeaderBytes}, {&l.HeaderCount, &d.HeaderCount}, {&l.URLBytes, &d.URLBytes},
		{&l.TrailerBytes, &d.TrailerBytes}, {&l.Streams, &d.Streams},
	} {
		if *p.v == 0 {
			*p.v = *p.d
		}
	}
	for _, p := range []struct{ v, d *time.Duration }{
		{&l.ReadHead, &d.ReadHead}, {&l.Idle, &d.Idle}, {&l.Answer, &d.Answer}, {&l.Read, &d.Read}, {&l.Write, &d.Write}, {&l.Ping, &d.Ping},
	} {
		if *p.v == 0 {
			*p.v = *p.d
		}
	}
	return l
}

func (l Limits) validate() error {
	for _, n := range []int{l.HeaderBytes, l.HeaderCount, l.URLBytes, l.TrailerBytes, l.Streams} {
		if n < 0 {
			return errors.New("http2: a limit is negative")
		}
	}
	for _, d := range []time.Duration{l.ReadHead, l.Idle, l.Answer, l.Read, l.Write, l.Ping} {
		if d < 0 {
			return errors.New("http2: a time limit is negative")
		}
	}
	return nil
}

// Config is that of a Server.
type Config struct {
	Limits Limits
	// Serve carries one exchange. It is called on a goroutine of its own for
	// each stream and must not return before everything that uses c has ended. A
	// response that is not finished then is reset.
	Serve func(c *ServerStream)
	// Refused, where it is set, is told of a request that net/http reset because
	// its target, its authority or its CONNECT was malformed: one of Reasons. It
	// runs on the connection's goroutine and must not block. Malformed fields and
	// heads of four times HeaderBytes net/http answers without telling anybody.
	Refused func(reason string)
	// ErrorLog receives what net/http has to say about connections. Addresses
	// and the peer's words can be in it, so it must not be written anywhere;
	// tests read it. Nil discards.
	ErrorLog io.Writer
}

// Validate reports what New would not accept.
func (c Config) Validate() error {
	if c.Serve == nil {
		return errors.New("http2: no function to serve a stream")
	}
	return c.Limits.validate()
}

// ClientConfig is that of a Client: one upstream.
type ClientConfig struct {
	Limits Limits
	// Dial opens a connection to the upstream.
	Dial func(context.Context) (net.Conn, error)
	// TLS is used to verify the upstream and to agree on h2; ServerName must be
	// set. Nil is HTTP/2 with prior knowledge, unencrypted.
	TLS *tls.Config
	// Handshake bounds the TLS handshake; 10 s where it is 0.
	Handshake time.Duration
}

// Validate reports what NewClient would not accept.
func (c ClientConfig) Validate() error {
	switch {
	case c.Dial == nil:
		return errors.New("http2: no function to reach the upstream")
	case c.TLS != nil && c.TLS.InsecureSkipVerify:
		return errors.New("http2: the upstream's certificate must be verified")
	case c.TLS != nil && c.TLS.ServerName == "":
		return errors.New("http2: no server name to verify the upstream by")
	case c.Handshake < 0:
		return errors.New("http2: a time limit is negative")
	}
	return c.Limits.validate()
}
