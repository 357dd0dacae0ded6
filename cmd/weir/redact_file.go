package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"weir/redact/rewrite"
)

// stream copies a log as it is compressed.
func (r *redactCommand) stream(ctx context.Context, out io.Writer, in io.Reader, cfg rewrite.Config) (*rewrite.Format, rewrite.Counts, error) {
	plain, coding, err := rewrite.Decoded(in)
	if err != nil {
		return nil, rewrite.Counts{}, err
	}
	coded, err := rewrite.Encoded(out, coding)
	if err != nil {
		return nil, rewrite.Counts{}, err
	}
	f, counts, err := rewrite.Copy(ctx, coded, plain, cfg)
	return f, counts, errors.Join(err, coded.Close())
}

// replace writes a log anew in its place: whoever opens the file finds the old one
// or the whole new one, whatever ends this process.
func (r *redactCommand) replace(ctx context.Context, path string, cfg rewrite.Config) (f *rewrite.Format, counts rewrite.Counts, err error) {
	in, before, err := openRegular(path)
	if err != nil {
		return nil, counts, err
	}
	defer in.Close()
	dir := filepath.Dir(path)
	out, err := os.CreateTemp(dir, "."+filepath.Base(path)+".weir-*")
	if err != nil {
		return nil, counts, unquoted(err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(out.Name())
		}
		_ = out.Close()
	}()
	if f, counts, err = r.stream(ctx, out, in, cfg); err != nil {
		return f, counts, err
	}
	if err = like(out, before); err != nil {
		return f, counts, err
	}
	if err = out.Sync(); err != nil {
		return f, counts, err
	}
	now, err := os.Lstat(path)
	if err != nil {
		return f, counts, unquoted(err)
	}
	if !os.SameFile(now, before) || now.Size() != before.Size() || !now.ModTime().Equal(before.ModTime()) {
		err = errors.New("it was changed meanwhile and is left as it is: rotate it first")
		return f, counts, err
	}
	if err = os.Rename(out.Name(), path); err != nil {
		return f, counts, unquoted(err)
	}
	return f, counts, syncFolder(dir)
}

// openRegular opens a file that can be replaced. A link is refused: what it points
// to would be left as it is.
func openRegular(path string) (*os.File, fs.FileInfo, error) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, nil, unquoted(err)
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, nil, errors.New("it is a symbolic link; name the file that it points to")
	case !info.Mode().IsRegular():
		return nil, nil, errors.New("it is no regular file, and cannot be replaced")
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Nlink > 1 {
		return nil, nil, errors.New("it has another name (a hard link), which would keep what is in it")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, unquoted(err)
	}
	opened, err := f.Stat()
	if err == nil && !os.SameFile(info, opened) {
		err = errors.New("it was changed meanwhile")
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return f, opened, nil
}

// like gives a file the mode and the owner of another.
func like(f *os.File, of fs.FileInfo) error {
	if st, ok := of.Sys().(*syscall.Stat_t); ok {
		if err := f.Chown(int(st.Uid), int(st.Gid)); err != nil {
			return fmt.Errorf("its owner cannot be kept: %w", errors.Unwrap(err))
		}
	}
	return f.Chmod(of.Mode().Perm() | of.Mode()&(fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky)) // after chown, which clears bits
}

// syncFolder makes a rename last.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return unquoted(err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// unquoted is an error of the file system without the path, which whoever tells of
// it names.
func unquoted(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
