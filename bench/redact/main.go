package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
	"time"
)

func main() {
	size := flag.Int64("size", 192, "of the log, in MiB")
	rounds := flag.Int("rounds", 3, "in which each takes its turn; the best counts")
	asRegexp := flag.Bool("regexp", false, "redact standard input by Go's regexp")
	flag.Parse()
	err := error(nil)
	if *asRegexp {
		err = byRegexp(os.Stdin, os.Stdout)
	} else {
		err = measure(os.Stdout, *size<<20, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// measure runs the tools in turn and prints a table.
func measure(out io.Writer, size int64, rounds int) error {
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	all, err := tools(dir)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "access.log")
	f, err := os.Create(path)
	if err == nil {
		err = errors.Join(corpus(f, size), f.Close())
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	best := make([]time.Duration, len(all))
	for range rounds {
		for i := range all {
			took, err := all[i].run(path)
			if err != nil {
				return fmt.Errorf("%s: %w", all[i].name, err)
			}
			if best[i] == 0 || took < best[i] {
				best[i] = took
			}
		}
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tMB per CPU-second\tof weir's time\t")
	for i := range all {
		fmt.Fprintf(t, "%s\t%.0f\t%.1f\t\n", all[i].name, float64(info.Size())/1e6/best[i].Seconds(), best[i].Seconds()/best[0].Seconds())
	}
	return t.Flush()
}

// run redacts the log once, and returns the processor time of the process. What it
// writes must have lost every mail address and cookie.
func (t *tool) run(path string) (time.Duration, error) {
	in, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	cmd := exec.Command(t.args[0], t.args[1:]...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	var told bytes.Buffer
	left := &leftovers{}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, left, &told
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, told.Bytes())
	}
	if left.found || left.bytes < 1000 {
		return 0, errors.New("it left what it should have redacted")
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// leftovers looks through what a tool writes.
type leftovers struct {
	bytes int
	found bool
}

func (l *leftovers) Write(p []byte) (int, error) {
	l.bytes += len(p)
	for _, secret := range []string{"%40example", "@example", "sid="} {
		l.found = l.found || bytes.Contains(p, []byte(secret))
	}
	return len(p), nil
}
