package accesslog

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/proxy/telemetry"
)

// outlet is one that can be out of order.
type outlet struct {
	mu     sync.Mutex
	got    bytes.Buffer
	writes []int
	fails  error // of every Write; one that is rejected takes all
	some   int   // bytes that a failing Write takes
	holds  chan struct{}
	ended  chan struct{}
	during func() // each Write
}

// rejected is a Rejection of so many.
type rejected int

func (rejected) Error() string   { return "no" }
func (r rejected) Rejected() int { return int(r) }

func (o *outlet) Write(lines []byte) (int, error) {
	if o.holds != nil {
		select {
		case <-o.holds:
		case <-o.ended:
			return 0, errors.New("closed")
		}
	}
	if o.during != nil {
		o.during()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writes = append(o.writes, len(lines))
	var r Rejection
	if o.fails != nil && !errors.As(o.fails, &r) {
		n := min(o.some, len(lines))
		o.got.Write(lines[:n])
		return n, o.fails
	}
	o.got.Write(lines)
	return len(lines), o.fails
}

func (o *outlet) Close() error {
	close(o.ended)
	return nil
}

func (o *outlet) set(fails error, some int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fails, o.some = fails, some
}

func (o *outlet) lines() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Split(strings.TrimSuffix(o.got.String(), "\n"), "\n")
}

func stream(t *testing.T, cfg StreamConfig) *Stream {
	t.Helper()
	cfg.Metrics, cfg.Service, cfg.Name = new(telemetry.Sink), "www", "an outlet"
	s, err := NewStream(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestOutletIsGivenWholeLinesInBatches(t *testing.T) {
	o := &outlet{ended: make(chan struct{})}
	s := stream(t, StreamConfig{Out: o, Batch: 1000, FlushInterval: time.Minute})
	for n := 1; n <= 500; n++ {
		e := entry(n, time.Now())
		if n == 250 { // longer than a batch
			e.Line = fmt.Appendf(nil, `{"pad":%q,"n":%d}`+"\n", strings.Repeat("x", 3000), n)
		}
		s.Append(e)
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	for i, n := range numbers(t, o.lines()) {
		if n != i+1 {
			t.Fatalf("%d in place %d", n, i)
		}
	}
	slices.Sort(o.writes)
	if n := len(o.writes); n < 20 || o.writes[n-1] < 3000 || o.writes[n-2] > 1000 {
		t.Errorf("writes of %v bytes", o.writes)
	}
}

func TestFailingOutletCostsOneGapHoweverOftenItIsTried(t *testing.T) {
	o := &outlet{ended: make(chan struct{})}
	s := stream(t, StreamConfig{Out: o, Buffer: 64 << 10, FlushInterval: time.Minute})
	const appended = 20_000
	for n := 1; n <= appended; n++ {
		s.Append(entry(n, time.Now()))
		switch {
		case n == 10:
			o.set(errors.New("down"), 0)
		case n%1000 == 0 && n < 15_000:
			if s.Flush() == nil {
				t.Fatal("written to an outlet that is down")
			}
			o.set(errors.New("down"), n%3*100) // it takes a little at times
		}
	}
	o.set(nil, 0)
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	m := s.cfg.Metrics
	gaps := 0
	for _, l := range o.lines() {
		if strings.Contains(l, `"gap"`) {
			gaps++
			if !strings.Contains(l, fmt.Sprintf(`"entries":%d,`, m.Lost.Load())) {
				t.Errorf("%d lost, told %s", m.Lost.Load(), l)
			}
		}
	}
	if gaps != 1 || m.Gaps.Load() != 1 || m.Written.Load()+m.Lost.Load() != appended || m.Lost.Load() == 0 {
		t.Errorf("%d gaps, %d counted, %d written, %d lost", gaps, m.Gaps.Load(), m.Written.Load(), m.Lost.Load())
	}
}

func TestRejectedEntriesCountAsLostAndAreToldOnce(t *testing.T) {
	o := &outlet{ended: make(chan struct{})}
	s := stream(t, StreamConfig{Out: o, FlushInterval: time.Minute})
	o.set(rejected(3), 0)
	for n := 1; n <= 10; n++ {
		s.Append(entry(n, time.Now()))
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	o.set(nil, 0)
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	m, lines := s.cfg.Metrics, o.lines()
	if m.Lost.Load() != 3 || m.Written.Load() != 7 || m.Gaps.Load() != 1 || len(lines) != 11 || !strings.Contains(lines[10], `"gap":{"entries":3,`) {
		t.Errorf("%d lost, %d written, %d gaps: %q", m.Lost.Load(), m.Written.Load(), m.Gaps.Load(), lines)
	}
}

func TestOutletThatHangsIsLeftByClose(t *testing.T) {
	o := &outlet{holds: make(chan struct{}), ended: make(chan struct{})}
	s := stream(t, StreamConfig{Out: o, CloseTimeout: 20 * time.Millisecond})
	for n := range 100 {
		s.Append(entry(n, time.Now()))
	}
	if err := s.Close(); err == nil || !strings.Contains(err.Error(), "100 entries found nobody") || s.cfg.Metrics.Lost.Load() != 100 {
		t.Errorf("%v, %d lost", err, s.cfg.Metrics.Lost.Load())
	}
	<-s.written // Close ended the write
}

// Its turn would else have no end: none would be told, and Flush would wait for ever.
func TestOutletThatIsSlowerThanEntriesComeHoldsNobody(t *testing.T) {
	o := &outlet{ended: make(chan struct{})}
	s := stream(t, StreamConfig{Out: o, FlushInterval: time.Minute})
	n := 1
	o.during = func() {
		if n++; n <= 100 {
			s.Append(entry(n, time.Now()))
		}
	}
	s.Append(entry(1, time.Now()))
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	if m := s.cfg.Metrics; m.Written.Load() != 1 || m.Pending.Load() == 0 {
		t.Errorf("%d written, %d bytes wait", m.Written.Load(), m.Pending.Load())
	}
	o.during = nil
	if err := s.Close(); err != nil || s.cfg.Metrics.Written.Load() != 2 {
		t.Errorf("%v, %d written in the end", err, s.cfg.Metrics.Written.Load())
	}
}

func TestWhatIsRejectedInTheEndIsToldToo(t *testing.T) {
	o := &outlet{ended: make(chan struct{})}
	s := stream(t, StreamConfig{Out: o, FlushInterval: time.Minute})
	o.set(rejected(2), 0)
	for n := 1; n <= 5; n++ {
		s.Append(entry(n, time.Now()))
	}
	err := s.Close()
	if lines := o.lines(); err != nil || len(lines) != 6 || !strings.Contains(lines[5], `"gap":{"entries":2,`) {
		t.Errorf("%v: %q", err, lines)
	}
}
