// The race detector knows these calls, and that what was sent happened before
// what was received.

//go:build unix && (!linux || race)

package listen

import "syscall"

// Receive takes what has arrived at a socket, at most len(p) bytes, with the flags
// of recv(2); p must not be empty. The error is EAGAIN where nothing has.
func Receive(fd uintptr, p []byte, flags int) (int, syscall.Errno) {
	if flags == 0 {
		n, err := syscall.Read(int(fd), p)
		return n, errno(err)
	}
	n, _, err := syscall.Recvfrom(int(fd), p, flags|syscall.MSG_DONTWAIT)
	return n, errno(err)
}

// Send gives a socket as much of p as it takes; p must not be empty. The error is
// EAGAIN where it takes nothing now.
func Send(fd uintptr, p []byte) (int, syscall.Errno) {
	n, err := syscall.Write(int(fd), p)
	return n, errno(err)
}

func errno(err error) syscall.Errno {
	if err == nil {
		return 0
	}
	if no, ok := err.(syscall.Errno); ok {
		return no
	}
	return syscall.EIO
}
