package walk

import "google.golang.org/protobuf/reflect/protoreflect"

// message walks a body that is one message of protobuf. It is held whole, since
// lengths stand before what they count.
type message struct {
	wire wire
	of   protoreflect.MessageDescriptor
	held holding
}

// newMessage makes the parser of a message whose type stands among the parameters of its media
// type (messageType, as Google has it, or proto, as Prometheus has it) or is that of the
// path's method.
func newMessage(o *outlet, params map[string]string) parser {
	d := o.config.Descriptors
	of := d.message(params["messagetype"])
	if of == nil {
		of = d.message(params["proto"])
	}
	if of == nil {
		of = d.method(o.config.Path, o.kind)
	}
	return &message{wire: wire{o: o}, of: of, held: holding{room: o.room}}
}

func (m *message) write(p []byte) Reason {
	if len(m.held.bytes)+len(p) > m.wire.o.limits.Message {
		return TooLarge
	}
	return m.held.add(p)
}

func (m *message) close() Reason {
	text, why := m.wire.whole(m.held.bytes, m.of)
	if why == Scanned {
		m.wire.o.emit(text)
	}
	return why
}

// whole walks a message and is what becomes of it.
func (w *wire) whole(b []byte, m protoreflect.MessageDescriptor) ([]byte, Reason) {
	w.out = w.out[:0]
	changed, why := w.fields(b, m)
	if !changed {
		return b, why
	}
	return w.out, why
}
