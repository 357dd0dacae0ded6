package source_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"weir/policy/source"
)

func TestOnlyRegularFilesAreRead(t *testing.T) {
	dir := t.TempDir()
	pipe, file, link := filepath.Join(dir, "pipe"), filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, "/dev/zero"} {
		if _, err := source.ReadBytes(path); err == nil || err.Error() != path+": cannot be read: is no regular file" {
			t.Error(err)
		}
	}
	if _, err := source.ReadBytes(dir); err == nil || !strings.HasSuffix(err.Error(), ": cannot be read: is a directory") {
		t.Error(err)
	}
	for most, want := range map[int64]string{4: "0123", 100: "0123456789"} {
		if got, err := source.ReadRegular(link, most); err != nil || string(got) != want {
			t.Errorf("%q, %v", got, err)
		}
	}
}
