package accesslog

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/proxy/telemetry"
	"weir/redact/record"
)

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close(); _ = w.Close() })
	return r, w
}

func stdout(t *testing.T, cfg StdoutConfig) *Stream {
	t.Helper()
	cfg.Metrics, cfg.Service = new(telemetry.Sink), "www"
	s, err := NewStdout(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestLinesComeOutWholeAndInTime(t *testing.T) {
	r, w := pipe(t)
	s := stdout(t, StdoutConfig{Out: w, FlushInterval: 20 * time.Millisecond})
	if s.Format() != record.JSON {
		t.Error("not JSON")
	}
	lines := bufio.NewScanner(r)
	for n := 1; n <= 3; n++ { // each is read before the next is appended: nothing asks for it
		s.Append(entry(n, time.Now()))
		if !lines.Scan() || numbers(t, []string{lines.Text()})[0] != n {
			t.Fatalf("got %q", lines.Text())
		}
	}
	go func() {
		for n := 4; n <= 20_000; n++ {
			s.Append(entry(n, time.Now()))
		}
		_ = s.Close()
		_ = w.Close()
	}()
	last := 3
	for lines.Scan() {
		n := numbers(t, []string{lines.Text()})[0]
		if n != last+1 {
			t.Fatalf("%d behind %d", n, last)
		}
		last = n
	}
	if last != 20_000 || s.cfg.Metrics.Written.Load() != 20_000 {
		t.Errorf("the last was %d, %d counted", last, s.cfg.Metrics.Written.Load())
	}
}

func TestReaderThatDoesNotReadHoldsNobody(t *testing.T) {
	r, w := pipe(t)
	health := telemetry.NewHealth()
	s := stdout(t, StdoutConfig{Out: w, Buffer: 64 << 10, Check: health.Check("stdout", "")})
	began := time.Now()
	const appended = 50_000
	for n := 1; n <= appended; n++ {
		s.Append(entry(n, time.Now()))
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("appending took %s", took)
	}
	lost := s.cfg.Metrics.Lost.Load()
	if lost == 0 {
		t.Fatal("nothing was lost")
	}
	go func() { _ = s.Close(); _ = w.Close() }()
	var all []string
	for lines := bufio.NewScanner(r); lines.Scan(); {
		all = append(all, lines.Text())
	}
	written, told := 0, 0
	for i, n := range numbers(t, all) {
		if n > 0 {
			written++
			continue
		}
		_, count, _ := strings.Cut(all[i], `"entries":`)
		gap := 0
		if _, err := fmt.Sscanf(count, "%d,", &gap); err != nil {
			t.Fatalf("%q: %v", all[i], err)
		}
		told += gap
	}
	if written+told != appended || told != int(lost) {
		t.Errorf("%d lines, %d lost, gaps tell of %d", written, lost, told)
	}
}

func TestCloseDoesNotWaitForEverForAReader(t *testing.T) {
	r, w := pipe(t)
	s := stdout(t, StdoutConfig{Out: w, CloseTimeout: 50 * time.Millisecond})
	for n := range 10_000 {
		s.Append(entry(n, time.Now()))
	}
	for range 2 {
		if err := s.Close(); err == nil || !strings.Contains(err.Error(), "nobody who takes them") {
			t.Errorf("%v", err)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, r) }() // lets the writer end
	<-s.written
}

// loseTheReader goes on when nobody who takes thems standard output any more.
func loseTheReader(string) error {
	health := telemetry.NewHealth()
	m := new(telemetry.Sink)
	s, err := NewStdout(StdoutConfig{Metrics: m, Check: health.Check("stdout", ""), Buffer: 64 << 10})
	if err != nil {
		return err
	}
	s.Append(entry(1, time.Now()))
	if err := s.Flush(); err != nil {
		return err
	}
	if _, err := io.ReadAll(os.Stdin); err != nil { // the reader is gone when this ends
		return err
	}
	for n := 2; n <= 10_000; n++ {
		s.Append(entry(n, time.Now()))
	}
	if err := s.Flush(); telemetry.Class(err) != "broken_pipe" || health.Ready() {
		return fmt.Errorf("%v, ready %v", err, health.Ready())
	}
	if err := s.Close(); err == nil || m.Lost.Load() != 9_999 {
		return fmt.Errorf("%v, %d lost", err, m.Lost.Load())
	}
	fmt.Fprintln(os.Stderr, "alive")
	return nil
}

func TestReaderThatLeavesDoesNotEndTheProcess(t *testing.T) {
	r, w := pipe(t)
	in, release := pipe(t)
	cmd, said := child(t, "lose the reader", "")
	cmd.Stdin, cmd.Stdout = in, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(r).ReadString('\n'); err != nil || !strings.Contains(line, `"n":1}`) {
		t.Fatalf("%q %v", line, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := release.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || said.String() != "alive\n" {
		status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
		t.Errorf("%v, signal %v", err, status.Signal())
	}
}
