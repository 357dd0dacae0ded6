package http1

import (
	"net"

	"weir/redact/raw"
)

// piece is how much is written under one deadline.
const piece = 64 << 10

// output is the writing half of a connection. Like the reading one it holds a
// buffer only while that holds bytes.
type output struct {
	buf *buffer
	n   int
	err error // the first one; nothing is written after it

	framing raw.Framing
	left    int64 // of a length
	none    bool  // no body may follow this head
	open    bool  // a head was written and not finished

	// Of the write under way. try is conn.tryWrite, bound once.
	try    func(uintptr) bool
	src    []byte
	armed  bool
	failed error

	scratch [20]byte
	parts   [3][]byte
	vector  net.Buffers
}

func (o *output) release() {
	o.n = 0
	if o.buf != nil {
		buffers.Put(o.buf)
		o.buf = nil
	}
}

// room is how much more the buffer takes.
func (o *output) room() int { return bufferSize - o.n }

func (c *conn) put(p []byte) {
	o := &c.out
	for {
		if o.buf == nil {
			o.buf = buffers.Get().(*buffer)
		}
		k := copy(o.buf[o.n:], p)
		o.n += k
		if p = p[k:]; len(p) == 0 || c.flush() != nil {
			return
		}
	}
}

func (c *conn) putString(s string) {
	o := &c.out
	for {
		if o.buf == nil {
			o.buf = buffers.Get().(*buffer)
		}
		k := copy(o.buf[o.n:], s)
		o.n += k
		if s = s[k:]; len(s) == 0 || c.flush() != nil {
			return
		}
	}
}

// flush writes what is buffered.
func (c *conn) flush() error {
	o := &c.out
	if o.err == nil && o.n > 0 {
		c.write(o.buf[:o.n])
	}
	o.release()
	return o.err
}

// write writes p in pieces, each of which must be taken in time.
func (c *conn) write(p []byte) {
	for len(p) > 0 && c.out.err == nil {
		k := min(len(p), piece)
		if c.clear {
			c.push(p[:k])
		} else {
			c.armWrite()
			_, err := c.nc.Write(p[:k])
			c.wroteSome(err, true)
		}
		p = p[k:]
	}
}

// push writes p to the socket itself.
func (c *conn) push(p []byte) {
	o := &c.out
	o.src, o.armed, o.failed = p, false, nil
	err := c.sock.Write(o.try)
	o.src = nil
	if err == nil {
		err = o.failed
	}
	c.wroteSome(err, o.armed)
}

// wroteSome settles one write, which had a deadline if it was armed.
func (c *conn) wroteSome(err error, armed bool) {
	late := armed && c.writeBy.Swap(0) == 0
	c.wrote.Store(c.sw.clock.Load())
	if err != nil {
		c.out.err = safe(err)
	} else if late {
		c.out.err = timeout{}
	}
}

// writeParts writes the buffer, p and tail, in one system call where it can.
func (c *conn) writeParts(p []byte, tail []byte) error {
	o := &c.out
	tcp, ok := c.base.(*net.TCPConn)
	if !ok || !c.clear || len(p) > piece {
		// Fill the buffer first: under TLS that makes fewer records.
		if o.n > 0 {
			k := min(o.room(), len(p))
			c.put(p[:k])
			p = p[k:]
			if len(p) > 0 || o.room() == 0 {
				_ = c.flush()
			}
		}
		if len(p) >= bufferSize {
			c.write(p)
		} else {
			c.put(p)
		}
		c.put(tail)
		return o.err
	}
	if o.err != nil {
		return o.err
	}
	parts := o.parts[:0]
	if o.n > 0 {
		parts = append(parts, o.buf[:o.n])
	}
	parts = append(parts, p)
	if len(tail) > 0 {
		parts = append(parts, tail)
	}
	o.vector = parts
	c.armWrite()
	_, err := o.vector.WriteTo(tcp)
	c.wroteSome(err, true)
	o.parts, o.vector = [3][]byte{}, nil
	o.release()
	return o.err
}

var crlf = []byte("\r\n")

// writeBody sends payload in the framing of the head before it.
func (c *conn) writeBody(p []byte) error {
	o := &c.out
	if len(p) == 0 || o.err != nil {
		return o.err
	}
	switch {
	case !o.open:
		return errState
	case o.none:
		return errBodyLong
	case o.framing == raw.Chunked:
		size := appendHex(o.scratch[:0], len(p))
		size = append(size, '\r', '\n')
		c.put(size)
		if o.room() >= len(p)+2 {
			c.put(p)
			c.put(crlf)
			return o.err
		}
		return c.writeParts(p, crlf)
	case o.framing == raw.Length:
		if o.left -= int64(len(p)); o.left < 0 {
			return errBodyLong
		}
	}
	if o.room() >= len(p) {
		c.put(p)
		return o.err
	}
	return c.writeParts(p, nil)
}

// finish sends what ends the body, trailers included, and flushes.
func (c *conn) finish(trailer *raw.Head) error {
	o := &c.out
	if !o.open {
		return errState
	}
	if o.err == nil && o.framing == raw.Length && !o.none && o.left != 0 {
		return errBodyShort
	}
	if o.framing == raw.Chunked && !o.none {
		c.putString("0\r\n")
		if trailer != nil {
			for _, p := range trailer.Header {
				name, v := trailer.From.Peek(p.Name), trailer.From.Peek(p.Value)
				if !all(name, isToken) || value(v) != 0 {
					return errFieldLine
				}
				if !forbiddenInTrailer(name) { // RFC 9110 section 6.5.2: may be left out
					c.putField(name, v)
				}
			}
		}
		c.put(crlf)
	}
	o.open = false
	return c.flush()
}

func (c *conn) putField(name, v []byte) {
	c.put(name)
	c.putString(": ")
	c.put(v)
	c.put(crlf)
}

func appendHex(b []byte, n int) []byte {
	const hex = "0123456789abcdef"
	shift := 0
	for n>>shift > 15 {
		shift += 4
	}
	for ; shift >= 0; shift -= 4 {
		b = append(b, hex[n>>shift&15])
	}
	return b
}
