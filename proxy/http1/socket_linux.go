//go:build !race

package http1

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// These calls return at once, since they never wait for the peer. The scheduler
// is not told of them: it would have its monitor watch over a thread that is
// back within microseconds, which costs a tenth of an exchange.

// receive takes what has arrived, at most len(p) bytes; p must not be empty.
func receive(fd uintptr, p []byte, flags int) (int, syscall.Errno) {
	n, _, err := syscall.RawSyscall6(unix.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), uintptr(flags|unix.MSG_DONTWAIT), 0, 0)
	return int(n), err
}

// transmit gives the kernel as much of p as it takes; p must not be empty.
func transmit(fd uintptr, p []byte) (int, syscall.Errno) {
	n, _, err := syscall.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	return int(n), err
}
