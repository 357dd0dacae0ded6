package accesslog

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"
)

// whole reports whether line, without its line feed, is one that was written whole.
func whole(line []byte, ext string) bool {
	if ext == "jsonl" {
		return len(line) > 0 && line[0] == '{' && json.Valid(line)
	}
	for _, c := range line {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return len(line) > 0
}

const (
	jsonTime   = `{"time":"`
	commonTime = "02/Jan/2006:15:04:05 -0700"
)

// lineTime reads the time of a line.
func lineTime(line []byte, ext string) (int64, bool) {
	if ext == "jsonl" {
		rest, ok := bytes.CutPrefix(line, []byte(jsonTime))
		end := bytes.IndexByte(rest, '"')
		if !ok || end < 0 || end > 40 {
			return 0, false
		}
		t, err := time.Parse(time.RFC3339, string(rest[:end]))
		return t.UnixNano(), err == nil
	}
	start := bytes.IndexByte(line, '[') + 1
	end := start + len(commonTime)
	if start == 0 || end > len(line) {
		return 0, false
	}
	t, err := time.Parse(commonTime, string(line[start:end]))
	return t.UnixNano(), err == nil
}

var errTorn = errors.New("the last line is broken off")

// newLines splits r into lines without their line feeds. Its error is errTorn
// where the last one has none, bufio.ErrTooLong beyond MaxLine.
func newLines(r io.Reader) *bufio.Scanner {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), MaxLine+1)
	s.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			return i + 1, data[:i], nil
		}
		if atEOF && len(data) > 0 {
			return 0, nil, errTorn
		}
		return 0, nil, nil
	})
	return s
}

// tally counts what lines passed it.
type tally struct {
	times   span
	entries int64
	size    int64
}

func (t *tally) add(line []byte, ext string) {
	t.entries++
	t.size += int64(len(line)) + 1
	if n, ok := lineTime(line, ext); ok {
		t.times = t.times.with(span{n, n})
	}
}

// measure reads the lines of r up to their end or to damage, which is no error.
func measure(r io.Reader, ext string) (tally, error) {
	t := tally{times: noSpan}
	lines := newLines(r)
	for lines.Scan() {
		t.add(lines.Bytes(), ext)
	}
	if err := lines.Err(); err != nil && !errors.Is(err, errTorn) && !errors.Is(err, bufio.ErrTooLong) {
		return t, err
	}
	return t, nil
}

// repair cuts the tail of a plain segment off behind its last whole line, and
// returns how many bytes that were.
func repair(path, ext string) (cut int64, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	end, err := lastWhole(f, info.Size(), ext)
	if err != nil {
		return 0, err
	}
	if end == info.Size() {
		return 0, nil
	}
	if err := f.Truncate(end); err != nil {
		return 0, err
	}
	return info.Size() - end, f.Sync()
}

// lastWhole is where the last whole line of the first size bytes of f ends.
func lastWhole(f io.ReaderAt, size int64, ext string) (end int64, err error) {
	buf := make([]byte, 64<<10)
	for end = size; end > 0; {
		window := buf[:min(end, int64(len(buf)))]
		from := end - int64(len(window))
		if _, err := f.ReadAt(window, from); err != nil {
			return 0, err
		}
		for len(window) > 0 {
			line, ended := bytes.CutSuffix(window, []byte{'\n'})
			at := bytes.LastIndexByte(line, '\n') + 1
			if at == 0 && from > 0 {
				break // it begins before the window
			}
			if line = line[at:]; ended && len(line) < MaxLine && whole(line, ext) {
				return from + int64(len(window)), nil
			}
			window = window[:at]
		}
		switch {
		case from+int64(len(window)) < end:
			end = from + int64(len(window))
		case len(window) > MaxLine:
			end = from // longer than any line
		default:
			buf = make([]byte, 2*len(buf))
		}
	}
	return 0, nil
}
