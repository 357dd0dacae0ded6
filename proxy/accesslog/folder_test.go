package accesslog

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/redact/record"
)

func refused(t *testing.T, cfg Config, want ...string) {
	t.Helper()
	l, err := Open(cfg)
	if err == nil {
		_ = l.Close()
		t.Errorf("opened; want %q", want)
		return
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v; want %q in it", err, part)
		}
	}
}

func TestFolderThatCannotServeIsRefusedWithAdvice(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "a", "b")
	refused(t, Config{Dir: file}, "log folder "+file+" is a file", "name a folder")
	refused(t, Config{Dir: filepath.Join(file, "log")}, "a part of its path is a file")
	refused(t, Config{Dir: missing}, "log folder "+missing+" cannot be made: there is no folder "+filepath.Dir(missing), "make that first")
}

func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir})
	refused(t, Config{Dir: dir}, "log folder "+dir+" is in use by another weir", "give this one a folder of its own")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, Config{Dir: dir})
}

func TestUnwritableFolderIsRefused(t *testing.T) {
	parent, err := os.MkdirTemp("", "accesslog") // t.TempDir lies in a folder that only we may enter
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "log")
	if err := os.Mkdir(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(parent, 0o555); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := os.Chmod(parent, 0o700); err != nil {
			t.Error(err)
		}
		if err := os.RemoveAll(parent); err != nil {
			t.Error(err)
		}
	}()
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Root may write everywhere: be somebody else to the file system, on
		// this thread, which is not used again.
		runtime.LockOSThread()
		if os.Geteuid() == 0 {
			if err := unix.Setfsuid(65534); err != nil {
				t.Error(err)
				return
			}
		}
		refused(t, Config{Dir: dir}, "log folder "+dir+" cannot be written (permission denied)", "allow weir's user")
		refused(t, Config{Dir: filepath.Join(parent, "new")}, "cannot be made (permission denied)")
	}()
	<-done
}

func TestSenselessConfigurationIsRefusedAllAtOnce(t *testing.T) {
	err := Config{Format: 99, MaxSize: 1, MaxAge: 1, Buffer: 1, FlushInterval: 1}.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"no folder", "format 99", "segment size 1", "segment age", "buffer of 1", "flush interval"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if err := (Config{Dir: "log"}).Validate(); err != nil {
		t.Error(err)
	}
	if _, err := NewStdout(StdoutConfig{Format: record.FormatCount}); err == nil {
		t.Error("accepted")
	}
	if _, err := NewStdout(StdoutConfig{CloseTimeout: -time.Second}); err == nil {
		t.Error("accepted")
	}
}
