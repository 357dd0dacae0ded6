package accesslog

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"weir/proxy/telemetry"
)

// commitTimeout is how long an entry waits for a disk that hangs. After that
// entries do not wait until the disk has come through.
const commitTimeout = 5 * time.Second

// round is one turn of the writer, for those who wait until it is on the disk.
type round struct{ done chan struct{} }

// rounds are the turns of a writer that has entries wait.
type rounds struct {
	mu   sync.Mutex
	next round // that begins after now
	hung bool
}

// begin ends the waiting for a round to begin: who comes later waits for another.
func (r *rounds) begin() round {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.next
	r.next = round{make(chan struct{})}
	return now
}

// end lets go on who waited for this round.
func (r *rounds) end(now round) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hung = false
	close(now.done)
}

// join returns the round that brings what is in a queue now to the disk; ok is
// false where the disk hangs.
func (r *rounds) join() (next round, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next, !r.hung
}

func (r *rounds) hang() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hung = true
}

// commit returns when what was appended is on the disk or could not be written.
func (l *Log) commit() {
	r, ok := l.rounds.join()
	poke(l.wake)
	if !ok {
		return
	}
	late := time.NewTimer(commitTimeout)
	defer late.Stop()
	select {
	case <-r.done:
	case <-l.written:
	case <-late.C:
		l.rounds.hang()
		l.cfg.Check.Set(false) // until the writer comes through
		l.cfg.Log.Error("log_sync_hangs", telemetry.Name("folder", l.cfg.Dir))
	}
}

// syncer brings segments to the disk beside the writer, which goes on meanwhile.
type syncer struct {
	log  *Log
	wake chan struct{}
	stop chan struct{}
	done chan struct{}

	mu    sync.Mutex
	files map[*os.File]bool // that were written; true: no more, to be closed
}

func newSyncer(l *Log) *syncer {
	return &syncer{log: l, wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}), files: make(map[*os.File]bool)}
}

// take has f synced, and closed where that is its end.
func (s *syncer) take(f *os.File, end bool) {
	s.mu.Lock()
	s.files[f] = s.files[f] || end
	s.mu.Unlock()
	poke(s.wake)
}

func (s *syncer) run() {
	defer close(s.done)
	for {
		select {
		case <-s.wake:
			s.work()
		case <-s.stop:
			s.work()
			return
		}
	}
}

func (s *syncer) work() {
	s.mu.Lock()
	files := s.files
	s.files = make(map[*os.File]bool)
	s.mu.Unlock()
	failed := false
	for f, end := range files {
		err := datasync(f)
		if end {
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			failed = true
			s.log.cfg.Metrics.Failures.Add(1)
			s.log.cfg.Log.Error("log_sync_failed", telemetry.Name("folder", s.log.cfg.Dir), telemetry.Err(err))
		}
	}
	if len(files) > 0 {
		s.log.unsynced.Store(failed)
	}
}

// datasync is fdatasync: the bytes and the size, not the times.
func datasync(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		for failed = unix.EINTR; errors.Is(failed, unix.EINTR); {
			failed = syncData(int(fd))
		}
	})
	return errors.Join(err, failed)
}

// brings gives what was written to the disk: by itself where entries wait for
// it, else by the syncer.
func (l *Log) brings(f *file) error {
	if f == nil || !f.dirty {
		return nil
	}
	if l.cfg.Sync == SyncAlways {
		err := datasync(f.f)
		f.dirty = err != nil
		return err
	}
	f.dirty = false
	l.syncer.take(f.f, false)
	return nil
}

// persists reports whether a write that failed with err may work later on the
// same file: when there is room again. After anything else another is begun.
func persists(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
