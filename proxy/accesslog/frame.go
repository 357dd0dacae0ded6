package accesslog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// chunkSize is how many bytes of lines a frame of a sealed segment holds, at most
// a long line. Each has a checksum of its own, so that damage costs one of them.
const chunkSize = 256 << 10

// The bounds of one frame hold against a file that was made to harm.
const (
	maxChunk = 2 * MaxLine
	maxFrame = maxChunk + maxChunk/128 + 1024 // compressed; what does not compress grows a little
)

const (
	frameMagic    = 0xFD2FB528
	skippableMask = 0xFFFFFFF0
	skippableBase = 0x184D2A50
)

var errFrame = errors.New("no whole frame")

// frameSize is the length of the zstd frame that b begins with, by the lengths
// of its blocks (RFC 8878 section 3.1.1). Nothing is decompressed.
func frameSize(b []byte) (int, error) {
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != frameMagic {
		return 0, errFrame
	}
	descriptor := b[4]
	at := 5
	single := descriptor&0x20 != 0
	if !single {
		at++ // the window
	}
	at += [4]int{0, 1, 2, 4}[descriptor&3] // the dictionary
	switch size := descriptor >> 6; {
	case size > 0:
		at += 1 << size
	case single:
		at++
	}
	for last := false; !last; {
		if at+3 > len(b) {
			return 0, errFrame
		}
		header := int(b[at]) | int(b[at+1])<<8 | int(b[at+2])<<16
		last = header&1 != 0
		switch size := header >> 3; header >> 1 & 3 {
		case 0, 2:
			at += 3 + size
		case 1:
			at += 4 // one byte, so many times
		default:
			return 0, errFrame
		}
	}
	if descriptor&4 != 0 {
		at += 4
	}
	if at > len(b) {
		return 0, errFrame
	}
	return at, nil
}

// frames reads the frames of a sealed segment one after the other.
type frames struct {
	in     io.Reader
	dec    *zstd.Decoder
	buf    []byte // read and not passed yet
	eof    bool
	text   []byte
	passed bool // what was damaged before text
}

func newFrames(in io.Reader) (*frames, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderMaxMemory(maxChunk))
	if err != nil {
		return nil, err
	}
	return &frames{in: in, dec: dec}, nil
}

// fill reads until n bytes are there or the file ends.
func (f *frames) fill(n int) error {
	had := len(f.buf)
	if had >= n || f.eof {
		return nil
	}
	f.buf = append(f.buf, make([]byte, n-had)...)
	got, err := io.ReadFull(f.in, f.buf[had:])
	f.buf = f.buf[:had+got]
	if f.eof = err == io.EOF || err == io.ErrUnexpectedEOF; f.eof {
		return nil
	}
	return err
}

// next returns the lines of the next frame, valid until the one after it. io.EOF
// is the end; errFrame says that something stood there which is no frame, behind
// which next goes on with what is one.
func (f *frames) next() ([]byte, error) {
	if f.passed {
		f.passed = false
		return f.text, nil
	}
	damaged := false
	for {
		if err := f.fill(maxFrame); err != nil {
			return nil, err
		}
		switch n := skippable(f.buf); {
		case n > 0:
			f.buf = f.buf[n:]
			continue
		case len(f.buf) == 0 && damaged:
			return nil, errFrame
		case len(f.buf) == 0:
			return nil, io.EOF
		}
		n, err := frameSize(f.buf)
		if err == nil {
			f.text, err = f.dec.DecodeAll(f.buf[:n], f.text[:0])
		}
		if err != nil {
			damaged = true
			f.resume()
			continue
		}
		f.buf = f.buf[n:]
		if damaged {
			f.passed = true
			return nil, errFrame
		}
		return f.text, nil
	}
}

// skippable is the length of the skippable frame that b begins with, 0 where
// there is none that is whole.
func skippable(b []byte) int {
	if len(b) < 8 || binary.LittleEndian.Uint32(b)&skippableMask != skippableBase {
		return 0
	}
	if n := binary.LittleEndian.Uint32(b[4:]); int64(n) <= int64(len(b)-8) {
		return 8 + int(n)
	}
	return 0
}

// resume passes to where the next frame may begin.
func (f *frames) resume() {
	magic := binary.LittleEndian.AppendUint32(nil, frameMagic)
	f.buf = f.buf[1:]
	for {
		if at := bytes.Index(f.buf, magic); at >= 0 {
			f.buf = f.buf[at:]
			return
		}
		f.buf = f.buf[max(0, len(f.buf)-len(magic)+1):]
		if f.eof {
			f.buf = nil
			return
		}
		if f.fill(maxFrame) != nil {
			return // next tells why
		}
	}
}
