package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// crashPolicy makes no pseudonyms: each run writes the same.
const crashPolicy = `controller: {name: Nordhost ApS, country: DK, contact: privacy@nordhost.example}
defaults: {retain: 30d}
redact: [{name: addresses, when: 'field.category.within("user.device.ip_address")', then: 'truncate(24, 48)'}]
`

// inPlace starts weir redact --in-place on a log.
func inPlace(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Args = []string{"weir", "redact", "--policy", "policy.yaml", "--in-place", "access.log"}
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// temporary is how many bytes are in the file beside the log, -1 where there is none.
func temporary(dir string) int64 {
	found, _ := filepath.Glob(filepath.Join(dir, ".access.log.weir-*"))
	for _, path := range found {
		if info, err := os.Stat(path); err == nil {
			return info.Size()
		}
	}
	return -1
}

// Killed at any moment it leaves the log or the whole new one; interrupted, nothing
// beside it either.
func TestInPlaceIsSafeAgainstACrash(t *testing.T) {
	var log strings.Builder
	for i := range 60000 {
		fmt.Fprintf(&log, "203.0.113.%d - - [22/Nov/2026:10:00:00 +0000] \"GET /login HTTP/1.1\" 200 %d \"-\" \"-\"\n", 1+i%250, i)
	}
	old := []byte(log.String())
	written := make(map[bool]int)
	var whole []byte
	for round := range 10 {
		dir := t.TempDir()
		path := filepath.Join(dir, "access.log")
		if err := os.WriteFile(path, old, 0o640); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(crashPolicy), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := inPlace(t, dir)
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		signal := syscall.SIGKILL
		if round%3 == 1 {
			signal = os.Interrupt.(syscall.Signal)
		}
		if round > 0 { // the first one is let go to its end
			until := rand.Int64N(int64(len(old)))
			for running := true; running && temporary(dir) < until; {
				select {
				case err := <-ended:
					ended <- err
					running = false
				case <-time.After(100 * time.Microsecond):
				}
			}
			_ = cmd.Process.Signal(signal) // it may have ended
		}
		err := <-ended
		got, readErr := os.ReadFile(path)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if round == 0 {
			if whole = got; err != nil || bytes.Equal(got, old) || bytes.Count(got, []byte("\n")) != 60000 {
				t.Fatalf("%v: %d bytes were written", err, len(got))
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("the mode became %v", info.Mode())
			}
		}
		if !bytes.Equal(got, old) && !bytes.Equal(got, whole) {
			t.Fatalf("round %d: neither the log nor the whole new one is there: %d bytes", round, len(got))
		}
		if signal != syscall.SIGKILL && temporary(dir) >= 0 {
			t.Errorf("round %d: interrupted, it left a file beside", round)
		}
		written[bytes.Equal(got, whole)]++
	}
	if written[false] == 0 {
		t.Error("no run was ended before it was done")
	}
}

// A log that somebody still writes to is left as it is.
func TestInPlaceLeavesALogThatGrows(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "access.log")
	line := []byte("203.0.113.7 - - [22/Nov/2026:10:00:00 +0000] \"GET /login HTTP/1.1\" 200 1 \"-\" \"-\"\n")
	if err := os.WriteFile(path, bytes.Repeat(line, 200000), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(crashPolicy), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := inPlace(t, dir)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for began := time.Now(); temporary(dir) < 0; time.Sleep(100 * time.Microsecond) {
		if time.Since(began) > patience {
			t.Fatal("no file beside the log")
		}
	}
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil || temporary(dir) < 0 {
		t.Fatalf("it was done before it could be stopped: %v", err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(line); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("a log that grew was replaced")
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, bytes.Repeat(line, 200001)) {
		t.Errorf("%v: the log is not what was written to it", err)
	}
}
