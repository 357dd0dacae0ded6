package http1

import "io"

// chunkState is where in a chunked body (RFC 9112 section 7.1) the next byte is.
type chunkState uint8

const (
	chunkSize chunkState = iota
	chunkExtension
	chunkLineEnd // LF of the size line
	chunkData
	chunkDataCR
	chunkDataLF
	chunkTrailer
)

// readChunked reads payload of the current chunk. Once some was read it doesn't
// wait for more, so chunks pass as they come; but it goes on over framing that
// is already there, so that the end of a body is known with its last byte.
func (b *body) readChunked(p []byte) (n int, err error) {
	in := &b.c.in
	for {
		if b.chunk == chunkData && b.left > 0 {
			if n == len(p) || n > 0 && in.buffered() == 0 {
				return n, nil
			}
			k, err := b.some(p[n:min(int64(len(p)), int64(n)+b.left)])
			n += k
			b.left -= int64(k)
			if err != nil {
				return n, unexpected(err)
			}
			if b.left == 0 {
				b.chunk = chunkDataCR
			}
			continue
		}
		if in.buffered() == 0 {
			if n > 0 {
				return n, nil
			}
			if err := b.c.fill(b.c.sw.due(b.c.lim.Read, phaseBody)); err != nil {
				return n, unexpected(err)
			}
		}
		if b.chunk == chunkTrailer {
			done, err := b.readTrailer()
			if done {
				b.done = true
				if n == 0 {
					err = io.EOF
				}
			}
			if done || err != nil {
				return n, err
			}
			continue
		}
		k, why := b.takeSizeLine(in.window())
		in.advance(k)
		if why != 0 {
			return n, why.framing()
		}
	}
}

// takeSizeLine takes framing bytes up to the next payload or trailer.
func (b *body) takeSizeLine(win []byte) (n int, why reason) {
	for n < len(win) {
		c := win[n]
		n++
		switch b.chunk {
		case chunkDataCR:
			if c != '\r' {
				return n, missingChunkEnd
			}
			b.chunk = chunkDataLF
		case chunkDataLF:
			if c != '\n' {
				return n, missingChunkEnd
			}
			b.chunk = chunkSize
		case chunkSize:
			switch {
			case chars[c]&isHex != 0:
				// 15 digits can't overflow; nobody sends 2^60 bytes.
				if b.digits++; b.digits > 15 {
					return n, badChunkSize
				}
				b.left = b.left<<4 | int64(unhex(c))
			case b.digits == 0:
				return n, badChunkSize
			case c == ';':
				b.chunk = chunkExtension
			case c == '\r':
				b.chunk = chunkLineEnd
			default:
				return n, badChunkSize
			}
		case chunkExtension:
			if b.extra++; b.extra > b.c.lim.ChunkExtensionBytes {
				return n, chunkExtensionTooLarge
			}
			if c == '\r' {
				b.chunk = chunkLineEnd
			} else if chars[c]&isValue == 0 {
				return n, badChunkExtension
			}
		case chunkLineEnd:
			if c != '\n' {
				return n, badChunkSize
			}
			b.digits = 0
			if b.left > 0 {
				b.chunk = chunkData
				return n, 0
			}
			b.chunk = chunkTrailer
			b.trailer.reset(b.c.lim, b.m, false)
			b.trailer.trailer = true
			return n, 0
		}
	}
	return n, 0
}

// readTrailer takes what is buffered of the trailer section.
func (b *body) readTrailer() (done bool, err error) {
	n, done, why := b.trailer.feed(b.c.in.window())
	b.c.in.advance(n)
	switch why {
	case 0:
		return done, nil
	case forbiddenTrailer, trailerTooLarge, bareCR, bareLF, lineFolding, spaceBeforeColon:
		return false, why.framing()
	}
	return false, badTrailer.framing()
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
