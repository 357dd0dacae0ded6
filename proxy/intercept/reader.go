package intercept

import (
	"fmt"
	"io"
)

// MaxHello bounds a ClientHello, its handshake header included, in bytes.
// Browsers send about 2 KiB with a post-quantum key share.
const MaxHello = 16 << 10

// state is how far a reader has come.
type state uint8

const (
	reading   state = iota
	complete        // hello is what was sent
	notTLS          // no handshake record came first
	malformed       // TLS, but no ClientHello that can be read
)

// reader collects a ClientHello from the bytes of a connection, however these
// and the records are cut.
type reader struct {
	state  state
	hello  Hello
	header [5]byte // of the record under way
	have   int     // bytes of header
	left   int     // bytes of the record's payload still to come
	msg    []byte  // the handshake message so far
}

// feed takes the next bytes. What comes after the ClientHello is not looked at.
func (r *reader) feed(b []byte) state {
	for len(b) > 0 && r.state == reading {
		if r.left > 0 {
			n := min(r.left, len(b))
			r.msg = append(r.msg, b[:n]...)
			r.left -= n
			b = b[n:]
			r.message()
			continue
		}
		r.header[r.have] = b[0]
		r.have++
		b = b[1:]
		r.record()
	}
	if r.state != reading {
		r.msg = nil
	}
	return r.state
}

// record judges the header of a record as it comes (RFC 8446 section 5.1).
func (r *reader) record() {
	wrong := notTLS
	if len(r.msg) > 0 {
		wrong = malformed
	}
	switch r.have {
	case 1:
		if r.header[0] != 22 {
			r.state = wrong
		}
	case 2:
		if r.header[1] != 3 {
			r.state = wrong
		}
	case 5:
		r.have = 0
		r.left = int(r.header[3])<<8 | int(r.header[4])
		if r.left == 0 || r.left > 16<<10 {
			r.state = wrong
		}
	}
}

// message judges the handshake message as it comes.
func (r *reader) message() {
	if r.msg[0] != 1 {
		r.state = malformed
		return
	}
	if len(r.msg) < 4 {
		return
	}
	size := 4 + (int(r.msg[1])<<16 | int(r.msg[2])<<8 | int(r.msg[3]))
	switch {
	case size > MaxHello:
		r.state = malformed
	case len(r.msg) >= size:
		var ok bool
		if r.hello, ok = parseHello(r.msg[4:size]); ok {
			r.state = complete
		} else {
			r.state = malformed
		}
	}
}

// Format tells nothing of what was read.
func (r *reader) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, placeholder) }
