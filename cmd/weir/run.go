package main

import (
	"context"
	"fmt"
	stdlog "log"
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"

	"weir/proxy"
	"weir/proxy/telemetry"
)

type runCommand struct {
	Config    string `help:"How this instance runs." default:"weir.yaml" short:"c"`
	LogLevel  string `help:"How much weir tells of itself on standard error: ${enum}." enum:"error,warn,info,debug" default:"info"`
	LogFormat string `help:"How it tells it: ${enum}." enum:"text,json" default:"text"`
}

func (r *runCommand) Run(g *globals) error {
	cfg, err := proxy.ReadConfig(r.Config)
	if err != nil {
		return usage(configError(cfg, err))
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
	// net/http's transport and others write to the standard logger.
	stdlog.SetOutput(log.Foreign("go"))
	go stacks(g)
	p, err := proxy.New(cfg, proxy.Options{Version: version, Log: log})
	if err != nil {
		return usage(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	go func() {
		for s := range signals {
			switch {
			case s == syscall.SIGHUP:
				p.Reload()
			case ctx.Err() == nil:
				stop()
			default: // asked for the second time
				p.Hurry()
			}
		}
	}()
	if err := p.Run(ctx); err != nil {
		return fault(err)
	}
	return nil
}

// stacks tells where each goroutine stands when the process is told to give up,
// by SIGQUIT or a watchdog's SIGABRT, and ends it. The runtime would print what
// functions were called with too, which may be of a client.
func stacks(g *globals) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGQUIT, syscall.SIGABRT)
	<-signals
	_ = pprof.Lookup("goroutine").WriteTo(g.stderr, 1) // nowhere left to tell
	os.Exit(3)
}

// configError tells all that is wrong with both files, or that there is none.
func configError(cfg *proxy.Config, err error) error {
	if cfg == nil {
		return fmt.Errorf("%w; write one, or name another by --config", err)
	}
	_, err = cfg.Check()
	return err
}
