package accesslog

import "golang.org/x/sys/unix"

// preallocate reserves n bytes from offset on and leaves the file's size as it is.
func preallocate(fd int, offset, n int64) error {
	return unix.Fallocate(fd, unix.FALLOC_FL_KEEP_SIZE, offset, n)
}

// syncData brings the bytes and the size to the disk, and the times need not follow.
func syncData(fd int) error { return unix.Fdatasync(fd) }
