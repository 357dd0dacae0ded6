package keys

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const (
	ringName = "ring"
	newName  = "ring.new" // being written; never read
	lockName = "lock"     // held (flock) by who reads or changes the ring
)

// store is a ring's folder.
type store struct {
	dir      string
	external bool
	epoch    time.Duration
}

func (s *store) path(name string) string { return filepath.Join(s.dir, name) }

func (s *store) fault(err, cause error, instead string) *Error {
	return &Error{Path: s.path(ringName), Err: err, Cause: cause, Instead: instead}
}

// open reads the ring, and makes the folder and an empty ring where there is none.
func (s *store) open() (map[string]*chain, error) {
	if s.external {
		found, err := s.read()
		if errors.Is(err, ErrDamaged) {
			found, err = s.read() // its owner may just have put another in its place
		}
		return found, err
	}
	if err := s.folder(); err != nil {
		return nil, err
	}
	var found map[string]*chain
	err := s.change(func(chains map[string]*chain) (bool, error) {
		found = chains
		return false, nil
	})
	return found, err
}

// folder makes the ring's folder, or checks the one that is there.
func (s *store) folder() error {
	if _, err := os.Stat(s.dir); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(s.dir, 0o700); err != nil {
			return &Error{s.dir, ErrUnreadable, err, "name a folder that weir may make"}
		}
		if err := syncDir(filepath.Dir(s.dir)); err != nil {
			return &Error{s.dir, ErrUnreadable, err, "name a folder on a local file system"}
		}
	}
	info, err := os.Stat(s.dir)
	switch {
	case err != nil:
		return &Error{s.dir, ErrUnreadable, err, "name a folder that weir may read"}
	case info.Mode().Perm()&0o077 != 0:
		return &Error{s.dir, ErrTooOpen, nil, "run chmod 700 " + s.dir}
	case info.Mode().Perm()&0o200 == 0 || unix.Access(s.dir, unix.W_OK) != nil:
		return &Error{s.dir, ErrReadOnly, nil, "make the folder writable, or say external: true for a ring that is rotated elsewhere"}
	}
	return nil
}

// change reads the ring, lets edit change it, and writes it if edit says so. No
// other process reads or changes it meanwhile.
func (s *store) change(edit func(map[string]*chain) (bool, error)) error {
	lock, err := os.OpenFile(s.path(lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return s.fault(ErrReadOnly, err, "make the folder writable, or say external: true for a ring that is rotated elsewhere")
	}
	defer lock.Close()
	for err = unix.EINTR; errors.Is(err, unix.EINTR); {
		err = unix.Flock(int(lock.Fd()), unix.LOCK_EX)
	}
	if err != nil {
		return s.fault(ErrReadOnly, err, "keep the ring on a file system that has locks")
	}
	// What a crash left half written is of no use, and may hold a key.
	if err := os.Remove(s.path(newName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s.fault(ErrReadOnly, err, "let weir write the folder")
	}
	chains, err := s.read()
	if errors.Is(err, fs.ErrNotExist) {
		chains = make(map[string]*chain)
		if err = s.write(chains, nil); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if changed, err := edit(chains); err != nil || !changed {
		return err
	}
	old, err := os.OpenFile(s.path(ringName), os.O_RDWR, 0)
	if err != nil {
		return s.fault(ErrReadOnly, err, "let weir write the file")
	}
	defer old.Close()
	return s.write(chains, old)
}

// read reads and checks the ring's file.
func (s *store) read() (map[string]*chain, error) {
	f, err := os.Open(s.path(ringName))
	if err != nil {
		if s.external || !errors.Is(err, fs.ErrNotExist) {
			return nil, s.fault(ErrUnreadable, err, "let weir read the file")
		}
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, s.fault(ErrUnreadable, err, "let weir read the file")
	}
	if err := s.permissions(info.Mode()); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, s.fault(ErrUnreadable, err, "let weir read the file")
	}
	epoch, chains, err := decode(b)
	clear(b)
	switch {
	case errors.Is(err, ErrVersion):
		return nil, s.fault(err, nil, "run the version of weir that made it")
	case err != nil:
		return nil, s.fault(err, nil, "bring it back from a copy, or take it away and let weir make a new one: pseudonyms begin anew")
	case epoch != s.epoch:
		return nil, s.fault(ErrEpoch, nil, "use epochs of "+epoch.String()+" again, or take it away and let weir make a new one")
	}
	return chains, nil
}

func (s *store) permissions(mode fs.FileMode) error {
	if !mode.IsRegular() {
		return s.fault(ErrUnreadable, nil, "put a file there")
	}
	tooOpen, instead := fs.FileMode(0o077), "run chmod 600 "+s.path(ringName)
	if s.external {
		tooOpen, instead = 0o027, "run chmod 400 on it, or mount it with mode 0400"
	}
	switch {
	case mode.Perm()&tooOpen != 0:
		return s.fault(ErrTooOpen, nil, instead)
	case !s.external && mode.Perm()&0o200 == 0:
		return s.fault(ErrReadOnly, nil, "run chmod 600 "+s.path(ringName)+", or say external: true for a ring that is rotated elsewhere")
	}
	return nil
}

// write puts a ring in the place of old, or of none. At each moment either the
// old ring or the new one is there whole: it is written beside, brought to disk,
// and renamed. Then the old file's bytes are overwritten, as far as the file
// system overwrites in place.
func (s *store) write(chains map[string]*chain, old *os.File) error {
	b := encode(s.epoch, chains)
	defer clear(b)
	if err := s.replace(b, old == nil); err != nil {
		return s.fault(ErrReadOnly, err, "make room, and let weir write the folder")
	}
	if old == nil {
		return nil
	}
	info, err := old.Stat()
	if err == nil {
		if _, err = old.WriteAt(make([]byte, info.Size()), 0); err == nil {
			err = old.Sync()
		}
	}
	if err != nil {
		return s.fault(ErrReadOnly, err, "the new ring is in place, but the old one was not overwritten")
	}
	return nil
}

func (s *store) replace(b []byte, first bool) error {
	beside := s.path(newName)
	f, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	switch {
	case err != nil:
	case first:
		// A link never takes the place of a ring that appeared meanwhile.
		if err = os.Link(beside, s.path(ringName)); err == nil {
			err = os.Remove(beside)
		}
	default:
		err = os.Rename(beside, s.path(ringName))
	}
	if err != nil {
		return errors.Join(err, os.Remove(beside))
	}
	return syncDir(s.dir)
}

// syncDir makes what was made or renamed in path last.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
