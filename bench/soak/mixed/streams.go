package mixed

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// transport is a client of HTTP/2 alone, whatever the URL's host.
func (r *Run) transport(secure bool) *http.Transport {
	address := r.process.plain
	protocols := new(http.Protocols)
	if secure {
		address = r.process.secure
		protocols.SetHTTP2(true)
	} else {
		protocols.SetUnencryptedHTTP2(true)
	}
	return &http.Transport{
		Protocols: protocols, DisableCompression: true, IdleConnTimeout: 4 * time.Second,
		TLSClientConfig: &tls.Config{RootCAs: r.authority.pool, VerifyConnection: func(s tls.ConnectionState) error {
			r.certificate(s)
			return nil
		}},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", address)
		},
	}
}

// http2 is the worker's transport; each fiftieth time its connections are made anew.
func (w *worker) http2(secure bool) *http.Transport {
	at := &w.h2
	if secure {
		at = &w.h2TLS
	}
	if *at == nil {
		*at = w.transport(secure)
	}
	if w.rand.IntN(50) == 0 {
		(*at).CloseIdleConnections()
	}
	return *at
}

func (w *worker) request(ctx context.Context, secure bool, method, host, target string, n uint32, body io.Reader) (*http.Request, error) {
	scheme := "http"
	if secure {
		scheme = "https"
	}
	r, err := http.NewRequestWithContext(ctx, method, scheme+"://"+host+target, body)
	if err != nil {
		return nil, err
	}
	r.Header = header(n)
	return r, nil
}

// several requests go at once over one connection.
func (w *worker) several(secure bool) error {
	t := w.http2(secure)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	count := 1 + w.rand.IntN(4)
	results := make(chan error, count)
	for range count {
		n := w.begin()
		go func() {
			results <- func() error {
				q, err := w.request(ctx, secure, "GET", www, page, n, nil)
				if err != nil {
					return err
				}
				r, err := t.RoundTrip(q)
				if err != nil {
					return err
				}
				defer r.Body.Close()
				body, err := io.ReadAll(r.Body)
				if err != nil {
					return err
				}
				if r.ProtoMajor != 2 {
					return errors.New("it is not HTTP/2")
				}
				return w.judge(&answer{r, body}, n, small)
			}()
		}()
	}
	var all error
	for range count {
		all = errors.Join(all, <-results)
	}
	return all
}

func http2TLS(w *worker) error   { return w.several(true) }
func http2Plain(w *worker) error { return w.several(false) }

// messages sends messages one by one, waits for each to come back, and ends
// with trailers.
func messages(w *worker) error {
	secure := w.rand.IntN(2) == 0
	t := w.http2(secure)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	n := w.begin()
	body, send := io.Pipe()
	defer send.Close()
	defer context.AfterFunc(ctx, func() { send.Close() })()
	q, err := w.request(ctx, secure, "POST", "grpc.soak.example", "/grpc", n, body)
	if err != nil {
		return err
	}
	q.Header.Set("Content-Type", "application/grpc")
	q.Header.Set("Te", "trailers")
	r, err := t.RoundTrip(q)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	for range 1 + w.rand.IntN(8) {
		message := w.body(wordLength + w.rand.IntN(3000))
		if _, err := send.Write(message); err != nil {
			return err
		}
		back := make([]byte, len(message))
		if _, err := io.ReadFull(r.Body, back); err != nil {
			return err
		}
		if !bytes.Equal(back, message) {
			return errLength
		}
	}
	send.Close()
	rest, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if r.Trailer.Get("Grpc-Status") != "0" {
		return fmt.Errorf("no grpc-status came, %d trailers", len(r.Trailer))
	}
	return w.judge(&answer{r, rest}, n, nil)
}

// cancelled resets a stream at a random moment.
func cancelled(w *worker) error {
	secure := w.rand.IntN(2) == 0
	t := w.http2(secure)
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(w.rand.IntN(200_000))*time.Microsecond)
	defer cancel()
	n := w.begin()
	q, err := w.request(ctx, secure, "GET", www, "/drip"+query, n, nil)
	if err != nil {
		return err
	}
	r, err := t.RoundTrip(q)
	if err == nil {
		w.numbers.set(n, whole) // its head was answered
		_, err = io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	if err == nil || ctx.Err() != nil {
		return nil
	}
	return err
}
