package accesslog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// lockFolder makes dir where it is missing, sees that files can be made in it,
// and holds it against a second process until the returned file is closed.
func lockFolder(dir string) (*os.File, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, mkdirError(dir, err)
		}
		if err := syncDir(filepath.Dir(dir)); err != nil {
			return nil, fmt.Errorf("log folder %s cannot be made to last (%w); name a folder on a local file system", dir, reason(err))
		}
	case errors.Is(err, syscall.ENOTDIR):
		return nil, fmt.Errorf("log folder %s: a part of its path is a file; name a folder", dir)
	case err != nil:
		return nil, fmt.Errorf("log folder %s cannot be looked at (%w); allow weir's user to enter its parent", dir, reason(err))
	case !info.IsDir():
		return nil, fmt.Errorf("log folder %s is a file; name a folder, or move the file away", dir)
	}
	lock, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("log folder %s cannot be written (%w); allow weir's user to write there, or name another folder", dir, reason(err))
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = lock.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("log folder %s is in use by another weir; stop that one, or give this one a folder of its own", dir)
		}
		return nil, fmt.Errorf("log folder %s cannot be locked (%w); name a folder on a local file system", dir, err)
	}
	return lock, nil
}

func mkdirError(dir string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("log folder %s cannot be made: there is no folder %s; make that first", dir, filepath.Dir(dir))
	}
	return fmt.Errorf("log folder %s cannot be made (%w); make it for weir's user, or name another folder", dir, reason(err))
}

// reason is what the system said, without the path that is told anyway.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
