package telemetry

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Level is how much a line matters.
type Level uint8

const (
	LevelError Level = iota // something is broken and needs an operator
	LevelWarn               // something went wrong and weir went on
	LevelInfo               // something an operator will want to know
	LevelDebug              // everything
)

var levels = [...]string{"error", "warn", "info", "debug"}

func (l Level) String() string { return levels[l] }

// ParseLevel reads a configured level.
func ParseLevel(s string) (Level, error) {
	for i, name := range levels {
		if s == name {
			return Level(i), nil
		}
	}
	return 0, fmt.Errorf("unknown log level %q: write error, warn, info or debug", s)
}

// LogConfig says how weir's own log is written.
type LogConfig struct {
	Out   io.Writer // nil: os.Stderr
	Level Level     // lines beyond it are left out
	JSON  bool      // one JSON object a line instead of words for people

	// Of one event, Burst lines are written in each Every, the rest are counted
	// and told with the next line. 0: 20 lines in 10 s.
	Burst int
	Every time.Duration

	Now func() time.Time // nil: time.Now
}

// Validate reports what NewLog would refuse.
func (c LogConfig) Validate() error {
	if int(c.Level) >= len(levels) {
		return fmt.Errorf("log level %d is unknown", c.Level)
	}
	if c.Burst < 0 || c.Every < 0 {
		return fmt.Errorf("log burst and period must not be negative")
	}
	return nil
}

// Log is weir's own log, one line an event. It is safe for concurrent use. A
// nil *Log writes nothing.
type Log struct {
	cfg LogConfig

	mu      sync.Mutex
	limits  map[constant]*window
	pending []byte
	spare   []byte
	writing bool
	dropped uint64 // lines that found pending full

	events  [len(levels)]Counter
	panics  Counter
	foreign foreignCounts
}

// maxPending bounds what waits for a slow stderr, in bytes.
const maxPending = 64 << 10

// NewLog makes a log.
func NewLog(cfg LogConfig) (*Log, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Out == nil {
		cfg.Out = os.Stderr
	}
	if cfg.Burst == 0 {
		cfg.Burst = 20
	}
	if cfg.Every == 0 {
		cfg.Every = 10 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Log{cfg: cfg, limits: make(map[constant]*window)}, nil
}

// Error tells of something broken that needs an operator.
func (l *Log) Error(event constant, attrs ...Attr) { l.write(LevelError, event, attrs) }

// Warn tells of something that went wrong while weir goes on.
func (l *Log) Warn(event constant, attrs ...Attr) { l.write(LevelWarn, event, attrs) }

// Info tells an operator what happens.
func (l *Log) Info(event constant, attrs ...Attr) { l.write(LevelInfo, event, attrs) }

// Debug tells a developer what happens.
func (l *Log) Debug(event constant, attrs ...Attr) { l.write(LevelDebug, event, attrs) }

// Enabled reports whether lines of level are written at all.
func (l *Log) Enabled(level Level) bool { return l != nil && level <= l.cfg.Level }

// Close tells what was suppressed and not told yet. The log stays usable.
func (l *Log) Close() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	for event, w := range l.limits {
		if w.suppressed > 0 {
			l.line(LevelWarn, "events_suppressed",
				[]Attr{text("of", string(event)), Int("suppressed", w.suppressed)}, 0)
			w.suppressed = 0
		}
	}
	l.drain()
	return nil
}

func (l *Log) write(level Level, event constant, attrs []Attr) {
	if l == nil {
		return
	}
	l.events[level].Add(1)
	if !l.Enabled(level) {
		return
	}
	l.mu.Lock()
	w := l.limits[event]
	if w == nil {
		w = new(window)
		l.limits[event] = w
	}
	suppressed, ok := w.take(l.cfg.Now(), l.cfg.Burst, l.cfg.Every)
	if !ok {
		l.mu.Unlock()
		return
	}
	l.line(level, event, attrs, suppressed)
	l.drain()
}

// drain writes what is pending, outside the lock, unless another goroutine is
// at it: so a stuck stderr holds one goroutine, not everybody who has something
// to say. It is called with mu held and releases it.
func (l *Log) drain() {
	for !l.writing && len(l.pending) > 0 {
		out := l.pending
		l.pending, l.writing = l.spare[:0], true
		l.mu.Unlock()
		_, _ = l.cfg.Out.Write(out) // nowhere left to tell
		l.mu.Lock()
		l.spare, l.writing = out, false
	}
	l.mu.Unlock()
}

// line appends one line to pending.
func (l *Log) line(level Level, event constant, attrs []Attr, suppressed uint64) {
	if len(l.pending) > maxPending {
		l.dropped++
		return
	}
	suppressed += l.dropped
	l.dropped = 0
	b := l.pending
	now := l.cfg.Now().UTC()
	if l.cfg.JSON {
		b = append(b, `{"time":"`...)
		b = now.AppendFormat(b, "2006-01-02T15:04:05.000Z07:00")
		b = append(b, `","level":"`...)
		b = append(b, level.String()...)
		b = append(b, `","event":`...)
		b = appendQuoted(b, string(event))
	} else {
		b = now.AppendFormat(b, "2006-01-02T15:04:05.000Z07:00")
		b = append(b, ' ')
		b = append(b, fmt.Sprintf("%-5s ", strings.ToUpper(level.String()))...)
		b = append(b, event...)
	}
	for _, a := range attrs {
		b = l.attr(b, a)
	}
	if suppressed > 0 {
		b = l.attr(b, Int("suppressed", suppressed))
	}
	if l.cfg.JSON {
		b = append(b, '}')
	}
	l.pending = append(b, '\n')
}

func (l *Log) attr(b []byte, a Attr) []byte {
	if a.kind == kindNone {
		return b
	}
	if l.cfg.JSON {
		b = append(b, ',')
		b = appendQuoted(b, a.key)
		b = append(b, ':')
		return a.append(b)
	}
	b = append(b, ' ')
	b = append(b, a.key...)
	b = append(b, '=')
	if a.kind == kindText && plain(a.text) {
		return append(b, a.text...)
	}
	return a.append(b)
}

// plain reports whether s can stand without quotes.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\' {
			return false
		}
	}
	return s != ""
}

// appendQuoted appends s as a JSON string. Control characters and what is not
// UTF-8 cannot break the line or a terminal.
func appendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ' || r == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		case r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029:
			dst = append(dst, '\\', 'u', hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}

// window counts the lines of one event in a period.
type window struct {
	start      time.Time
	lines      int
	suppressed uint64
}

// take reports whether one more line may be written, and how many were not
// since the last. A clock that went back opens a new period.
func (w *window) take(now time.Time, burst int, every time.Duration) (uint64, bool) {
	if since := now.Sub(w.start); since >= every || since < 0 {
		w.start, w.lines = now, 0
	}
	if w.lines >= burst {
		w.suppressed++
		return 0, false
	}
	w.lines++
	n := w.suppressed
	w.suppressed = 0
	return n, true
}
