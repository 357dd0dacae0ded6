package http1

import (
	"io"

	"weir/redact/raw"
)

// body is the reading of one message's body. Bytes are counted in the message,
// trailers go to it; the body itself goes nowhere else.
type body struct {
	c       *conn
	m       *raw.Message
	framing raw.Framing
	left    int64 // of the length, or of the chunk
	chunk   chunkState
	digits  int
	extra   int // bytes of chunk extensions
	trailer head
	done    bool
	err     error
}

func (b *body) begin(c *conn, m *raw.Message) {
	b.c, b.m, b.framing, b.left = c, m, m.Framing, 0
	b.chunk, b.digits, b.extra, b.err = chunkSize, 0, 0, nil
	if m.Framing == raw.Length {
		b.left = m.ContentLength
	}
	b.done = m.Framing == raw.NoBody || m.Framing == raw.Length && b.left == 0
}

// read reads payload; io.EOF is its clean end. Every other error is final.
func (b *body) read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.done {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	var n int
	var err error
	switch b.framing {
	case raw.Chunked:
		n, err = b.readChunked(p)
	case raw.UntilClose:
		if n, err = b.some(p); err == io.EOF && !b.c.cut() {
			b.done = true
			return 0, io.EOF
		}
	default:
		n, err = b.some(p[:min(int64(len(p)), b.left)])
		b.left -= int64(n)
		b.done = err == nil && b.left == 0
	}
	b.m.BodyBytes += int64(n)
	if err == io.EOF && !b.done {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// some reads what is buffered, else what comes next: past the buffer where p is
// worth a system call of its own.
func (b *body) some(p []byte) (int, error) {
	in := &b.c.in
	if in.buffered() == 0 {
		by := b.c.sw.due(b.c.lim.Read, phaseBody)
		if len(p) >= 4<<10 {
			return b.c.read(p, by)
		}
		if err := b.c.fill(by); err != nil {
			return 0, err
		}
	}
	n := copy(p, in.window())
	in.advance(n)
	return n, nil
}

// discard reads up to limit bytes of payload to nowhere and reports whether the
// body ended there.
func (b *body) discard(limit int) bool {
	if b.done {
		return true
	}
	if b.framing == raw.Length && b.left > int64(limit) {
		return false
	}
	scrap := buffers.Get().(*buffer)
	defer buffers.Put(scrap)
	for limit > 0 {
		n, err := b.read(scrap[:min(limit, bufferSize)])
		if err == io.EOF || b.done {
			return true
		}
		if err != nil {
			return false
		}
		limit -= n
	}
	return false
}
