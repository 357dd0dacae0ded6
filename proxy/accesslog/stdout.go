package accesslog

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"weir/proxy/telemetry"
	"weir/redact/record"
)

// StdoutConfig says how lines are written to standard output or another file
// that takes them as they come. What is zero has its default, as in StreamConfig.
type StdoutConfig struct {
	Out     *os.File // nil: os.Stdout
	Format  record.Format
	Service string

	Buffer int
	// FlushInterval is as in Config; 0 is a second, 50 ms for a terminal.
	FlushInterval time.Duration
	CloseTimeout  time.Duration

	Log     *telemetry.Log
	Metrics *telemetry.Sink
	Check   *telemetry.Check
}

// NewStdout begins to write to the file of cfg.
func NewStdout(cfg StdoutConfig) (*Stream, error) {
	if cfg.Out == nil {
		cfg.Out = os.Stdout
	}
	if cfg.FlushInterval == 0 {
		if info, err := cfg.Out.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			cfg.FlushInterval = 50 * time.Millisecond // somebody is watching
		}
	}
	// A descriptor of our own: the runtime ends the process on EPIPE at 1 and 2.
	fd, err := unix.FcntlInt(cfg.Out.Fd(), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("log to standard output: %w; is it closed?", err)
	}
	out := os.NewFile(uintptr(fd), "stdout")
	s, err := NewStream(StreamConfig{Name: "standard output", Out: out, Format: cfg.Format, Service: cfg.Service,
		Buffer: cfg.Buffer, FlushInterval: cfg.FlushInterval, CloseTimeout: cfg.CloseTimeout,
		Log: cfg.Log, Metrics: cfg.Metrics, Check: cfg.Check})
	if err != nil {
		_ = out.Close() // nothing was written
	}
	return s, err
}
