package keys

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A mount that cannot be written is refused as weir's own ring and read as an
// external one, which sees what its owner changes.
func TestReadOnlyMountIsForExternalRingsAlone(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("weir", dir, "tmpfs", 0, "size=1m,mode=700"); errors.Is(err, unix.EPERM) {
		t.Skip("a file system can only be mounted by root")
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	remount := func(flags uintptr) {
		t.Helper()
		if err := unix.Mount("weir", dir, "", unix.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	c := &clock{t: noon}
	owner := open(t, dir, c)
	want := key(t, owner, noon)
	remount(unix.MS_RDONLY)
	if _, err := Open(Config{Dir: dir, Now: c.now}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("as weir's own: %v", err)
	}
	r, err := Open(Config{Dir: dir, External: true, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	if key(t, r, noon) != want {
		t.Error("it has another key")
	}
	if err := r.Break(noon); !errors.Is(err, ErrReadOnly) {
		t.Error(err)
	}
	if err := owner.Break(noon.Add(time.Hour)); !errors.Is(err, unix.EROFS) || key(t, owner, noon.Add(2*time.Hour)) != want {
		t.Errorf("a change that could not be written is in use: %v", err)
	}

	remount(0)
	if err := owner.Break(noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	remount(unix.MS_RDONLY)
	if changed, err := r.Reload(); !changed || err != nil {
		t.Error(changed, err)
	}
	if at := noon.Add(2 * time.Hour); key(t, r, noon) != want || key(t, r, at) == want || key(t, r, at) != key(t, owner, at) {
		t.Error("it does not have its owner's keys")
	}
}

// Secrets are mounted as links to a folder that another takes the place of.
func TestRingBehindALinkIsReadAnew(t *testing.T) {
	dir, c := t.TempDir(), &clock{t: noon}
	for _, name := range []string{"first", "second"} {
		key(t, open(t, filepath.Join(dir, name), c), noon)
	}
	link := func(to, name string) {
		t.Helper()
		if err := errors.Join(os.Symlink(to, filepath.Join(dir, "new")), os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, name))); err != nil {
			t.Fatal(err)
		}
	}
	link("first", "..data")
	link("..data/ring", "ring")
	r, err := Open(Config{Dir: dir, External: true, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"second", "first"} {
		link(name, "..data")
		if changed, err := r.Reload(); !changed || err != nil {
			t.Error(name, changed, err)
		}
		if key(t, r, noon) != key(t, open(t, filepath.Join(dir, name), c), noon) {
			t.Errorf("it has another key than the %s ring", name)
		}
	}
}

// Root may change a ring by hand that a user's weir goes on with.
func TestRingStaysItsOwnersWhenRootChangesIt(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder to another user")
	}
	dir, c := folder(t), &clock{t: noon}
	const nobody = 65534
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Chown(dir, nobody, nobody)); err != nil {
		t.Fatal(err)
	}
	r := open(t, dir, c)
	key(t, r, noon)
	if err := r.Break(noon); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{ringName, lockName} {
		var of unix.Stat_t
		if err := unix.Stat(filepath.Join(dir, name), &of); err != nil || of.Uid != nobody || of.Gid != nobody || of.Mode&0o777 != 0o600 {
			t.Errorf("%s is of %d:%d, mode %o (%v)", name, of.Uid, of.Gid, of.Mode, err)
		}
	}
}
