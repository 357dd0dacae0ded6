// Command soak puts a mixed load on one weir process for an hour and says
// whether it stayed flat and wrote one entry for each exchange: exit code 1 if not.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"weir/bench/soak/mixed"
)

func main() {
	length := flag.Duration("for", time.Hour, "how long the load lasts")
	rate := flag.Float64("rate", 500, "exchanges begun each second")
	binary := flag.String("weir", "", "weir's binary; empty builds one of this folder")
	dir := flag.String("dir", "", "an empty folder for weir's files, which stay; empty takes one that is removed where all is well")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *length, *rate, *binary, *dir); err != nil {
		fmt.Printf("\nNOT AS IT SHOULD BE\n%v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, length time.Duration, rate float64, binary, dir string) error {
	own := dir == ""
	if own {
		var err error
		if dir, err = os.MkdirTemp("", "soak"); err != nil {
			return err
		}
	}
	if binary == "" {
		binary = filepath.Join(dir, "weir")
		build := exec.Command("go", "build", "-trimpath", "-o", binary, "weir/cmd/weir")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("weir does not build: %w\n%s", err, out)
		}
	}
	r, err := mixed.New(mixed.Config{Binary: binary, Dir: dir, For: length, Rate: rate, Sample: min(5*time.Second, length/40), Report: min(time.Minute, length/10), Out: os.Stdout})
	if err != nil {
		return err
	}
	if err := r.Do(ctx); err != nil {
		return fmt.Errorf("%w\n%s stays", err, dir)
	}
	if own {
		return os.RemoveAll(dir)
	}
	return nil
}
