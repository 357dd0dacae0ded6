package walk

import (
	"bytes"
	"encoding/binary"

	"google.golang.org/protobuf/reflect/protoreflect"

	"weir/redact/raw"
)

// framed walks the messages of gRPC over HTTP/2: each behind a byte that says whether it is
// compressed and four of its length. One message is held at a time.
type framed struct {
	wire   wire
	of     protoreflect.MessageDescriptor
	coding coding
	coded  bool // messages may be compressed
	known  bool // in a way that is known
	web    bool // trailers stand in the body, as grpc-web has them
	held   holding
	open   unpacking
	sent   int64 // bytes of compressed messages
	given  int64 // bytes that they were before
}

const prefixSize = 5

func newFramed(o *outlet) *framed {
	c := o.config
	f := &framed{wire: wire{o: o}, of: c.Descriptors.method(c.Path, o.kind)}
	token := bytes.Trim(c.MessageEncoding, " \t")
	f.coded = len(token) > 0 && !raw.EqualFold(token, "identity")
	f.coding, f.known = codingOf(token)
	f.open.coding, f.open.text.room, f.held.room = f.coding, o.room, o.room
	o.flows = true
	return f
}

func (f *framed) write(p []byte) Reason {
	for len(p) > 0 {
		need := prefixSize
		if len(f.held.bytes) >= prefixSize {
			length := binary.BigEndian.Uint32(f.held.bytes[1:])
			if int64(length) > int64(f.wire.o.limits.Message) {
				return TooLarge
			}
			need += int(length)
		}
		n := min(need-len(f.held.bytes), len(p))
		if why := f.held.add(p[:n]); why != Scanned {
			return why
		}
		p = p[n:]
		if len(f.held.bytes) < prefixSize || len(f.held.bytes) < prefixSize+int(binary.BigEndian.Uint32(f.held.bytes[1:])) {
			continue
		}
		if why := f.frame(); why != Scanned {
			return why
		}
		f.held.empty()
		f.open.text.empty()
	}
	return Scanned
}

func (f *framed) close() Reason {
	if len(f.held.bytes) > 0 {
		return Broken
	}
	return Scanned
}

// frame walks the message that is held.
func (f *framed) frame() Reason {
	body, o := f.held.bytes[prefixSize:], f.wire.o
	flag := f.held.bytes[0]
	// One in which there is nothing costs too.
	if o.count++; o.count > o.limits.Values {
		return TooMany
	}
	switch {
	case f.web && flag == webTrailers:
		return f.trailers(body)
	case flag > 1, flag == 1 && !f.coded:
		return Broken
	case flag == 1 && !f.known:
		o.miss(UnknownCoding)
		o.emit(f.held.bytes)
		return Scanned
	}
	if flag == 1 {
		f.sent += int64(len(body))
		var why Reason
		if body, why = f.decode(body); why != Scanned {
			return why
		}
	}
	text, why := f.wire.whole(body, f.of)
	if why != Scanned || o.out == nil {
		return why
	}
	if flag == 1 {
		text = encode([]layer{{coding: f.coding, bare: f.open.bare}}, text)
	}
	f.emit(flag, text)
	return Scanned
}

func (f *framed) emit(flag byte, text []byte) {
	prefix := [prefixSize]byte{flag}
	binary.BigEndian.PutUint32(prefix[1:], uint32(len(text)))
	f.wire.o.emit(prefix[:])
	f.wire.o.emit(text)
}

// allow counts what all messages of the body become.
func (f *framed) allow(given int64) error {
	if given > int64(f.wire.o.limits.Message) {
		return errTooLarge
	}
	return f.wire.o.limits.allow(f.given+given, f.sent)
}

func (f *framed) decode(body []byte) ([]byte, Reason) {
	text, err := f.open.open(body, f.wire.o.limits.Message, f.allow)
	if err != nil {
		return nil, reasonOf(err)
	}
	f.given += int64(len(text))
	return text, Scanned
}

func encode(layers []layer, text []byte) (coded []byte) {
	e := newEncoding(layers, func(p []byte) { coded = append(coded, p...) })
	e.write(text)
	e.close()
	return coded
}
