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
	"strconv"
	"strings"
	"time"
)

// The cores: the proxy has the first, load and upstream the second.
const (
	proxyCore = 0
	loadCore  = 1
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
	if _, err := io.WriteString(conn, probe("", c.path)); err != nil {
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
	case string(got) != c.answer(c.path):
		return fmt.Errorf("%d bytes that are not the upstream's %d", len(got), len(c.answer(c.path)))
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

// window is what happened between two looks at the clocks.
type window struct {
	tally
	cpu            float64 // that the proxy took, µs
	busy, loadBusy float64 // share of its core that the proxy took; of the other that anybody did
	others         float64 // share of the proxy's core that others took
}

// during looks at the clocks before and after a load of c's proxy.
func (c *contest) during(load func() (tally, error)) (window, error) {
	var w window
	before, err := c.clocks()
	if err != nil {
		return w, err
	}
	if w.tally, err = load(); err != nil {
		return w, err
	}
	after, err := c.clocks()
	if err != nil {
		return w, err
	}
	if w.failed > 0 {
		return w, fmt.Errorf("%s: %.0f of %.0f requests failed", c.proxy.name, w.failed, w.requests)
	}
	w.cpu = float64(after.cpu-before.cpu) / 1e3
	w.busy = w.cpu / w.micros
	w.loadBusy = after.load.since(before.load)
	// The window is a little longer than the load, which starts within it.
	w.others = max(0, after.proxy.since(before.proxy)-w.cpu/(float64(after.at.Sub(before.at))/1e3))
	return w, nil
}

type clocks struct {
	at          time.Time
	cpu         time.Duration
	proxy, load coreTime
}

func (c *contest) clocks() (k clocks, err error) {
	k.at = time.Now()
	if k.cpu, err = cpuTime(c.process.pid); err != nil {
		return k, fmt.Errorf("%s: %w; it said: %s", c.proxy.name, err, c.process.said())
	}
	if k.proxy, err = readCore(proxyCore); err == nil {
		k.load, err = readCore(loadCore)
	}
	return k, err
}

// wrk loads the proxy with kept connections for some seconds.
func (c *contest) wrk(ctx context.Context, connections int, seconds float64) (tally, error) {
	lua := c.stand.file("load.lua")
	if err := os.WriteFile(lua, []byte(script(visitors(c.authority, c.path))), 0o644); err != nil {
		return tally{}, err
	}
	scheme := "http://"
	if c.stand.secure {
		scheme = "https://"
	}
	out, err := output(ctx, strconv.Itoa(loadCore), "wrk", "-t1", "-c"+strconv.Itoa(connections),
		"-d"+strconv.Itoa(max(1, int(seconds+.5)))+"s", "--latency", "-s", lua, scheme+c.stand.listen+"/")
	if err != nil {
		return tally{}, err
	}
	return parseTally(out)
}

// kept measures requests over kept connections: 32 of them, then one.
func kept(connections int) func(context.Context, *contest) (values, error) {
	return func(ctx context.Context, c *contest) (values, error) {
		if _, err := c.wrk(ctx, connections, max(1, c.seconds/3)); err != nil { // it warms up
			return nil, err
		}
		many, err := c.during(func() (tally, error) { return c.wrk(ctx, connections, c.seconds) })
		if err != nil {
			return nil, err
		}
		v := values{}
		v.take(many)
		one, err := c.during(func() (tally, error) { return c.wrk(ctx, 1, c.seconds) })
		if err != nil {
			return nil, err
		}
		v["p50 of 1"], v["p99 of 1"] = one.p50, one.p99
		rss, err := resident(c.process.pid)
		v["resident"] = float64(rss)
		return v, err
	}
}

func (v values) take(w window) {
	v["cpu"], v["rate"] = w.cpu/w.requests, w.requests/w.micros*1e6
	v["p50"], v["p99"] = w.p50, w.p99
	v["busy"], v["load busy"], v["others"] = w.busy, w.loadBusy, w.others
}
