package accesslog

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"weir/redact/record"
)

const (
	sealedSuffix = ".zst"
	tempSuffix   = ".tmp"
	startLayout  = "20060102T150405Z"
)

// Segment is one file of a log.
type Segment struct {
	Dir      string // of its class
	Class    string
	Start    time.Time // when it was begun, to the second
	Sequence uint64    // orders the segments of a class
	Ext      string    // jsonl or log
	Sealed   bool
	Open     bool // may still be written: the last one of its class, not sealed

	torn    bool          // a broken line may stand at its end
	due     time.Duration // when it was found to be over, by Config.up; 0: it was not
	times   span
	entries int64
	size    int64 // bytes of lines
}

// Name is the file's name.
func (s Segment) Name() string {
	name := s.plainName()
	if s.Sealed {
		name += sealedSuffix
	}
	return name
}

func (s Segment) plainName() string {
	return fmt.Sprintf("%s-%08d.%s", s.Start.UTC().Format(startLayout), s.Sequence, s.Ext)
}

// Path is where the file lies.
func (s Segment) Path() string { return filepath.Join(s.Dir, s.Name()) }

func (s Segment) plainPath() string { return filepath.Join(s.Dir, s.plainName()) }

var segmentName = regexp.MustCompile(`^(\d{8}T\d{6}Z)-(\d{8,19})\.(jsonl|log)(\.zst)?$`)

// parseName reads a file's name; ok is false for a file that is no segment.
func parseName(name string) (s Segment, ok bool) {
	m := segmentName.FindStringSubmatch(name)
	if m == nil {
		return s, false
	}
	start, err := time.Parse(startLayout, m[1])
	if err != nil {
		return s, false
	}
	sequence, err := strconv.ParseUint(m[2], 10, 64)
	if err != nil {
		return s, false
	}
	return Segment{Start: start, Sequence: sequence, Ext: m[3], Sealed: m[4] != ""}, true
}

func extension(f record.Format) string {
	if f == record.JSON {
		return "jsonl"
	}
	return "log"
}

// file is the segment that is being written.
type file struct {
	f         *os.File
	sequence  uint64
	size      int64 // bytes of whole lines
	allocated int64 // of the disk, from its beginning; 0 where nothing was reserved
	opened    time.Time
	torn      bool // bytes of a broken line may stand behind size
	dirty     bool // written since it was brought to the disk
	full      bool // it goes on beyond its size, since no other could be begun
}

func create(s Segment, now time.Time) (*file, error) {
	f, err := os.OpenFile(s.plainPath(), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syncDir(s.Dir); err != nil {
		_ = f.Close()
		_ = os.Remove(s.plainPath())
		return nil, err
	}
	return &file{f: f, sequence: s.Sequence, opened: now}, nil
}

// write appends lines and returns how many bytes of whole lines are written. A
// broken line at the end of a short write is cut off, now or before the next.
func (w *file) write(lines []byte) (int, error) {
	if w.torn {
		if err := w.f.Truncate(w.size); err != nil {
			return 0, err
		}
		w.torn = false
	}
	w.dirty = true
	n, err := w.f.Write(lines)
	if err == nil {
		w.size += int64(n)
		return n, nil
	}
	whole := bytes.LastIndexByte(lines[:n], '\n') + 1
	w.size += int64(whole)
	if whole != n {
		w.torn = w.f.Truncate(w.size) != nil
	}
	return whole, err
}

// vanished reports whether the file was deleted under us.
func (w *file) vanished() bool {
	info, err := w.f.Stat()
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink == 0
}

// syncDir makes what was created, renamed or deleted in dir last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if cerr := d.Close(); err == nil {
		err = cerr
	}
	return err
}
