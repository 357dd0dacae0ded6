package walk

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"weir/redact/raw"
)

// coding is a content coding of RFC 9110 section 8.4.1, RFC 7932 or RFC 8878.
type coding uint8

const (
	gzipped coding = iota
	deflated
	zstandard
	brotlied
)

// maxCodings bounds how many stand upon each other.
const maxCodings = 3

// window is what a zstd frame may ask the decoder to remember: 8 MiB, the most
// that RFC 9659 lets a sender of the content coding ask. Brotli's own most
// is 16 MiB (RFC 7932 section 9.1), the others' 32 KiB.
const window = 8 << 20

// allowance is what may be decompressed before Limits.Ratio counts.
const allowance = 1 << 20

// codingsOf reads a Content-Encoding: the codings in the order in which they are
// taken off.
func codingsOf(list []byte) ([]coding, Reason) {
	var codings []coding
	for token := range bytes.SplitSeq(list, []byte{','}) {
		token = bytes.Trim(token, " \t")
		if len(token) == 0 || raw.EqualFold(token, "identity") {
			continue
		}
		c, known := codingOf(token)
		if !known || len(codings) == maxCodings {
			return nil, UnknownCoding
		}
		codings = append([]coding{c}, codings...)
	}
	return codings, Scanned
}

func codingOf(token []byte) (coding, bool) {
	switch {
	case raw.EqualFold(token, "gzip"), raw.EqualFold(token, "x-gzip"):
		return gzipped, true
	case raw.EqualFold(token, "deflate"):
		return deflated, true
	case raw.EqualFold(token, "zstd"):
		return zstandard, true
	case raw.EqualFold(token, "br"):
		return brotlied, true
	}
	return 0, false
}

// budget is what decompression is bounded by.
type budget interface {
	// allow is given how many bytes one layer has given so far.
	allow(given int64) error
}

var (
	errBomb     = errors.New("walk: decompressed to more than the limits allow")
	errTooLarge = errors.New("walk: larger than the limits allow")
	errBusy     = errors.New("walk: there is no room")
	errTrailing = errors.New("walk: bytes behind the end of a coding")
)

func (b *Body) allow(given int64) error { return b.outlet.limits.allow(given, b.received) }

func (l *Limits) allow(given, received int64) error {
	switch {
	case given > allowance && given/l.Ratio > received:
		return errBomb
	case given > l.Body:
		return errTooLarge
	}
	return nil
}

func reasonOf(err error) Reason {
	switch {
	case errors.Is(err, errBomb), errors.Is(err, zstd.ErrWindowSizeExceeded):
		return Bomb
	case errors.Is(err, errTooLarge), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return TooLarge
	case errors.Is(err, errBusy):
		return Busy
	}
	return Broken
}

// layer takes one coding off, counts what it gives, and ends only where the
// bytes below it do.
type layer struct {
	coding coding
	bare   bool // deflate without zlib's frame
	budget budget
	window uint64 // what zstd may be asked to remember, in bytes; 0: window
	below  *bufio.Reader
	r      io.Reader
	given  int64
	err    error
}

// openLayers makes one reader of all layers. Nothing is read yet.
func openLayers(layers []layer, r io.Reader) (io.Reader, error) {
	for i := range layers {
		l := &layers[i]
		below, buffered := r.(*bufio.Reader)
		if !buffered {
			below = bufio.NewReader(r)
		}
		l.below = below
		r = l
	}
	return r, nil
}

// Read reports the first error again: a decoder above may have hidden it.
func (l *layer) Read(p []byte) (n int, err error) {
	if l.err != nil {
		return 0, l.err
	}
	if l.r == nil {
		if l.err = l.open(); l.err != nil {
			return 0, l.err
		}
	}
	n, err = l.r.Read(p)
	if l.given += int64(n); n > 0 {
		if over := l.budget.allow(l.given); over != nil {
			l.err = over
			return 0, over
		}
	}
	if err == io.EOF {
		if _, below := l.below.Peek(1); below == nil {
			err = errTrailing
		} else if below != io.EOF {
			err = below
		}
	}
	l.err = err
	return n, err
}

func (l *layer) open() (err error) {
	switch l.coding {
	case gzipped:
		l.r, err = gzip.NewReader(l.below)
	case deflated:
		l.r, err = l.inflate()
	case brotlied:
		l.r = brotli.NewReader(l.below)
	case zstandard:
		l.r, err = zstd.NewReader(l.below, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(cmp.Or(l.window, window)), zstd.WithDecoderMaxMemory(window))
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// inflate tells zlib's frame (RFC 1950), which RFC 9110 means by deflate, from the
// bare stream (RFC 1951) that some send: no encoder begins one with bytes
// that pass for the frame.
func (l *layer) inflate() (io.Reader, error) {
	head, err := l.below.Peek(2)
	if err != nil {
		return nil, err
	}
	if framedByZlib(head) {
		return zlib.NewReader(l.below)
	}
	l.bare = true
	return flate.NewReader(l.below), nil
}
