package accesslog

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/proxy/telemetry"
)

// fillTheDisk plays a full disk by a limit on the size of files, which needs no
// privilege and breaks writes off in the middle of a line, as a disk does.
func fillTheDisk(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	roomy := limit
	limit.Cur = 100_003 // in the middle of a line
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	health := telemetry.NewHealth()
	m := new(telemetry.Sink)
	log, err := telemetry.NewLog(telemetry.LogConfig{Level: telemetry.LevelInfo})
	if err != nil {
		return err
	}
	l, err := Open(Config{Dir: dir, Service: "www", Buffer: 64 << 10, Metrics: m, Log: log, Check: health.Check("log", ""), FlushInterval: 20 * time.Millisecond})
	if err != nil {
		return err
	}
	if !health.Ready() {
		return errors.New("not ready at first")
	}
	n := 0
	add := func(entries int) error { // slowly enough for the buffer, where the disk works
		for range entries {
			n++
			l.Append(entry(n, time.Now()))
			if n%100 == 0 {
				if err := l.Flush(); err != nil {
					return err
				}
			}
		}
		return l.Flush()
	}
	err = add(10_000)
	if err == nil || telemetry.Class(err) != "no_space" {
		return fmt.Errorf("no full disk: %v", err)
	}
	if health.Ready() {
		return errors.New("ready on a full disk")
	}
	before := m.Lost.Load()
	began := time.Now()
	for range 50_000 {
		n++
		l.Append(entry(n, time.Now()))
	}
	if took := time.Since(began); took > 5*time.Second {
		return fmt.Errorf("appending took %s on a full disk", took)
	}
	if lost := m.Lost.Load() - before; lost < 40_000 {
		return fmt.Errorf("%d lost", lost)
	}
	if info, err := os.Stat((*l.classes.Load())["30d"].file.f.Name()); err != nil || info.Size() > int64(limit.Cur) {
		return fmt.Errorf("the limit did not hold: %v %w", info, err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &roomy); err != nil {
		return err
	}
	if err := l.Flush(); err != nil {
		return err
	}
	if !health.Ready() {
		return errors.New("not ready when the disk has room again")
	}
	if err := add(500); err != nil {
		return err
	}
	fmt.Println(n, m.Lost.Load(), m.Written.Load(), m.Gaps.Load())
	return l.Close()
}

func TestFullDiskCostsOneGapAndNoTraffic(t *testing.T) {
	dir := t.TempDir()
	cmd, said := child(t, "fill the disk", dir)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var appended, lost, written, gaps int
	if _, err := fmt.Sscan(string(out), &appended, &lost, &written, &gaps); err != nil {
		t.Fatal(err)
	}
	if appended != lost+written || gaps != 1 {
		t.Errorf("%d appended, %d lost, %d written, %d gaps", appended, lost, written, gaps)
	}
	lines, damages := read(t, dir)
	got := numbers(t, lines)
	at := 0
	for i, n := range got {
		switch {
		case n == 0 && at > 0:
			t.Errorf("a second gap: %s", lines[i])
		case n == 0:
			at = i
			if !strings.Contains(lines[i], fmt.Sprintf(`"service":"www","gap":{"entries":%d,`, lost)) {
				t.Errorf("the gap tells %s, lost were %d", lines[i], lost)
			}
		case at == 0 && n != i+1, at > 0 && n != i+lost:
			t.Fatalf("entry %d stands in place %d", n, i)
		}
	}
	if at == 0 || len(got) != written+1 || len(damages) > 0 {
		t.Errorf("gap in place %d of %d, %v", at, len(got), damages)
	}
	for _, want := range []string{"log_write_failed folder=" + dir + " error=no_space", "log_write_resumed"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("not told: %s", want)
		}
	}
}

// A folder that cannot be made is a disk that does not work and comes back.
func TestFailingDiskIsTriedAgain(t *testing.T) {
	dir := t.TempDir()
	blocked := filepath.Join(dir, "30d")
	l := open(t, Config{Dir: dir})
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l.Append(entry(1, time.Now()))
	if err := l.Flush(); err == nil {
		t.Fatal("written to a file where a folder should be")
	}
	l.Append(entry(2, time.Now()))
	if oldest, ok := l.Oldest("30d"); !ok || time.Since(oldest) > time.Minute {
		t.Error("entries that wait are not counted as existing")
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	flush(t, l)
	lines, _ := read(t, dir)
	if got := numbers(t, lines); len(got) != 2 || l.cfg.Metrics.Lost.Load() != 0 || l.cfg.Metrics.Failures.Load() == 0 {
		t.Errorf("got %v", got)
	}
}

func TestClosingOnAFailingDiskTellsWhatIsLost(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir})
	if err := os.WriteFile(filepath.Join(dir, "30d"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		l.Append(entry(n, time.Now()))
		_ = l.Flush() // it fails, which is what is wanted
	}
	if err := l.Close(); err == nil || !strings.Contains(err.Error(), "3 entries could not be written") || l.cfg.Metrics.Lost.Load() != 3 {
		t.Errorf("%v, %d lost", err, l.cfg.Metrics.Lost.Load())
	}
}
