package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// measure is what is done with a proxy that was found correct.
type measure func(context.Context, *contest) (values, error)

// load is how a load is started: on the cores of the upstream.
func (c *contest) load(argv ...string) launch {
	cores := c.proxy.cores
	if cores == "" {
		cores = strconv.Itoa(loadCore)
	}
	return launch{argv: argv, cores: cores, nice: c.nice}
}

// wrk loads the proxy with kept connections for some seconds.
func (c *contest) wrk(ctx context.Context, connections int, seconds float64) (tally, error) {
	lua := c.stand.file("load.lua")
	if err := os.WriteFile(lua, []byte(script(visitors(c.authority(), c.path))), 0o644); err != nil {
		return tally{}, err
	}
	scheme := "http://"
	if c.stand.secure {
		scheme = "https://"
	}
	threads := min(c.stand.workers, connections)
	out, err := output(ctx, c.load("wrk", "-t"+strconv.Itoa(threads), "-c"+strconv.Itoa(connections),
		"-d"+strconv.Itoa(max(1, int(seconds+.5)))+"s", "--timeout", "10s", "-s", lua, scheme+c.stand.listen+"/"))
	if err != nil {
		return tally{}, err
	}
	return parseTally(out)
}

// own loads the proxy with a load of this program.
func (c *contest) own(ctx context.Context, load string, connections int, seconds float64) (tally, error) {
	out, err := output(ctx, c.load(c.self, load, "-proxy", c.stand.listen, "-target", c.authority(), "-path", c.path,
		"-connections", strconv.Itoa(connections), "-for", fmt.Sprintf("%fs", seconds)))
	if err != nil {
		return tally{}, err
	}
	return parseTally(out)
}

// loaded warms the proxy up and measures a load.
func (c *contest) loaded(load func(seconds float64) (tally, error)) (window, error) {
	warm, err := load(max(1, c.seconds/3))
	if err != nil {
		return window{}, err
	}
	c.sent += warm.requests
	return c.during(func() (tally, error) { return load(c.seconds) })
}

// kept measures requests over kept connections, and over one where alone is set.
func kept(connections int, alone bool) measure {
	return func(ctx context.Context, c *contest) (values, error) {
		v := values{}
		w, err := c.loaded(func(seconds float64) (tally, error) { return c.wrk(ctx, connections, seconds) })
		if err != nil {
			return nil, err
		}
		v.take(w)
		if alone {
			one, err := c.during(func() (tally, error) { return c.wrk(ctx, 1, c.seconds) })
			if err != nil {
				return nil, err
			}
			v["p50 of 1"], v["p99 of 1"] = one.p50, one.p99
		}
		return v, v.resident(c)
	}
}

// tunnelled measures requests through tunnels: kept, or each with its own.
func tunnelled(load string) measure {
	return func(ctx context.Context, c *contest) (values, error) {
		v := values{}
		w, err := c.loaded(func(seconds float64) (tally, error) { return c.own(ctx, load, 32, seconds) })
		if err != nil {
			return nil, err
		}
		c.sent = 0 // a tunnel is one entry
		v.take(w)
		return v, v.resident(c)
	}
}

func (v values) take(w window) {
	v["cpu"], v["rate"] = w.cpu/w.requests, w.requests/w.micros*1e6
	v["p50"], v["p99"] = w.p50, w.p99
	v["cpu per MiB"], v["MiB"] = w.cpu/w.bytes*(1<<20), w.bytes/(1<<20)/w.micros*1e6
	v["busy"], v["load busy"], v["others"] = w.busy, w.loadBusy, w.others
}

func (v values) resident(c *contest) error {
	rss, err := resident(c.process.pid)
	v["resident"] = float64(rss)
	return err
}

// The idle connections that are held, and the time for which they are looked at.
const (
	idleConnections = 10000
	idleLook        = 3 * time.Second
)

// idle measures what connections cost that have had one request and wait.
func idle(ctx context.Context, c *contest) (values, error) {
	warm, err := c.wrk(ctx, 32, 1)
	if err != nil {
		return nil, err
	}
	c.sent += warm.requests
	before, err := resident(c.process.pid)
	if err != nil {
		return nil, err
	}
	h, err := c.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer h.end()
	v := values{}
	cpu, err := cpuTime(c.process.pid)
	if err != nil {
		return nil, err
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(idleLook):
	}
	later, err := cpuTime(c.process.pid)
	if err != nil {
		return nil, err
	}
	if err := v.resident(c); err != nil {
		return nil, err
	}
	v["bytes each"] = (v["resident"] - float64(before)) / idleConnections
	v["idle cpu"] = float64(later-cpu) / float64(idleLook)
	c.sent += idleConnections
	return v, h.release()
}

// holder is the process that holds idle connections.
type holder struct {
	cmd *exec.Cmd
	in  io.Closer
	out *bufio.Reader
	err strings.Builder
}

// hold opens the idle connections and returns when each has had its answer.
func (c *contest) hold(ctx context.Context) (*holder, error) {
	l := c.load(c.self, loadIdle, "-proxy", c.stand.listen, "-path", c.path, "-connections", strconv.Itoa(idleConnections))
	argv := l.pinned()
	h := &holder{cmd: exec.CommandContext(ctx, argv[0], argv[1:]...)}
	h.cmd.SysProcAttr = apart()
	h.cmd.Stderr = &h.err
	in, err := h.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	h.in, h.out = in, bufio.NewReader(out)
	if err := h.cmd.Start(); err != nil {
		return nil, err
	}
	prefer(h.cmd.Process.Pid, c.nice)
	line, err := h.out.ReadString('\n')
	if err == nil {
		_, err = parseTally(line)
	}
	if err != nil {
		h.end()
		return nil, fmt.Errorf("%s does not hold %d connections: %w %s", c.proxy.name, idleConnections, err, h.err.String())
	}
	return h, nil
}

// release asks whether all connections were there to the end.
func (h *holder) release() error {
	h.in.Close()
	if line, err := h.out.ReadString('\n'); err != nil || line != "held\n" {
		return fmt.Errorf("the idle connections were not held: %s", h.err.String())
	}
	return nil
}

func (h *holder) end() {
	h.cmd.Process.Kill()
	h.cmd.Wait()
}
