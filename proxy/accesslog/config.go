package accesslog

import (
	"errors"
	"fmt"
	"time"

	"weir/proxy/telemetry"
	"weir/redact/record"
)

// Defaults of Config.
const (
	DefaultMaxSize       = 64 << 20
	DefaultMaxAge        = time.Hour
	DefaultBuffer        = 4 << 20
	DefaultFlushInterval = time.Second
)

// MaxLine bounds one line in bytes, its line feed included. A longer one is lost.
const MaxLine = 1 << 20

// StrictBuffer is the buffer where entries are promised room, in bytes: that of
// some 20,000 exchanges at one time. It is counted, and allocated as it is used.
const StrictBuffer = 64 << 20

// Sync says when lines are brought to the disk, so that they survive the machine
// and not only the process.
type Sync uint8

const (
	SyncInterval Sync = iota // once in a FlushInterval, beside the writing
	SyncAlways               // before Append returns, many entries at once
)

// smallest is the least size in bytes of a segment and of the buffer.
const smallest = 64 << 10

// threshold is how many waiting bytes wake the writer early, where the buffer has
// room for as many again. Each write has the scheduler watch its thread for
// milliseconds: so there are few of them, and large ones.
const threshold = 512 << 10

// Config says where and how segments are written. What is zero has its default.
type Config struct {
	Dir     string // made where missing; its parent must exist
	Format  record.Format
	Service string // named by gap entries

	MaxSize int64         // bytes of a segment; 64 KiB to 1 GiB
	MaxAge  time.Duration // of a segment; a second or more
	// Buffer bounds the bytes that wait for each class while the writer is
	// busy; as many again may be under its hands. 64 KiB or more.
	Buffer int
	// Keep is how long the entries of a class live by its name, where class.json is
	// lost; nil is that names say nothing.
	Keep func(class string) (time.Duration, bool)
	// FlushInterval is how long an entry may wait: what is older survives the
	// death of the process, and of the machine as far as its disk keeps what it
	// says it has.
	FlushInterval time.Duration
	Sync          Sync
	// Strict has Reserve promise room on the disk. The file system must be able to
	// allocate ahead (fallocate), as ext4, XFS, Btrfs and tmpfs are.
	Strict bool

	Log     *telemetry.Log
	Metrics *telemetry.Sink
	Check   *telemetry.Check // fails while entries cannot be written

	Now func() time.Time // nil: time.Now

	up func() time.Duration // by a clock that nobody sets, never 0; nil: since Open
}

// Validate reports what Open would refuse without looking at the disk, all at once.
func (c Config) Validate() error {
	var errs []error
	if c.Dir == "" {
		errs = append(errs, errors.New("the log has no folder"))
	}
	if c.Format >= record.FormatCount {
		errs = append(errs, fmt.Errorf("log format %d is unknown", c.Format))
	}
	if c.MaxSize != 0 && (c.MaxSize < 64<<10 || c.MaxSize > 1<<30) {
		errs = append(errs, fmt.Errorf("segment size %d is not between 64 KiB and 1 GiB", c.MaxSize))
	}
	if c.MaxAge != 0 && c.MaxAge < time.Second {
		errs = append(errs, fmt.Errorf("segment age %s is below a second", c.MaxAge))
	}
	if c.Sync > SyncAlways {
		errs = append(errs, fmt.Errorf("sync mode %d is unknown", c.Sync))
	}
	return errors.Join(append(errs, validBuffer(c.Buffer, c.FlushInterval)...)...)
}

func validBuffer(size int, interval time.Duration) []error {
	var errs []error
	if size != 0 && (size < smallest || size > 1<<30) {
		errs = append(errs, fmt.Errorf("log buffer of %d bytes is not between 64 KiB and 1 GiB", size))
	}
	if interval != 0 && (interval < 10*time.Millisecond || interval > time.Minute) {
		errs = append(errs, fmt.Errorf("flush interval %s is not between 10 ms and a minute", interval))
	}
	return errs
}

func (c Config) withDefaults() Config {
	if c.MaxSize == 0 {
		c.MaxSize = DefaultMaxSize
	}
	if c.MaxAge == 0 {
		c.MaxAge = DefaultMaxAge
	}
	if c.Buffer == 0 {
		c.Buffer = DefaultBuffer
	}
	if c.FlushInterval == 0 {
		c.FlushInterval = DefaultFlushInterval
	}
	if c.Metrics == nil {
		c.Metrics = new(telemetry.Sink)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.up == nil {
		start := time.Now()
		c.up = func() time.Duration { return 1 + time.Since(start) }
	}
	return c
}
