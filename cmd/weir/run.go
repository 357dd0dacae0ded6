package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"weir/proxy"
	"weir/proxy/telemetry"
)

type runCommand struct {
	Config    string `help:"How this instance runs." default:"weir.yaml" placeholder:"FILE" short:"c"`
	LogLevel  string `help:"How much weir tells of itself on standard error: ${enum}." enum:"error,warn,info,debug" default:"info"`
	LogFormat string `help:"How it tells it: ${enum}." enum:"text,json" default:"text"`
}

func (r *runCommand) Run(g *globals) error {
	cfg, err := proxy.ReadConfig(r.Config)
	if err != nil {
		return usage(configError(r.Config, cfg, err))
	}
	level, err := telemetry.ParseLevel(r.LogLevel)
	if err != nil {
		return usage(err)
	}
	log, err := telemetry.NewLog(telemetry.LogConfig{Out: g.stderr, Level: level, JSON: r.LogFormat == "json"})
	if err != nil {
		return usage(err)
	}
	defer log.Close()
	p, err := proxy.New(cfg, proxy.Options{Version: version, Log: log})
	if err != nil {
		return usage(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	go func() {
		for range reload {
			p.Reload()
		}
	}()
	if err := p.Run(ctx); err != nil {
		return fault(err)
	}
	return nil
}

// configError tells all that is wrong with both files, or that there is none.
func configError(path string, cfg *proxy.Config, err error) error {
	if cfg == nil {
		return fmt.Errorf("%s: %w; write one, or name another by --config", path, unwrapPath(err))
	}
	_, err = cfg.Check()
	return err
}

// unwrapPath leaves out the path that an error of the file system repeats.
func unwrapPath(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
