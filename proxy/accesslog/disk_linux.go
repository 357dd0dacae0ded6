package accesslog

import (
	"syscall"
	_ "unsafe" // for the links

	"golang.org/x/sys/unix"
)

// preallocate reserves n bytes from offset on and leaves the file's size as it is.
func preallocate(fd int, offset, n int64) error {
	return unix.Fallocate(fd, unix.FALLOC_FL_KEEP_SIZE, offset, n)
}

// syncData brings the bytes and the size to the disk, and the times need not
// follow. It tells the scheduler before that it will wait: else what it runs on
// serves nobody until the monitor notices, up to 10 ms later, which on one core
// holds up every exchange.
//
//go:nosplit
func syncData(fd int) error {
	enterBlocked()
	_, _, errno := syscall.RawSyscall(unix.SYS_FDATASYNC, uintptr(fd), 0, 0)
	leaveBlocked()
	if errno != 0 {
		return errno
	}
	return nil
}

// The runtime keeps these two for others: see the comment above its
// entersyscallblock, and go.dev/issue/67401.

//go:linkname enterBlocked runtime.entersyscallblock
func enterBlocked()

//go:linkname leaveBlocked runtime.exitsyscall
func leaveBlocked()
