package keys

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const (
	ringName = "ring"
	newName  = "ring.new" // being written; never read
	oldName  = "ring.old" // about to be overwritten
	lockName = "lock"     // held (flock) by who reads or changes the ring
)

// store is a ring's folder.
type store struct {
	dir      string
	external bool
	epoch    time.Duration
	link     func(from, to string) error // os.Link, but for a test of a file system without
}

func (s *store) path(name string) string { return filepath.Join(s.dir, name) }

func (s *store) fault(err, cause error, instead string) *Error {
	return &Error{Path: s.path(ringName), Err: err, Cause: cause, Instead: instead}
}

// open reads the ring, and makes the folder and an empty ring where there is none.
func (s *store) open() (map[string]*lineage, error) {
	if s.external {
		return s.look()
	}
	return s.begin(func(map[string]*lineage) (bool, error) { return false, nil })
}

// begin is change where the folder, too, may have to be made.
func (s *store) begin(edit func(map[string]*lineage) (bool, error)) (map[string]*lineage, error) {
	if err := s.folder(); err != nil {
		return nil, err
	}
	return s.change(edit)
}

// look reads the ring without holding up those who change it: one may just have
// put another in its place, and be about to overwrite the one that was opened.
func (s *store) look() (map[string]*lineage, error) {
	burn()
	defer burn()
	found, err := s.read()
	if errors.Is(err, ErrDamaged) || errors.Is(err, ErrShort) {
		found, err = s.read()
	}
	if errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrUnreadable) {
		err = s.fault(ErrUnreadable, err, "bring it back, or restart weir to begin anew")
	}
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

// change reads the ring, lets edit change it, writes it if edit says so, and
// returns it. No other process reads or changes it meanwhile.
func (s *store) change(edit func(map[string]*lineage) (bool, error)) (map[string]*lineage, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	burn()
	defer burn()
	// What a crash left, half written or not overwritten, may hold a key.
	for _, name := range []string{newName, oldName} {
		if err := destroy(s.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, s.fault(ErrReadOnly, err, "let weir write the folder")
		}
	}
	found, err := s.read()
	none := errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrUnreadable)
	if none {
		found, err = make(map[string]*lineage), nil
	}
	if err != nil {
		return nil, err
	}
	changed, err := edit(found)
	if err == nil && (changed || none) {
		err = s.write(found)
	}
	if err != nil {
		wipe(found)
		return nil, err
	}
	return found, nil
}

// lock waits until no other process reads or changes the ring.
func (s *store) lock() (unlock func(), err error) {
	lock, err := os.OpenFile(s.path(lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, s.fault(ErrReadOnly, err, "make the folder writable, or say external: true for a ring that is rotated elsewhere")
	}
	err = s.give(lock)
	for wait := err == nil; wait; wait = errors.Is(err, unix.EINTR) {
		err = unix.Flock(int(lock.Fd()), unix.LOCK_EX)
	}
	if err != nil {
		_ = lock.Close()
		return nil, s.fault(ErrReadOnly, err, "keep the ring on a file system that has locks")
	}
	return func() { _ = lock.Close() }, nil
}

// read reads and checks the ring's file.
func (s *store) read() (map[string]*lineage, error) {
	f, err := os.Open(s.path(ringName))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && s.external {
			return nil, s.fault(ErrUnreadable, err, "name another folder, or make a ring there by weir keys init")
		}
		if !errors.Is(err, fs.ErrNotExist) {
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
	b := make([]byte, min(info.Size(), maxFile)) // one that grew would leave keys behind
	defer clear(b)
	n, err := io.ReadFull(f, b)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, s.fault(ErrUnreadable, err, "let weir read the file")
	}
	epoch, found, err := decode(b[:n])
	switch {
	case errors.Is(err, ErrVersion):
		return nil, s.fault(err, nil, "run the version of weir that made it")
	case err != nil:
		return nil, s.fault(err, nil, "bring it back from a copy, or take it away and let weir make a new one: pseudonyms begin anew")
	case epoch != s.epoch:
		wipe(found)
		return nil, s.fault(ErrEpoch, nil, "use epochs of "+epoch.String()+" again, or take it away and let weir make a new one")
	}
	return found, nil
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

// write puts a ring in the place of the one that is there, or of none, if it can be
// read again. At each moment either the old ring or the new one is there whole: the
// new one is written beside, brought to disk, and renamed. The old one has a second
// name meanwhile, by which it is then overwritten and removed, now or after a crash;
// on a file system without such names it is held open, and a crash leaves it.
func (s *store) write(classes map[string]*lineage) error {
	b := encode(s.epoch, classes)
	defer clear(b)
	if err := readable(b, classes); err != nil {
		return s.fault(ErrReadOnly, err, "the ring is as it was; take fewer classes, or shred one")
	}
	nameless, err := s.replace(b)
	if nameless != nil {
		defer nameless.Close()
	}
	if err != nil {
		return s.fault(ErrReadOnly, err, "make room, and let weir write the folder")
	}
	if nameless != nil {
		var info fs.FileInfo
		if info, err = nameless.Stat(); err == nil {
			err = overwritten(nameless, info.Size())
		}
	} else {
		err = destroy(s.path(oldName))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s.fault(ErrReadOnly, err, "the new ring is in place, but the old one was not overwritten")
	}
	return nil
}

// readable checks that b gives the classes again.
func readable(b []byte, classes map[string]*lineage) error {
	if len(b) > maxFile {
		return errors.New("it would be larger than a ring may be")
	}
	_, found, err := decode(b)
	defer wipe(found)
	if err == nil && !maps.EqualFunc(found, classes, func(a, b *lineage) bool { return a.equal(b) }) {
		err = ErrDamaged
	}
	if err != nil {
		return fmt.Errorf("it would not be readable: %w", err)
	}
	return nil
}

// replace returns the old ring where it could have no second name.
func (s *store) replace(b []byte) (nameless *os.File, err error) {
	beside := s.path(newName)
	f, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	err = s.give(f)
	if err == nil {
		_, err = f.Write(b)
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		nameless, err = s.rename(beside)
	}
	if err != nil {
		return nil, errors.Join(err, destroy(beside))
	}
	return nameless, syncDir(s.dir)
}

// rename puts the new ring in place, as replace returns it.
func (s *store) rename(beside string) (nameless *os.File, err error) {
	ring := s.path(ringName)
	err = s.link(ring, s.path(oldName))
	switch {
	case err == nil:
		return nil, os.Rename(beside, ring)
	case errors.Is(err, fs.ErrNotExist):
		// A link never takes the place of a ring that appeared meanwhile.
		if err = s.link(beside, ring); err == nil {
			return nil, os.Remove(beside)
		}
	}
	if !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.ENOTSUP) && !errors.Is(err, unix.EOPNOTSUPP) {
		return nil, err
	}
	nameless, err = os.OpenFile(ring, os.O_WRONLY, 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err = os.Rename(beside, ring); err != nil && nameless != nil {
		err = errors.Join(err, nameless.Close())
		nameless = nil
	}
	return nameless, err
}

// destroy overwrites a file, as far as the file system does that in place, and
// removes it. One that is the ring still, too, is only given up under this name; it
// stays where that cannot be told.
func destroy(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	ring, err := os.Stat(filepath.Join(filepath.Dir(path), ringName))
	switch {
	case err == nil && os.SameFile(info, ring):
		return os.Remove(path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := overwritten(f, info.Size()); err != nil {
		return err
	}
	return os.Remove(path)
}

// overwritten writes zeros in the place of what a file holds.
func overwritten(f *os.File, size int64) error {
	_, err := f.WriteAt(make([]byte, size), 0)
	return errors.Join(err, f.Sync())
}

// syncDir makes what was made or renamed in path last.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
