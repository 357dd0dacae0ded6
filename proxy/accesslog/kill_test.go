package accesslog

import (
	"bufio"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"weir/proxy/telemetry"
)

// appendUntilKilled appends under load, and says the number of an entry that it
// has appended about every 5 ms.
func appendUntilKilled(dir string) error { return appendFor(dir, DefaultFlushInterval) }

// appendHastily does so with an interval that short lives contain.
func appendHastily(dir string) error { return appendFor(dir, 10*time.Millisecond) }

func appendFor(dir string, interval time.Duration) error {
	l, err := Open(Config{Dir: dir, MaxSize: 256 << 10, Buffer: 1 << 20, FlushInterval: interval})
	if err != nil {
		return err
	}
	said := time.Now()
	for n := 1; ; n++ {
		l.Append(entry(n, time.Now()))
		if n%16 == 0 {
			time.Sleep(100 * time.Microsecond) // load, but no more than disks take
		}
		if time.Since(said) > 5*time.Millisecond {
			said = time.Now()
			if _, err := os.Stdout.WriteString(strconv.Itoa(n) + "\n"); err != nil {
				return err
			}
		}
	}
}

// heard is a number that the child said, and when.
type heard struct {
	n  int
	at time.Time
}

func TestKilledProcessLosesNothingOlderThanTheInterval(t *testing.T) {
	for round := range 3 {
		dir := t.TempDir()
		cmd, _ := child(t, "append until killed", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		life := DefaultFlushInterval + time.Duration(rand.IntN(1000))*time.Millisecond
		var all []heard
		var killed time.Time
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			n, err := strconv.Atoi(lines.Text())
			if err != nil {
				break // cut off by the kill
			}
			all = append(all, heard{n, time.Now()})
			if killed.IsZero() && time.Since(all[0].at) > life {
				killed = time.Now()
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // it was killed
		if killed.IsZero() {
			t.Fatal("the child ended by itself")
		}
		must := 0
		for _, h := range all {
			if killed.Sub(h.at) > DefaultFlushInterval {
				must = h.n
			}
		}

		// What the killed process left can be read as it is, and after a repair.
		_, damages := read(t, dir)
		if len(damages) > 0 {
			t.Errorf("round %d: %v", round, damages)
		}
		m := new(telemetry.Sink)
		l := open(t, Config{Dir: dir, Metrics: m})
		flush(t, l)
		l.look()
		text, damages := read(t, dir)
		got := numbers(t, text)
		if m.Repairs.Load() > 0 && len(got) > 0 && got[len(got)-1] == 0 {
			got = got[:len(got)-1]
		}
		for i, n := range got {
			if n != i+1 {
				t.Fatalf("round %d: entry %d stands in place %d", round, n, i+1)
			}
		}
		if must == 0 || len(got) < must || len(damages) > 0 {
			t.Errorf("round %d: %d entries, at least %d were older than the interval; %v", round, len(got), must, damages)
		}
		left, err := filepath.Glob(filepath.Join(dir, "*", "*"+tempSuffix))
		if err != nil || len(left) > 0 {
			t.Errorf("round %d: left over: %v", round, left)
		}
	}
}

func TestTailIsRepairedAfterKillsInQuickSuccession(t *testing.T) {
	dir := t.TempDir()
	for range 12 {
		cmd, _ := child(t, "append hastily", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 5 + rand.IntN(20); n >= 0 && lines.Scan(); n-- {
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
		}
		_ = cmd.Wait() // it was killed
	}
	l := open(t, Config{Dir: dir})
	flush(t, l)
	l.look()
	text, damages := read(t, dir)
	// Each life begins with 1 and goes on without a hole. The gap entry of a torn
	// tail, whose number is 0, stands behind the first lines of the life that found it.
	last := 0
	for i, n := range numbers(t, text) {
		if n > 1 && last != n-1 {
			t.Fatalf("entry %d, line %d, stands behind entry %d", n, i, last)
		}
		if n > 0 {
			last = n
		}
	}
	if len(text) == 0 || len(damages) > 0 {
		t.Errorf("%d lines, %v", len(text), damages)
	}
}
