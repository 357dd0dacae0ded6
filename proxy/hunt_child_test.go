package proxy

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"weir/proxy/telemetry"
	"weir/redact/record"
)

// huntEnv names the folder of the instance that a child process is to run: so
// all that weir, its libraries and the runtime print is seen, and what they
// leave in the folder for temporary files.
const huntEnv = "WEIR_HUNT"

func TestMain(m *testing.M) {
	if dir := os.Getenv(huntEnv); dir != "" {
		if err := hunted(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// hunted runs weir until it is told to stop, and tells its parent by descriptor
// 3: first its addresses, then each entry, and each reload.
func hunted(dir string) error {
	cfg, err := ReadConfig(filepath.Join(dir, "weir.yaml"))
	if err != nil {
		return err
	}
	b, err := os.ReadFile(filepath.Join(dir, "world.json"))
	if err != nil {
		return err
	}
	var w elsewhere
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	log, err := telemetry.NewLog(telemetry.LogConfig{Level: telemetry.LevelDebug, Burst: 1 << 30})
	if err != nil {
		return err
	}
	tap := &reporter{out: bufio.NewWriter(os.NewFile(3, "report"))}
	p, err := New(cfg, Options{Version: "hunted", Log: log, Dial: w.dial, Tap: tap})
	if err != nil {
		return err
	}
	addresses := []string{p.AdminAddr()}
	for i := range cfg.Listen {
		addresses = append(addresses, p.Addr(i))
	}
	tap.say(strings.Join(addresses, " "))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	go func() {
		for range reload {
			p.Reload()
			tap.say("reloaded")
		}
	}()
	err = p.Run(ctx)
	_ = log.Close()
	return err
}

// elsewhere is where hosts lead, by the end of their names or the beginning of
// their addresses.
type elsewhere map[string]string

// dial panics for some hosts, and tells in its errors all that it knows.
func (w elsewhere) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(address)
	for part, to := range w {
		if !strings.HasSuffix(host, part) && !strings.HasPrefix(host, part) {
			continue
		}
		switch to {
		case "panic":
			panic("no way to " + address)
		case "unknown":
			return nil, &net.DNSError{Err: "no such host as " + host, Name: host, Server: address, IsNotFound: true}
		case "silent":
			<-ctx.Done()
			return nil, fmt.Errorf("dial %s: %w", address, ctx.Err())
		}
		address = to
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("dial for %s: %w", host, err)
	}
	return c, nil
}

// reporter is a sink that gives each entry to the parent. It panics with those
// of one method, as a broken sink would.
type reporter struct {
	mu  sync.Mutex
	out *bufio.Writer
}

func (r *reporter) Format() record.Format { return record.JSON }

func (r *reporter) Append(s record.Sealed) {
	line := strings.TrimSuffix(string(s.Line), "\n")
	r.say(line)
	if strings.Contains(line, `"http.request.method":"UNLOCK"`) {
		panic(line)
	}
}

func (r *reporter) say(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _ = r.out.WriteString(line + "\n") // the parent sees that it ended
	_ = r.out.Flush()
}
