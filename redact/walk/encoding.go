package walk

import (
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// brotliLevel is of 0 to 11; encodeWindow is what the encoders remember, in bytes: what a
// body gains beyond is little beside what each connection would hold.
const (
	brotliLevel  = 4
	encodeWindow = 256 << 10
	brotliWindow = 18 // the same, as a power of 2
)

// encoder is a compressing writer.
type encoder interface {
	io.WriteCloser
	Flush() error
}

// encoding puts the codings back on that were taken off a body.
type encoding struct {
	encoders []encoder // the one that content goes into is the last
}

// sender writes to a func.
type sender func([]byte)

func (s sender) Write(p []byte) (int, error) {
	s(p)
	return len(p), nil
}

// newEncoding makes the encoders of layers, which are in the order in which they were taken off.
func newEncoding(layers []layer, send func([]byte)) *encoding {
	e := &encoding{}
	var w io.Writer = sender(send)
	for i := range layers {
		next := layers[i].encoder(w)
		e.encoders = append(e.encoders, next)
		w = next
	}
	return e
}

// The errors of the constructors are of options, which are constant here.
func (l *layer) encoder(w io.Writer) encoder {
	switch l.coding {
	case gzipped:
		return gzip.NewWriter(w)
	case zstandard:
		e, _ := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(encodeWindow))
		return e
	case brotlied:
		return brotli.NewWriterOptions(w, brotli.WriterOptions{Quality: brotliLevel, LGWin: brotliWindow})
	}
	if l.bare {
		e, _ := flate.NewWriter(w, flate.DefaultCompression)
		return e
	}
	return zlib.NewWriter(w)
}

func (e *encoding) write(p []byte) { _, _ = e.encoders[len(e.encoders)-1].Write(p) }

// flush has what was written so far reach the other side.
func (e *encoding) flush() {
	if e == nil {
		return
	}
	for i := len(e.encoders) - 1; i >= 0; i-- {
		_ = e.encoders[i].Flush()
	}
}

func (e *encoding) close() {
	for i := len(e.encoders) - 1; i >= 0; i-- {
		_ = e.encoders[i].Close()
	}
}
