package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// values are what one proxy gave in one round, by the key of a figure.
type values map[string]float64

// contest is one proxy, running and found correct.
type contest struct {
	*bench
	stand   *stand
	proxy   *proxy
	process *process
	path    string
	// sent are the requests that loads counted, each of which is to be logged.
	sent float64
}

// authority is the host that a forward proxy is asked for, "" where c's is none.
// It is a name, as it mostly is: an address would be redacted.
func (c *contest) authority() string {
	return when(c.stand.forward, "localhost:"+port(c.stand.upstream))
}

// check asks the proxy for the probe and looks for it in the answer and the log.
func (c *contest) check(ctx context.Context) error {
	if err := c.ask(); err != nil {
		return fmt.Errorf("%s does not answer as it should, so it is not measured: %w", c.proxy.name, err)
	}
	if c.proxy.log == "" {
		return nil
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		missing, text := c.logged()
		if missing == "" {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not log as it should, so it is not measured: %s; its log: %s; it said: %s", c.proxy.name, missing, text, c.process.said())
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// logged is what is wrong with the log, "" where it is right, and the log.
func (c *contest) logged() (string, string) {
	files, _ := filepath.Glob(c.stand.file(c.proxy.log))
	var all strings.Builder
	for _, name := range files {
		b, _ := os.ReadFile(name)
		all.Write(b)
	}
	text := all.String()
	if text == "" {
		return "it is empty", text
	}
	for _, s := range c.proxy.said {
		if !strings.Contains(text, s) {
			return fmt.Sprintf("it lacks %q", s), text
		}
	}
	for _, s := range c.proxy.hides {
		if strings.Contains(text, s) {
			return fmt.Sprintf("it holds %q", s), text
		}
	}
	return "", text
}

// ask sends the probe and compares the answer.
func (c *contest) ask() error {
	conn, err := c.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, probe(c.authority(), c.path)); err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	got, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return err
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("status %d", answer.StatusCode)
	case string(got) != answerTo(c.path):
		return fmt.Errorf("%d bytes that are not the upstream's %d", len(got), len(answerTo(c.path)))
	}
	return nil
}

func (c *contest) dial() (net.Conn, error) {
	if !c.stand.secure {
		return net.DialTimeout("tcp", c.stand.listen, 5*time.Second)
	}
	pem, err := os.ReadFile(c.stand.cert)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	d := &net.Dialer{Timeout: 5 * time.Second}
	return tls.DialWithDialer(d, "tcp", c.stand.listen, &tls.Config{RootCAs: roots, ServerName: site, MinVersion: tls.VersionTLS13})
}
