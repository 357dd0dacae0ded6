package accesslog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"

	"github.com/klauspost/compress/zstd"
)

// maxSegment bounds the lines read from one segment in bytes: more than the
// largest MaxSize and the line that may exceed it. A sealed one that holds more
// was not made here.
const maxSegment = 1<<30 + MaxLine

// maxDamages bounds the damages told of one segment. One that is all of line
// feeds compresses to nothing.
const maxDamages = 100

// Damage is a place where a segment is not as it was written.
type Damage struct {
	Segment string // path
	Offset  int64  // into its lines, of the first that is not whole, in bytes
	What    string // from a closed list; nothing of the segment is quoted
}

func (d *Damage) Error() string {
	return fmt.Sprintf("%s: damaged at byte %d of its lines: %s", d.Segment, d.Offset, d.What)
}

// Segments lists the segments of every class below dir: by class, then in the
// order in which they were written. One that is just being sealed is listed once.
func Segments(dir string) ([]Segment, error) {
	names, err := listClasses(dir)
	if err != nil {
		return nil, err
	}
	var all []Segment
	for _, name := range names {
		found, _, err := listClass(dir, name)
		if err != nil {
			return nil, err
		}
		start := len(all)
		for _, s := range found {
			if n := len(all); n > start && all[n-1].Sequence == s.Sequence {
				continue // the plain one stands before it and holds the same
			}
			all = append(all, s)
		}
		if n := len(all); n > start && !all[n-1].Sealed {
			all[n-1].Open = true
		}
	}
	return all, nil
}

// Lines reads every line below dir, those of one class where class is not "",
// without their line feeds. A line is valid until the next. Damage is given as
// an error of type *Damage in the place where it stands; reading goes on behind
// it as far as lines can be told apart.
func Lines(dir, class string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		segments, err := Segments(dir)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, s := range segments {
			if class != "" && s.Class != class {
				continue
			}
			for line, err := range s.Lines() {
				if !yield(line, err) {
					return
				}
			}
		}
	}
}

// Lines reads the lines of one segment, as the function of the same name. A
// broken last line of an open segment is one that is still being written; it is
// left out and is no damage.
func (s Segment) Lines() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		r, err := s.open()
		if errors.Is(err, fs.ErrNotExist) {
			return // its time was over since it was listed
		}
		if err != nil {
			yield(nil, fmt.Errorf("segment cannot be read: %w", err))
			return
		}
		defer func() { _ = r.Close() }() // it was only read
		s.lines(r, yield)
	}
}

func (s Segment) lines(r io.Reader, yield func([]byte, error) bool) {
	bounded := &io.LimitedReader{R: r, N: maxSegment + 1}
	lines := newLines(bounded)
	var offset int64
	damages := 0
	for lines.Scan() {
		line := lines.Bytes()
		var err error
		if !whole(line, s.Ext) {
			err = &Damage{s.Path(), offset, "a line is not whole"}
		}
		offset += int64(len(line)) + 1
		if err != nil {
			line = nil
			damages++
		}
		if !yield(line, err) {
			return
		}
		if damages == maxDamages {
			yield(nil, &Damage{s.Path(), offset, "too much of it is damaged to go on"})
			return
		}
	}
	err := lines.Err()
	damage := &Damage{Segment: s.Path(), Offset: offset}
	switch {
	case bounded.N <= 0:
		damage.What = "it holds more than a segment can"
	case err == nil, errors.Is(err, errTorn) && s.Open:
		return
	case errors.Is(err, errTorn):
		damage.What = "the last line is broken off"
	case errors.Is(err, bufio.ErrTooLong):
		damage.What = "a line has no end"
	case s.Sealed:
		damage.What = "it does not decompress"
	default:
		damage.What = "it cannot be read"
	}
	yield(nil, damage)
}

// open opens the file, sealed or not, also when it is sealed meanwhile.
func (s Segment) open() (io.ReadCloser, error) {
	if !s.Sealed {
		f, err := os.Open(s.plainPath())
		if !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	f, err := os.Open(s.plainPath() + sealedSuffix)
	if err != nil {
		return nil, err
	}
	// The bounds hold against a file that was made to harm.
	dec, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderMaxMemory(maxSegment))
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &sealed{dec, f}, nil
}

// sealed reads a sealed segment.
type sealed struct {
	*zstd.Decoder
	f *os.File
}

func (s *sealed) Close() error {
	s.Decoder.Close()
	return s.f.Close()
}
