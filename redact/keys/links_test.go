package keys

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A file system may give a file no second name; keys are destroyed there all the same.
func TestRingIsChangedAndOverwrittenWithoutHardLinks(t *testing.T) {
	for _, says := range []error{unix.EPERM, unix.ENOTSUP} {
		dir := folder(t)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		none := func(from, to string) error { return &os.LinkError{Op: "link", Old: from, New: to, Err: says} }
		s := &store{dir: dir, epoch: day, link: none}
		if _, err := s.open(); err != nil {
			t.Fatal(err)
		}
		kept := filepath.Join(t.TempDir(), "kept")
		if err := os.Link(filepath.Join(dir, ringName), kept); err != nil {
			t.Fatal(err)
		}
		old := ringFile(t, dir)
		_, err := s.change(func(classes map[string]*lineage) (bool, error) {
			classes[class] = ring(20000, secret{1})[class]
			return true, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if found, err := s.open(); err != nil || len(found) != 1 {
			t.Error(found, err)
		}
		if b, err := os.ReadFile(kept); err != nil || len(b) != len(old) || len(bytes.Trim(b, "\x00")) > 0 {
			t.Errorf("the old ring was not overwritten: %v", err)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) != 2 {
			t.Errorf("left over: %v %v", files, err)
		}
	}
}

func TestLinkThatFailsOtherwiseLeavesTheRing(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	r := open(t, dir, c)
	want := key(t, r, noon)
	r.store.link = func(string, string) error { return unix.EIO }
	if err := r.Break(noon); !errors.Is(err, unix.EIO) || key(t, open(t, dir, c), noon) != want {
		t.Error(err)
	}
}
