package walk

import (
	"bytes"
	"errors"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// unpacking takes a coding off the messages of one body. It has one decoder for all:
// to make one costs far more than a small message does.
type unpacking struct {
	coding   coding
	bare     bool // the last message was deflate without zlib's frame
	source   bytes.Reader
	gzip     gzip.Reader
	zlib     io.ReadCloser
	flate    io.ReadCloser
	brotli   *brotli.Reader
	standard *zstd.Decoder
	text     holding // of the last message
	roomy    bool    // there was room for the decoder
}

// firstText is what the text of a message is first given, in bytes.
const firstText = 8 << 10

// open takes the coding off body. allow is asked of the text's length as it grows; no more than
// most bytes of it are held. The text is valid until the next call.
func (u *unpacking) open(body []byte, most int, allow func(given int64) error) ([]byte, error) {
	if err := u.ready(); err != nil {
		return nil, err
	}
	if u.text.empty(); cap(u.text.bytes) == 0 {
		u.text.grow(firstText)
	}
	if u.coding == zstandard {
		return u.frames(body, most, allow)
	}
	u.source.Reset(body)
	r, err := u.reader(body)
	for err == nil {
		if len(u.text.bytes) == cap(u.text.bytes) {
			if err = u.grow(most); err != nil {
				return nil, err
			}
		}
		var n int
		n, err = r.Read(u.text.bytes[len(u.text.bytes):cap(u.text.bytes)])
		u.text.bytes = u.text.bytes[:len(u.text.bytes)+n]
		if over := allow(int64(len(u.text.bytes))); over != nil {
			return nil, over
		}
	}
	switch {
	case err != io.EOF:
		return nil, err
	case u.source.Len() > 0:
		return nil, errTrailing
	}
	return u.text.bytes, nil
}

// What a decoder holds, in bytes: brotli's has a window beside the text.
const (
	decoderSize   = 64 << 10
	brotliLargest = 16 << 20
)

// ready takes room for the decoder, once.
func (u *unpacking) ready() error {
	size := int64(decoderSize)
	if u.coding == brotlied {
		size += brotliLargest
	}
	if !u.roomy && u.text.room != nil && !u.text.room.Take(size) {
		return errBusy
	}
	u.roomy = true
	return nil
}

// grow makes more room for the text. One byte beyond the most tells that there is more.
func (u *unpacking) grow(most int) error {
	if !u.text.grow(min(2*cap(u.text.bytes), most+1)) {
		return errBusy
	}
	return nil
}

func (u *unpacking) reader(body []byte) (r io.Reader, err error) {
	if len(body) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	switch u.coding {
	case gzipped:
		return &u.gzip, u.gzip.Reset(&u.source)
	case brotlied:
		if u.brotli == nil {
			u.brotli = &brotli.Reader{}
		}
		return u.brotli, u.brotli.Reset(&u.source)
	}
	if u.bare = !framedByZlib(body); u.bare {
		if u.flate == nil {
			u.flate = flate.NewReader(&u.source)
			return u.flate, nil
		}
		return u.flate, u.flate.(flate.Resetter).Reset(&u.source, nil)
	}
	if u.zlib == nil {
		u.zlib, err = zlib.NewReader(&u.source)
		return u.zlib, err
	}
	return u.zlib, u.zlib.(zlib.Resetter).Reset(&u.source, nil)
}

// frames takes zstd off. What is decoded at once needs no memory for its window, whatever
// that is: the text is the window.
func (u *unpacking) frames(body []byte, most int, allow func(given int64) error) ([]byte, error) {
	if u.standard == nil {
		var err error
		u.standard, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(window), zstd.WithDecoderMaxMemory(window), zstd.WithDecodeAllCapLimit(true))
		if err != nil {
			return nil, err
		}
	}
	for {
		text, err := u.standard.DecodeAll(body, u.text.bytes[:0])
		switch {
		case err == nil:
			return text, allow(int64(len(text)))
		// What does not fit is told in several ways. What is broken ends the walk, and
		// is tried no more than a few times.
		case errors.Is(err, zstd.ErrWindowSizeExceeded), cap(u.text.bytes) > most:
			return nil, err
		}
		if err := allow(int64(cap(u.text.bytes))); err != nil {
			return nil, err
		}
		if err := u.grow(most); err != nil {
			return nil, err
		}
	}
}

// framedByZlib tells zlib's frame from a bare stream; see layer.inflate.
func framedByZlib(head []byte) bool {
	return len(head) > 1 && head[0]&0x0F == 8 && (int(head[0])<<8|int(head[1]))%31 == 0
}
