//go:build unix && !linux

package accesslog

import "golang.org/x/sys/unix"

// preallocate has no counterpart here that leaves the size: Config.Strict is refused.
func preallocate(int, int64, int64) error { return unix.EOPNOTSUPP }

func syncData(fd int) error { return unix.Fsync(fd) }
