package accesslog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/klauspost/compress/zstd"
)

const (
	footerMagic = 0x184D2A5E // a skippable frame
	footerSize  = 48
	footerName  = "weirseg1"
	windowSize  = chunkSize
)

var errStopped = errors.New("the log is being closed")

// compress seals a segment. Whatever interrupts it, one whole file is there: the
// plain one is deleted only when the sealed one is on the disk under its name.
func compress(s Segment, stopping func() bool) (tally, error) {
	t := tally{times: noSpan}
	in, err := os.Open(s.plainPath())
	if err != nil {
		return t, err
	}
	defer func() { _ = in.Close() }() // it was only read
	final := s.plainPath() + sealedSuffix
	temp := final + tempSuffix
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return t, err
	}
	out, err := os.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return t, err
	}
	t, err = compressTo(out, in, s, stopping)
	if err == nil {
		err = out.Sync()
	}
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(temp, final)
	}
	if err != nil {
		_ = os.Remove(temp) // the first error is the one to tell
		return t, err
	}
	if err := syncDir(s.Dir); err != nil {
		return t, err
	}
	if err := os.Remove(s.plainPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return t, err
	}
	return t, nil // also where somebody else deleted it: the sealed one is there
}

// compressTo copies all of in, whatever its lines are like, and counts them. When
// they are of is known since they were written, or found at start.
func compressTo(out io.Writer, in io.Reader, s Segment, stopping func() bool) (tally, error) {
	t := tally{times: s.times}
	// The quickest way that zstd has takes half the time of the next one, which for a
	// long line is as much as all of redact; lines are so alike that none makes them smaller.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(windowSize), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return t, err
	}
	defer func() { _ = enc.Close() }() // it writes nowhere
	var frame []byte
	for chunks := newChunks(&paced{r: in, stopping: stopping}); ; {
		chunk, err := chunks.next()
		if err != nil && err != io.EOF {
			return t, err
		}
		if len(chunk) == 0 {
			break
		}
		t.size += int64(len(chunk))
		t.entries += int64(bytes.Count(chunk, []byte{'\n'}))
		frame = enc.EncodeAll(chunk, frame[:0])
		if _, err := out.Write(frame); err != nil {
			return t, err
		}
	}
	_, err = out.Write(t.footer())
	return t, err
}

// chunks divides a segment into what is compressed together: whole lines, as far
// as there are any.
type chunks struct {
	in   io.Reader
	buf  []byte
	used int // bytes of buf that were given out
}

func newChunks(in io.Reader) *chunks { return &chunks{in: in, buf: make([]byte, 0, chunkSize)} }

// next is empty at the end.
func (c *chunks) next() ([]byte, error) {
	c.buf = c.buf[:copy(c.buf, c.buf[c.used:])]
	for {
		rest := len(c.buf)
		n, err := io.ReadFull(c.in, c.buf[rest:cap(c.buf)])
		c.buf = c.buf[:rest+n]
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			c.used = len(c.buf)
			return c.buf, io.EOF
		}
		if err != nil {
			return nil, err
		}
		if c.used = bytes.LastIndexByte(c.buf, '\n') + 1; c.used > 0 {
			return c.buf[:c.used], nil
		}
		if c.used = len(c.buf); c.used >= MaxLine { // no line of ours
			return c.buf, nil
		}
		c.buf = slices.Grow(c.buf, len(c.buf))
	}
}

// footer is the skippable frame that ends a sealed segment.
func (t tally) footer() []byte {
	b := make([]byte, 0, footerSize)
	b = binary.LittleEndian.AppendUint32(b, footerMagic)
	b = binary.LittleEndian.AppendUint32(b, footerSize-8)
	b = append(b, footerName...)
	for _, n := range []int64{t.size, t.entries, t.times.first, t.times.last} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	return b
}

// readFooter reads the end of a sealed segment; ok is false where that is not whole.
func readFooter(path string) (t tally, ok bool) {
	f, err := os.Open(path)
	if err != nil {
		return t, false
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil || info.Size() < footerSize {
		return t, false
	}
	var b [footerSize]byte
	if _, err := f.ReadAt(b[:], info.Size()-footerSize); err != nil {
		return t, false
	}
	number := func(at int) int64 { return int64(binary.LittleEndian.Uint64(b[at:])) }
	if binary.LittleEndian.Uint32(b[0:]) != footerMagic || binary.LittleEndian.Uint32(b[4:]) != footerSize-8 || string(b[8:16]) != footerName {
		return t, false
	}
	t = tally{size: number(16), entries: number(24), times: span{number(32), number(40)}}
	return t, t.size >= 0 && t.entries >= 0 && !t.times.empty()
}
