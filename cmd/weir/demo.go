package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"text/template"
	"time"

	"weir/proxy"
	"weir/proxy/telemetry"
	"weir/redact/record"
)

//go:embed demo/weir.yaml
var demoConfig string

//go:embed demo/policy.yaml
var demoPolicy []byte

type demoCommand struct {
	Once bool `help:"End after the last exchange instead of serving on."`
}

func (d *demoCommand) Run(g *globals) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	show := newStage(g.stdout)
	w, err := newWorld()
	if err != nil {
		return fault(fmt.Errorf("start the demo's services: %w", err))
	}
	defer w.close()
	tap := make(tap, 16)
	own := &curtain{w: g.stdout}
	log, err := telemetry.NewLog(telemetry.LogConfig{Out: own, Level: telemetry.LevelInfo})
	if err != nil {
		return fault(err)
	}
	defer log.Close()
	p, dir, ports, err := raise(w, proxy.Options{Version: version, Dial: w.dial, Tap: tap, Log: log})
	if err != nil {
		return fault(err)
	}
	running, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(running) }()
	defer func() { end(); <-ended }()

	show.line("%s\n", show.paint(bold, "weir demo: Nordhost ApS, its visitors and its third parties, on loopback"))
	if err := play(ctx, show, ports, tap); err != nil {
		return fault(err)
	}
	return d.epilogue(ctx, show, dir, ports, func() {
		own.up.Store(true)
		defer own.up.Store(false)
		for {
			select {
			case entry := <-tap:
				show.served(entry)
			case <-ctx.Done():
				return
			}
		}
	})
}

// epilogue searches the files for what must not be there, names them, and
// serves until Ctrl-C unless the demo is to end by itself.
func (d *demoCommand) epilogue(ctx context.Context, show *stage, dir string, ports demoPorts, serve func()) error {
	if ctx.Err() != nil {
		return nil
	}
	if err := flushed(dir, len(scenes)); err != nil {
		return fault(err)
	}
	found, values, files, err := hunt(dir, scenes)
	if err != nil {
		return fault(err)
	}
	show.line("searched %d files for the %d personal values sent above: %d found", files, values, found)
	show.line("files: %s, kept when the demo ends", dir)
	show.line("  weir.yaml, policy.yaml   change the policy: it is read again at once")
	show.line("  log/                     the access log")
	show.line("  keys/                    the key ring of the pseudonyms")
	if found > 0 {
		return notSo(fmt.Errorf("%d personal values reached a file", found))
	}
	if d.Once {
		return nil
	}
	show.line("\nserving on, and showing what is written; in another terminal try")
	show.line("  curl -H 'Host: www.nordhost.example' 'http://%s/pricing?email=you%%40example.dk'", ports.Reverse)
	show.line("  curl -x http://%s http://api.stripe.com/v1/customers", ports.Forward)
	show.line("  curl http://%s/metrics", ports.Admin)
	show.line("Ctrl-C ends it")
	serve()
	show.line("")
	return nil
}

// demoPorts are the addresses weir listens on, as its file has them.
type demoPorts struct{ Reverse, Forward, Admin, Service string }

// raise makes the demo's folder and opens weir by it. A port that somebody took
// between its choice and its use, such as a second demo, is chosen again.
func raise(w *world, opts proxy.Options) (p *proxy.Proxy, dir string, ports demoPorts, err error) {
	for range 5 {
		if dir, ports, err = demoFolder(w); err != nil {
			return nil, "", ports, err
		}
		var cfg *proxy.Config
		if cfg, err = proxy.ReadConfig(filepath.Join(dir, "weir.yaml")); err == nil {
			p, err = proxy.New(cfg, opts)
		}
		if err == nil {
			return p, dir, ports, nil
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return nil, "", ports, err
}

// demoFolder makes a folder with both files and the usual ports, or free ones
// where those are taken.
func demoFolder(w *world) (string, demoPorts, error) {
	var ports demoPorts
	dir, err := os.MkdirTemp("", "weir-demo-")
	if err != nil {
		return "", ports, err
	}
	ports = demoPorts{freeNear(8080), freeNear(3128), freeNear(9901), w.service}
	f, err := os.Create(filepath.Join(dir, "weir.yaml"))
	if err != nil {
		return "", ports, err
	}
	if err := template.Must(template.New("weir.yaml").Parse(demoConfig)).Execute(f, ports); err != nil {
		return "", ports, err
	}
	if err := f.Close(); err != nil {
		return "", ports, err
	}
	return dir, ports, os.WriteFile(filepath.Join(dir, "policy.yaml"), demoPolicy, 0o600)
}

// freeNear is the loopback address with that port, or with any free one.
func freeNear(port int) string {
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		if l, err = net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
			return fmt.Sprintf("127.0.0.1:%d", port) // weir itself will say what is wrong
		}
	}
	defer l.Close()
	return l.Addr().String()
}

// curtain hides weir's own log while the scenes play and while the demo ends.
type curtain struct {
	w  io.Writer
	up atomic.Bool
}

func (c *curtain) Write(b []byte) (int, error) {
	if !c.up.Load() {
		return len(b), nil
	}
	return c.w.Write(b)
}

// tap is a sink beside the log's, from which the stage takes each entry.
type tap chan []byte

func (tap) Format() record.Format { return record.JSON }

func (t tap) Append(s record.Sealed) {
	select {
	case t <- append([]byte(nil), s.Line...):
	default: // more than the screen keeps up with; the log has it
	}
}

func (t tap) next(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	select {
	case line := <-t:
		return line, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("no entry was written for an exchange: %w", ctx.Err())
	}
}
