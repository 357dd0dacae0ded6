package accesslog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
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
		f, sealed, err := s.open()
		if errors.Is(err, fs.ErrNotExist) {
			return // its time was over since it was listed
		}
		if err != nil {
			yield(nil, fmt.Errorf("segment cannot be read: %w", err))
			return
		}
		defer func() { _ = f.Close() }() // it was only read
		r := &reading{segment: s, yield: yield}
		if sealed {
			r.sealed(f)
		} else {
			r.plain(f)
		}
	}
}

// reading is a segment on its way to who asked for its lines.
type reading struct {
	segment Segment
	yield   func([]byte, error) bool
	offset  int64 // of the next line
	damages int
}

// damage names what is wrong at the next line, and reports whether to go on.
func (r *reading) damage(what string) bool {
	r.damages++
	if r.damages > maxDamages {
		what = "too much of it is damaged to go on"
	}
	return r.yield(nil, &Damage{r.segment.Path(), r.offset, what}) && r.damages <= maxDamages
}

// plain reads lines as they stand there, to the end of in, and reports whether
// to go on.
func (r *reading) plain(in io.Reader) bool {
	bounded := &io.LimitedReader{R: in, N: maxSegment - r.offset + 1}
	lines := newLines(bounded)
	for lines.Scan() {
		line := lines.Bytes()
		size := int64(len(line)) + 1
		ok := whole(line, r.segment.Ext)
		if ok && !r.yield(line, nil) || !ok && !r.damage("a line is not whole") {
			return false
		}
		r.offset += size
	}
	err := lines.Err()
	switch {
	case bounded.N <= 0:
		r.damage("it holds more than a segment can")
		return false
	case err == nil, errors.Is(err, errTorn) && r.segment.Open:
		return true
	case errors.Is(err, errTorn):
		return r.damage("the last line is broken off")
	case errors.Is(err, bufio.ErrTooLong):
		return r.damage("a line has no end")
	}
	return r.damage("it cannot be read")
}

// sealed reads the lines of each frame that is as it was written.
func (r *reading) sealed(in io.Reader) {
	f, err := newFrames(in)
	if err != nil {
		r.yield(nil, fmt.Errorf("segment cannot be read: %w", err))
		return
	}
	defer f.dec.Close()
	for {
		text, err := f.next()
		switch {
		case err == io.EOF:
			return
		case errors.Is(err, errFrame):
			if !r.damage("it does not decompress") {
				return
			}
		case err != nil:
			r.damage("it cannot be read")
			return
		case !r.plain(bytes.NewReader(text)):
			return
		}
	}
}

// open opens the file, sealed or not, also when it is sealed meanwhile.
func (s Segment) open() (f *os.File, sealed bool, err error) {
	if !s.Sealed {
		f, err := os.Open(s.plainPath())
		if !errors.Is(err, fs.ErrNotExist) {
			return f, false, err
		}
	}
	f, err = os.Open(s.plainPath() + sealedSuffix)
	return f, true, err
}
