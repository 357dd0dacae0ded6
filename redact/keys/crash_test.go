package keys

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// Whatever stands beside the ring after a crash, the ring that was in place stays,
// and the other is overwritten, also under a name that somebody else has given it.
func TestCrashBetweenTwoStepsOfAChangeLosesNoRing(t *testing.T) {
	for name, c := range map[string]struct {
		crash func(ring, beside, old, kept string) error
		gone  bool // what kept names was another ring
	}{
		"before the new one was renamed": {func(ring, _, old, _ string) error { return os.Link(ring, old) }, false},
		"before the old one was overwritten": {func(ring, _, old, kept string) error {
			b, err := os.ReadFile(ring)
			return errors.Join(err, os.WriteFile(old, b, 0o600), os.Link(old, kept))
		}, true},
		"before the first one's other name was removed": {func(ring, beside, _, _ string) error { return os.Link(ring, beside) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir, clk := folder(t), &clock{t: noon}
			want := key(t, open(t, dir, clk), noon)
			good := ringFile(t, dir)
			path := func(name string) string { return filepath.Join(dir, name) }
			kept := filepath.Join(t.TempDir(), "kept")
			if err := c.crash(path(ringName), path(newName), path(oldName), kept); err != nil {
				t.Fatal(err)
			}
			if got := key(t, open(t, dir, clk), noon); got != want || !bytes.Equal(ringFile(t, dir), good) {
				t.Error("the ring is another one")
			}
			for _, name := range []string{newName, oldName} {
				if _, err := os.Lstat(path(name)); !os.IsNotExist(err) {
					t.Errorf("%s is there: %v", name, err)
				}
			}
			if !c.gone {
				return
			}
			if b, err := os.ReadFile(kept); err != nil || len(b) != len(good) || len(bytes.Trim(b, "\x00")) > 0 {
				t.Errorf("the old ring was not overwritten: %v", err)
			}
		})
	}
}

// Where it cannot be told whether a leftover is the ring, it is not overwritten.
func TestLeftoverStaysWhereTheRingCannotBeLookedAt(t *testing.T) {
	dir := folder(t)
	key(t, open(t, dir, &clock{t: noon}), noon)
	good := ringFile(t, dir)
	ring, old := filepath.Join(dir, ringName), filepath.Join(dir, oldName)
	if err := errors.Join(os.Rename(ring, old), os.Symlink(ringName, ring)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Config{Dir: dir}); !errors.Is(err, unix.ELOOP) {
		t.Error(err)
	}
	if b, err := os.ReadFile(old); err != nil || !bytes.Equal(b, good) {
		t.Error("it was overwritten", err)
	}
}

// A ring is made with all its classes or not at all: one that is half made would be
// in the way of the next try.
func TestRingThatCouldNotBeMadeIsNotInTheWay(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	if _, err := Create(Config{Dir: dir, Now: c.now}, class, "no class"); !errors.Is(err, ErrUnknownClass) {
		t.Error(err)
	}
	r, err := Create(Config{Dir: dir, Now: c.now}, class, "2y")
	if err != nil {
		t.Fatal(err)
	}
	if got := open(t, dir, c).Classes(); len(got) != 2 || key(t, r, noon) != key(t, open(t, dir, c), noon) {
		t.Error(got)
	}
	if _, err := Create(Config{Dir: dir, Now: c.now}, class); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
}
