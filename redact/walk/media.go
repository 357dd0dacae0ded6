package walk

import (
	"fmt"
	"io"

	"weir/redact/raw"
)

// BodyConfig says of a body what its message says of it, and who is given its
// values. The byte slices are read until Close.
type BodyConfig struct {
	// Kind is raw.RequestBody or raw.ResponseBody.
	Kind raw.Kind
	// ContentType and ContentEncoding are the values of those header fields, of
	// several lines joined by commas.
	ContentType, ContentEncoding []byte
	// Path is the path of the request, which names a gRPC method; MessageEncoding
	// is the value of grpc-encoding. Both may be left out.
	Path, MessageEncoding []byte
	// Descriptors name the fields of protobuf messages. Nil: they are walked by
	// their wire shape, and fields are named by their numbers.
	Descriptors *Descriptors
	Values      Values
	// Known says of a name that ends with a key whether that key may stay. One that
	// may not is visited, as one that looks like no name is. Nil: all may.
	Known func(name []byte) bool
	// Out is given the body with what Values changed, in the same codings and
	// charset; nil: the body is only walked. After a Reason that ends the walk
	// what Out was given is no whole body. Its errors are not looked at.
	Out    io.Writer
	Limits Limits
	// Room is asked for what is held of messages beyond 64 KiB, and for their decoder. What was taken at Close is
	// given back by who gave it. Nil: there is always some.
	Room Room
}

// Body walks bodies, one at a time, as their bytes pass. Each Begin is followed
// by a Close. What it holds is bounded by Limits, by the windows of the content
// codings (see coding.go) and, of formats whose lengths stand before what
// they count, by Limits.Message. The zero Body is ready for Begin.
type Body struct {
	outlet   outlet
	root     parser
	decoding *pull
	layers   []layer
	encoding *encoding
	sink     sink
	received int64 // bytes, as they were sent
	content  int64 // bytes, after decompression
	why      Reason
}

func (Body) String() string                   { return raw.Placeholder }
func (Body) GoString() string                 { return raw.Placeholder }
func (Body) Format(w fmt.State, _ rune)       { _, _ = io.WriteString(w, raw.Placeholder) }
func (BodyConfig) String() string             { return raw.Placeholder }
func (BodyConfig) GoString() string           { return raw.Placeholder }
func (BodyConfig) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, raw.Placeholder) }

// Begin starts a body. What a former one left under way ends.
func (b *Body) Begin(c *BodyConfig) {
	b.end()
	*b = Body{sink: b.sink, outlet: outlet{
		kind: c.Kind, values: c.Values, limits: c.Limits.filled(), name: b.outlet.name[:0], config: c, room: c.Room,
	}}
	b.sink.reset(c.Out)
	if c.Out != nil {
		b.outlet.out = b.put
	}
	codings, why := codingsOf(c.ContentEncoding)
	if b.why = why; why != Scanned {
		return
	}
	if b.root, b.why = b.outlet.open(c.ContentType, ""); b.why != Scanned || len(codings) == 0 {
		return
	}
	b.layers = make([]layer, len(codings))
	for i, c := range codings {
		b.layers[i] = layer{coding: c, budget: b}
	}
	b.decoding = newPull(func(r io.Reader) (io.Reader, error) { return openLayers(b.layers, r) }, b.take)
}

// Window bounds what the outermost coding, where that is zstd, may be asked to remember, in
// bytes, from 1 KiB to 8 MiB, which it is without. A frame that asks for more is a Bomb. It
// is called before the first Write: only what the body begins with tells of its window, and
// frames behind it may ask for others.
func (b *Body) Window(n int64) {
	if len(b.layers) > 0 {
		b.layers[0].window = uint64(n)
	}
}

// Write takes the next bytes of the body, as they were sent. It never fails;
// after a Reason it takes and ignores.
func (b *Body) Write(p []byte) (int, error) {
	n := len(p)
	b.received += int64(n)
	if b.why != Scanned || n == 0 {
		return n, nil
	}
	// What is beyond the limit changes nothing of what is told of what is not. Codings
	// that give nothing are bounded too.
	over := max(b.received-b.outlet.limits.Body, 0)
	p = p[:int64(n)-over]
	if b.decoding != nil {
		b.why = b.decoding.write(p)
	} else {
		b.why = b.take(p)
	}
	if b.why == Scanned && over > 0 {
		b.why = TooLarge
	}
	if b.why != Scanned {
		b.end()
	} else if b.outlet.flows {
		b.encoding.flush()
	}
	b.sink.flush()
	return n, nil
}

// Over reports whether Write takes nothing more: Close will tell the Reason.
func (b *Body) Over() bool { return b.why != Scanned }

// Close ends the body and says whether all of it was walked. A body of which
// nothing came is. What could be walked of one in parts was walked too where a Reason
// is told of only some of them.
func (b *Body) Close() Reason {
	if b.received == 0 || b.root == nil {
		b.end()
		if b.received == 0 {
			return Scanned
		}
		return b.why
	}
	if b.why == Scanned && b.decoding != nil {
		b.why = b.decoding.close()
	}
	if b.why == Scanned && b.content > 0 {
		b.why = b.root.close()
	}
	if b.why == Scanned {
		if b.sink.to != nil && len(b.layers) > 0 {
			b.recode().close()
		}
		b.sink.flush()
		b.why = b.outlet.missed
	}
	b.end()
	return b.why
}

// take is given the body's content.
func (b *Body) take(p []byte) Reason {
	over := max(b.content+int64(len(p))-b.outlet.limits.Body, 0)
	p = p[:int64(len(p))-over]
	b.content += int64(len(p))
	why := b.root.write(p)
	if why == Scanned && over > 0 {
		why = TooLarge
	}
	return why
}

// put is given the content as it is to go on.
func (b *Body) put(p []byte) {
	if len(b.layers) > 0 {
		b.recode().write(p)
		return
	}
	b.sink.send(p)
}

// recode is made with the first bytes that go on: by then it is known of each
// layer how it was coded.
func (b *Body) recode() *encoding {
	if b.encoding == nil {
		b.encoding = newEncoding(b.layers, b.sink.send)
	}
	return b.encoding
}

// end lets go of all that a body held but the buffers.
func (b *Body) end() {
	b.decoding.abandon()
	b.decoding, b.encoding, b.root, b.layers = nil, nil, nil, nil
	b.outlet.config, b.outlet.values, b.outlet.room = nil, nil, nil
	b.sink.reset(nil)
	clear(b.outlet.name[:cap(b.outlet.name)])
}
