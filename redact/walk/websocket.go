package walk

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"weir/redact/raw"
)

// FramesConfig says which side's frames are walked, and who is given the values.
type FramesConfig struct {
	// Kind is raw.RequestBody for what the client sends, which is masked, or
	// raw.ResponseBody for what the server sends, which is not.
	Kind   raw.Kind
	Values Values
	// Out is given the frames with what Values changed; nil: they are only walked. A
	// message that is changed goes on as one frame. Errors are not looked at.
	Out    io.Writer
	Limits Limits
	// Room is asked for what is held of a message beyond 64 KiB. Nil: there is always some.
	Room Room
}

// Frames walks the frames of one side of a WebSocket (RFC 6455) behind its handshake, as
// they pass. Each text message is a body of its own: an object or an array of JSON is
// walked as that, anything else is text without a name. It is held whole, up to
// Limits.Message; Limits.Body does not count. Control frames go on before the held parts of a
// message that they come between.
//
// Binary and compressed messages (permessage-deflate), and ones that are too large or of more
// frames than Limits.Values, go on as they are, and are told of by Close. The zero Frames is ready for Begin.
type Frames struct {
	outlet  outlet
	sink    sink
	inner   nested
	header  [maxFrameHeader]byte
	read    int    // bytes of the header that were read
	left    uint64 // bytes of the payload that were not
	inside  bool   // a payload is being read
	passing bool   // the frame at hand goes on as it is
	message messageState
	frames  int     // of the message
	held    holding // the frames of the message, as they came, where they go on
	text    holding // their payloads
	at      int     // bytes of the payload at hand that were read
	key     [4]byte
	put     []byte
	why     Reason
}

// messageState is of the message that frames add up to.
type messageState uint8

const (
	noMessage messageState = iota
	textMessage
	passedMessage // one that is not walked
)

const maxFrameHeader = 14

// The opcodes of RFC 6455 section 5.2.
const (
	opContinue = 0
	opText     = 1
	opBinary   = 2
	opClose    = 8
	opPong     = 10
)

func (Frames) String() string                   { return raw.Placeholder }
func (Frames) GoString() string                 { return raw.Placeholder }
func (Frames) Format(w fmt.State, _ rune)       { _, _ = io.WriteString(w, raw.Placeholder) }
func (FramesConfig) String() string             { return raw.Placeholder }
func (FramesConfig) GoString() string           { return raw.Placeholder }
func (FramesConfig) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, raw.Placeholder) }

// Begin starts one side of a connection.
func (f *Frames) Begin(c *FramesConfig) {
	f.end()
	*f = Frames{sink: f.sink, held: holding{f.held.bytes, c.Room, 0}, text: holding{f.text.bytes, c.Room, 0}, outlet: outlet{
		kind: c.Kind, values: c.Values, limits: c.Limits.filled(), name: f.outlet.name[:0], config: &BodyConfig{},
	}}
	f.sink.reset(c.Out)
	if c.Out != nil {
		f.outlet.out = f.sink.send
	}
}

// Write takes the next bytes. It never fails; after a Reason that ends the walk it takes
// and ignores.
func (f *Frames) Write(p []byte) (int, error) {
	n := len(p)
	for f.why == Scanned && (len(p) > 0 || f.inside && f.left == 0) {
		if f.inside {
			p, f.why = f.payload(p)
		} else {
			p, f.why = f.head(p)
		}
	}
	f.sink.flush()
	return n, nil
}

// Over reports whether Write takes nothing more: Close will tell the Reason.
func (f *Frames) Over() bool { return f.why != Scanned }

// Close ends the side and says whether all of its messages were walked.
func (f *Frames) Close() Reason {
	if f.why == Scanned {
		if f.why = f.outlet.missed; f.read > 0 || f.message != noMessage {
			f.why = Broken
		}
	}
	f.end()
	return f.why
}

func (f *Frames) end() {
	f.sink.reset(nil)
	f.outlet.values, f.outlet.out = nil, nil
	f.held.empty()
	f.text.empty()
	for _, b := range [][]byte{f.held.bytes, f.text.bytes, f.outlet.name} {
		clear(b[:cap(b)])
	}
}

// head reads of the header what is there.
func (f *Frames) head(p []byte) ([]byte, Reason) {
	need := 2
	if f.read >= 2 {
		need = headerSize(f.header[1])
	}
	n := copy(f.header[f.read:need], p)
	f.read += n
	if f.read < 2 || f.read < headerSize(f.header[1]) {
		return p[n:], Scanned
	}
	return p[n:], f.begin()
}

func headerSize(second byte) int {
	n := 2
	switch second & 0x7F {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if second&0x80 != 0 {
		n += 4
	}
	return n
}

// begin reads the header of a frame, which is whole.
func (f *Frames) begin() Reason {
	h := f.header[:f.read]
	final, opcode, masked := h[0]&0x80 != 0, h[0]&0x0F, h[1]&0x80 != 0
	switch f.left = uint64(h[1] & 0x7F); f.left {
	case 126:
		f.left = uint64(binary.BigEndian.Uint16(h[2:]))
	case 127:
		f.left = binary.BigEndian.Uint64(h[2:])
	}
	control := opcode >= opClose
	switch {
	case masked != (f.outlet.kind == raw.RequestBody), f.left>>63 != 0,
		control && (!final || f.left > 125 || opcode > opPong), !control && opcode > opBinary,
		!control && (opcode == opContinue) != (f.message != noMessage):
		return Broken
	}
	f.inside, f.at = true, 0
	if control {
		f.passing = true
		if opcode == opClose && f.message == textMessage {
			f.pass(Broken) // what was begun will not end
		}
		f.outlet.emit(h)
		return Scanned
	}
	f.open(opcode, h)
	if f.passing = f.message == passedMessage; f.passing {
		f.outlet.emit(h)
		return Scanned
	}
	if f.keep(h) != Scanned {
		f.pass(Busy)
		f.outlet.emit(h)
		f.passing = true
		return Scanned
	}
	// A frame without a payload takes memory too.
	f.frames++
	switch {
	case f.left > uint64(f.outlet.limits.Message-len(f.text.bytes)):
		f.pass(TooLarge)
	case f.frames > f.outlet.limits.Values:
		f.pass(TooMany)
	}
	f.passing = f.message == passedMessage
	if masked {
		copy(f.key[:], h[f.read-4:])
	}
	return Scanned
}

// keep holds bytes of the message as they came.
func (f *Frames) keep(p []byte) Reason {
	if f.outlet.out == nil {
		return Scanned
	}
	return f.held.add(p)
}

// open tells by a message's first frame whether it is walked.
func (f *Frames) open(opcode byte, h []byte) {
	if opcode == opContinue {
		return
	}
	f.message, f.frames = textMessage, 0
	switch {
	case h[0]&0x70 != 0:
		f.pass(UnknownCoding)
	case opcode == opBinary:
		f.pass(UnknownType)
	}
}

// pass has the message at hand go on as it is.
func (f *Frames) pass(why Reason) {
	f.outlet.miss(why)
	f.outlet.emit(f.held.bytes)
	f.held.empty()
	f.text.empty()
	f.message = passedMessage
}

// payload reads of the payload what is there.
func (f *Frames) payload(p []byte) ([]byte, Reason) {
	n := int(min(uint64(len(p)), f.left))
	if !f.passing && !f.hold(p[:n]) {
		f.pass(Busy)
		f.passing = true
	}
	if f.passing {
		f.outlet.emit(p[:n])
	}
	f.at += n
	if f.left -= uint64(n); f.left > 0 {
		return p[n:], Scanned
	}
	f.inside, f.read = false, 0
	if f.header[0]&0x80 == 0 || f.header[0]&0x0F >= opClose {
		return p[n:], Scanned
	}
	why := Scanned
	if f.message == textMessage {
		why = f.walk()
	}
	f.message = noMessage
	f.held.empty()
	f.text.empty()
	return p[n:], why
}

// hold holds p of the payload, if there is room.
func (f *Frames) hold(p []byte) bool {
	start := len(f.text.bytes)
	if f.text.add(p) != Scanned || f.keep(p) != Scanned {
		return false
	}
	if f.outlet.kind == raw.RequestBody {
		mask(f.text.bytes[start:], f.key, f.at)
	}
	return true
}

// mask masks b, or unmasks it, from its at-th byte on.
func mask(b []byte, key [4]byte, at int) {
	for i := range b {
		b[i] ^= key[(at+i)&3]
	}
}

// walk walks a text message that is whole, and sends it on.
func (f *Frames) walk() Reason {
	o := &f.outlet
	if !utf8.Valid(f.text.bytes) {
		return Broken
	}
	if len(f.text.bytes) == 0 {
		o.emit(f.held.bytes)
		return Scanned
	}
	o.count = 0
	put, changed, why := f.value()
	switch {
	case why != Scanned:
		return why
	case changed:
		f.send(put)
	default:
		o.emit(f.held.bytes)
	}
	return Scanned
}

// value is what becomes of the message. A text longer than a value may be is visited in parts.
func (f *Frames) value() (put []byte, changed bool, why Reason) {
	o := &f.outlet
	if len(f.text.bytes) <= o.limits.Value || opens(f.text.bytes) && json.Valid(f.text.bytes) {
		return f.inner.value(o, f.text.bytes)
	}
	out := o.out
	defer func() { o.out = out }()
	f.put = f.put[:0]
	if out != nil {
		o.out = func(p []byte) { f.put = append(f.put, p...) }
	}
	t := newText(o)
	if why = t.write(f.text.bytes); why == Scanned {
		why = t.close()
	}
	return f.put, out != nil && !bytes.Equal(f.put, f.text.bytes), why
}

// send sends text on as one frame, masked with the key of the last frame where frames are.
func (f *Frames) send(text []byte) {
	h := append(f.header[:0], 0x80|opText, 0)
	switch {
	case len(text) > 0xFFFF:
		h[1] = 127
		h = binary.BigEndian.AppendUint64(h, uint64(len(text)))
	case len(text) > 125:
		h[1] = 126
		h = binary.BigEndian.AppendUint16(h, uint16(len(text)))
	default:
		h[1] = byte(len(text))
	}
	if f.outlet.kind == raw.RequestBody {
		h[1] |= 0x80
		h = append(h, f.key[:]...)
		text = append([]byte(nil), text...)
		mask(text, f.key, 0)
	}
	f.outlet.emit(h)
	f.outlet.emit(text)
}
