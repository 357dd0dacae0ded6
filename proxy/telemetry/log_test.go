package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// canary stands for what traffic carries.
const canary = "anna.jensen@example.dk"

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func testLog(t *testing.T, cfg LogConfig) (*Log, *bytes.Buffer, *clock) {
	t.Helper()
	var out bytes.Buffer
	c := newClock()
	cfg.Out, cfg.Now = &out, c.Now
	l, err := NewLog(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l, &out, c
}

type fruit uint8

func (fruit) String() string { return "pear" }

func TestLineForPeople(t *testing.T) {
	l, out, _ := testLog(t, LogConfig{Level: LevelInfo})
	l.Warn("upstream_failed", Name("listener", ":8080"), Int("attempts", 2),
		Duration("after", 1500*time.Millisecond), Enum("fruit", fruit(1)), Err(io.ErrUnexpectedEOF), Err(nil),
		Name("file", "a b\n\x1b[31m"))
	want := `2026-11-22T10:00:00.000Z WARN  upstream_failed listener=:8080 attempts=2 after=1.5 fruit=pear ` +
		`error=unexpected_eof file="a b\u000a\u001b[31m"` + "\n"
	if out.String() != want {
		t.Errorf("got  %swant %s", out, want)
	}
}

func TestLineAsJSON(t *testing.T) {
	l, out, _ := testLog(t, LogConfig{Level: LevelInfo, JSON: true})
	l.Info("started", Name("listener", "\"\\\x00\xff\u2028\u0085æ"), Int("port", 8080), Duration("took", time.Millisecond))
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := map[string]any{"time": "2026-11-22T10:00:00.000Z", "level": "info", "event": "started",
		"listener": "\"\\\x00\ufffd\u2028\u0085æ", "port": 8080.0, "took": 0.001}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v want %v", got, want)
	}
	if strings.ContainsAny(out.String(), "\u2028\u0085") {
		t.Error("a line separator was written raw")
	}
}

func TestLevelsBeyondTheConfiguredAreLeftOut(t *testing.T) {
	l, out, _ := testLog(t, LogConfig{Level: LevelWarn})
	l.Info("quiet")
	l.Debug("quiet")
	if out.Len() > 0 || l.Enabled(LevelInfo) || !l.Enabled(LevelError) {
		t.Errorf("written: %s", out)
	}
	var none *Log
	none.Error("nobody_hears", Int("n", 1))
	none.Panic("nobody_hears", 1)
	none.Foreign("net_http").Logger().Print("nobody hears")
	if err := none.Close(); err != nil {
		t.Error(err)
	}
}

func TestFloodIsCutAndTold(t *testing.T) {
	l, out, c := testLog(t, LogConfig{Level: LevelInfo, Burst: 3, Every: time.Second})
	for range 10 {
		l.Warn("flood")
	}
	l.Warn("another")
	if n := strings.Count(out.String(), "flood"); n != 3 {
		t.Fatalf("%d lines of a flood were written, want 3", n)
	}
	c.Advance(time.Second)
	out.Reset()
	l.Warn("flood")
	if !strings.Contains(out.String(), "flood suppressed=7") {
		t.Errorf("suppressed lines were not told: %s", out)
	}
	c.Advance(-time.Hour)
	out.Reset()
	for range 5 {
		l.Warn("flood")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "events_suppressed of=flood suppressed=2") {
		t.Errorf("close did not tell what was suppressed: %s", out)
	}
}

// stuck is a stderr that nobody reads.
type stuck struct {
	entered, release chan struct{}
	got              bytes.Buffer
}

func (s *stuck) Write(p []byte) (int, error) {
	s.entered <- struct{}{}
	<-s.release
	return s.got.Write(p)
}

func TestStuckStderrHoldsOneGoroutineOnly(t *testing.T) {
	out := &stuck{entered: make(chan struct{}), release: make(chan struct{})}
	l, err := NewLog(LogConfig{Out: out, Level: LevelInfo, Burst: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { l.Info("first"); close(done) }()
	<-out.entered
	for range 10_000 {
		l.Info("more")
	}
	if n := len(l.pending); n > maxPending+200 {
		t.Errorf("%d bytes wait", n)
	}
	go func() {
		for range out.entered {
		}
	}()
	close(out.release)
	<-done
	l.Info("last")
	if s := out.got.String(); !strings.HasSuffix(strings.TrimSpace(s), "last suppressed="+fmt.Sprint(l.events[LevelInfo].Load()-uint64(strings.Count(s, "\n")))) {
		t.Error("lines that found no room were not told")
	}
	close(out.entered)
}

func TestErrorsFromTrafficAreNeverQuoted(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		l, out, _ := testLog(t, LogConfig{Level: LevelDebug, JSON: asJSON})
		l.Error("failed", Err(errors.New(canary)), Err(fmt.Errorf("%s: %w", canary, io.EOF)))
		if strings.Contains(out.String(), "anna") {
			t.Errorf("leaked: %s", out)
		}
		for _, want := range []string{"other", "eof"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in %s", want, out)
			}
		}
	}
}

func TestConfigurationErrorsAreTold(t *testing.T) {
	l, out, _ := testLog(t, LogConfig{})
	l.Error("start_failed", ConfigErr(errors.New("weir.yaml:3:1: unknown key")), ConfigErr(nil))
	if !strings.Contains(out.String(), `error="weir.yaml:3:1: unknown key"`) {
		t.Errorf("got %s", out)
	}
}

func TestUnknownLevelIsRefused(t *testing.T) {
	for i, s := range levels {
		if l, err := ParseLevel(s); err != nil || l != Level(i) {
			t.Errorf("%s: %v %v", s, l, err)
		}
	}
	if _, err := ParseLevel("loud"); err == nil {
		t.Error("accepted")
	}
	for _, cfg := range []LogConfig{{Level: 9}, {Burst: -1}, {Every: -1}} {
		if _, err := NewLog(cfg); err == nil {
			t.Errorf("%+v accepted", cfg)
		}
	}
}
