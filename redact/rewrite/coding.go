package rewrite

import (
	"bufio"
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Coding is how a log is compressed.
type Coding uint8

const (
	Plain Coding = iota
	Gzip         // RFC 1952, of one member or several
	Zstd         // RFC 8878
)

// maxWindow is the most memory that a zstd stream may ask for, in bytes: what
// zstd --long asks for.
const maxWindow = 128 << 20

// Decoded reads a log as it was before it was compressed, which is seen by its
// first bytes.
func Decoded(in io.Reader) (plain io.Reader, coding Coding, err error) {
	b := bufio.NewReaderSize(in, 64<<10)
	head, _ := b.Peek(4) // what is shorter is plain
	switch {
	case bytes.HasPrefix(head, []byte{0x1F, 0x8B}):
		z, err := gzip.NewReader(b)
		return z, Gzip, err
	case bytes.Equal(head, []byte{0x28, 0xB5, 0x2F, 0xFD}):
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(2*maxWindow))
		if err != nil {
			return nil, Zstd, err
		}
		return z.IOReadCloser(), Zstd, nil
	}
	return b, Plain, nil
}

// Encoded compresses what is written to it. Close ends the stream, and leaves out open.
func Encoded(out io.Writer, coding Coding) (io.WriteCloser, error) {
	switch coding {
	case Gzip:
		return gzip.NewWriter(out), nil
	case Zstd:
		return zstd.NewWriter(out, zstd.WithEncoderConcurrency(1))
	}
	return open{out}, nil
}

// open is a writer that Close does nothing to.
type open struct{ io.Writer }

func (open) Close() error { return nil }
