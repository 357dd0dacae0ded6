package walk

import (
	"bytes"
	"unicode/utf8"
)

// webTrailers is the first byte of the last frame of grpc-web, which holds what
// HTTP/2 has as trailers: fields in lines.
const webTrailers = 0x80

// newWebFramed makes the parser of gRPC as browsers send it
// (github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md): frames, in base64 where text is
// set. A trailer is named trailer and its own name.
func newWebFramed(o *outlet, text bool) parser {
	if !text {
		f := newFramed(o)
		f.web = true
		return f
	}
	c := newCarried(o, inBase64, true)
	f := newFramed(o)
	f.web = true
	c.inner = f
	return c
}

// trailers walks the lines of a last frame.
func (f *framed) trailers(block []byte) Reason {
	o := f.wire.o
	if !utf8.Valid(block) {
		return Broken
	}
	var out []byte
	before, why := o.enter([]byte("trailer"))
	for line := range bytes.Lines(block) {
		if why != Scanned {
			return why
		}
		text := bytes.TrimRight(line, "\r\n")
		name, value, found := bytes.Cut(text, []byte{':'})
		if !found || !isToken(name) {
			return Broken
		}
		value = bytes.Trim(value, " \t")
		var put []byte
		var change bool
		if put, change, why = o.below(bytes.ToLower(name), value); change {
			out = append(append(append(out, name...), ": "...), oneLine(put)...)
			out = append(out, line[len(text):]...)
			continue
		}
		out = append(out, line...)
	}
	if why != Scanned {
		return why
	}
	o.leave(before)
	f.emit(webTrailers, out)
	return Scanned
}
