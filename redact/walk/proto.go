package walk

import (
	"encoding/base64"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// wire walks messages of protobuf that are at hand whole: by their descriptors, else by
// their wire shape, in which fields are named by their numbers. Numbers are visited as
// decimal text, enumerations by their names, bytes that are no text as base64. A number
// that is changed to what is no number of its kind is left out.
type wire struct {
	o     *outlet
	out   []byte // the message as it is to be
	text  []byte
	inner nested
}

const anyMessage = "google.protobuf.Any"

// fields walks the fields of a message, and appends to out what they become. Where nothing was
// changed out holds the same bytes, or nothing if nothing is written.
func (w *wire) fields(b []byte, m protoreflect.MessageDescriptor) (changed bool, why Reason) {
	var packed protoreflect.MessageDescriptor // of what an Any holds
	isAny := m != nil && m.FullName() == anyMessage
	if isAny {
		packed = w.o.config.Descriptors.message(lastText(b, 1))
	}
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return changed, Broken
		}
		length := protowire.ConsumeFieldValue(number, kind, b[n:])
		if length < 0 {
			return changed, Broken
		}
		var f protoreflect.FieldDescriptor
		if m != nil {
			f = m.Fields().ByNumber(number)
		}
		mark := len(w.out)
		var c bool
		if isAny && number == 2 && kind == protowire.BytesType && packed != nil {
			c, why = w.any(b[n:], packed)
		} else {
			c, why = w.field(f, number, kind, b[n:n+length])
		}
		if why != Scanned {
			return changed, why
		}
		if !c {
			w.out = w.keep(mark, b[:n+length])
		}
		changed = changed || c
		b = b[n+length:]
	}
	return changed, Scanned
}

// keep is out with b in the place of all behind mark.
func (w *wire) keep(mark int, b []byte) []byte {
	if w.o.out == nil {
		return w.out[:mark]
	}
	return append(w.out[:mark], b...)
}

// any walks the message in an Any. It stands where the Any does.
func (w *wire) any(b []byte, m protoreflect.MessageDescriptor) (changed bool, why Reason) {
	v, _ := protowire.ConsumeBytes(b)
	if w.o.depth++; w.o.depth > w.o.limits.Depth {
		return false, TooDeep
	}
	changed, why = w.message(2, v, m)
	w.o.depth--
	return changed, why
}

// field walks one field under its name.
func (w *wire) field(f protoreflect.FieldDescriptor, number protowire.Number, kind protowire.Type, value []byte) (changed bool, why Reason) {
	redact := w.o.redact
	var digits [10]byte
	name := strconv.AppendInt(digits[:0], int64(number), 10)
	if f != nil {
		name = []byte(f.Name())
		w.o.redact = redact || redacted(f)
	}
	before, why := w.o.enter(name)
	if why == Scanned {
		changed, why = w.value(f, number, kind, value)
	}
	w.o.leave(before)
	w.o.redact = redact
	return changed, why
}

// value walks the value of a field and appends the field as it becomes, if it is changed.
func (w *wire) value(f protoreflect.FieldDescriptor, number protowire.Number, kind protowire.Type, value []byte) (changed bool, why Reason) {
	switch kind {
	case protowire.BytesType:
		v, _ := protowire.ConsumeBytes(value)
		return w.delimited(f, number, v)
	case protowire.StartGroupType:
		v, _ := protowire.ConsumeGroup(number, value)
		w.out = protowire.AppendTag(w.out, number, protowire.StartGroupType)
		changed, why = w.fields(v, messageOf(f))
		w.out = protowire.AppendTag(w.out, number, protowire.EndGroupType)
		return changed, why
	}
	k := kindOf(f, kind)
	x, _ := consumeNumber(kind, value)
	y, left, changed, why := w.number(f, k, x)
	if changed && !left {
		w.out = protowire.AppendTag(w.out, number, kind)
		w.out = appendNumber(w.out, kind, y)
	}
	return changed, why
}

// delimited walks a field with a length.
func (w *wire) delimited(f protoreflect.FieldDescriptor, number protowire.Number, v []byte) (changed bool, why Reason) {
	switch {
	case f == nil:
		return w.shaped(number, v, true)
	case f.IsMap():
		return w.entry(f, number, v)
	case f.Kind() == protoreflect.MessageKind:
		return w.message(number, v, messageOf(f))
	case f.Kind() == protoreflect.StringKind && utf8.Valid(v):
		return w.string(number, v)
	case f.Kind() == protoreflect.BytesKind, f.Kind() == protoreflect.StringKind:
		return w.shaped(number, v, false)
	case f.IsList() && f.Kind() != protoreflect.GroupKind:
		return w.packed(f, number, v)
	}
	return w.shaped(number, v, true)
}

// message walks a message in a field and appends it with its length.
func (w *wire) message(number protowire.Number, v []byte, m protoreflect.MessageDescriptor) (changed bool, why Reason) {
	start := w.begin(number)
	changed, why = w.fields(v, m)
	w.end(start)
	return changed, why
}

// begin appends the tag of a field whose length end puts before what was appended since.
func (w *wire) begin(number protowire.Number) (start int) {
	w.out = protowire.AppendTag(w.out, number, protowire.BytesType)
	return len(w.out)
}

func (w *wire) end(start int) {
	n := len(w.out) - start
	width := protowire.SizeVarint(uint64(n))
	w.out = append(w.out, make([]byte, width)...)
	copy(w.out[start+width:], w.out[start:start+n])
	protowire.AppendVarint(w.out[:start], uint64(n))
}

// shaped walks a value of which nothing is known but its bytes. What is printable is text,
// even if it could be a message too: so nothing of it goes unseen. Else it is a
// message if it parses as one wholly and may be one, else text with line ends, else bytes.
func (w *wire) shaped(number protowire.Number, v []byte, message bool) (changed bool, why Reason) {
	breaks, ok := printableText(v)
	switch {
	case ok && !breaks:
		return w.string(number, v)
	case message && parses(v):
		return w.message(number, v, nil)
	case ok:
		return w.string(number, v)
	}
	return w.bytes(number, v)
}

func (w *wire) string(number protowire.Number, v []byte) (changed bool, why Reason) {
	if len(v) == 0 {
		return false, Scanned
	}
	if len(v) > w.o.limits.Value {
		w.o.miss(TooLong)
		return false, Scanned
	}
	put, changed, why := w.inner.value(w.o, v)
	if changed && why == Scanned {
		w.out = protowire.AppendTag(w.out, number, protowire.BytesType)
		w.out = protowire.AppendBytes(w.out, put)
	}
	return changed, why
}

// bytes visits bytes in base64, as protobuf's JSON form has them. What is put there is written as
// what it is in base64, or as it is.
func (w *wire) bytes(number protowire.Number, v []byte) (changed bool, why Reason) {
	if base64.StdEncoding.EncodedLen(len(v)) > w.o.limits.Value {
		w.o.miss(UnknownType)
		return false, Scanned
	}
	w.text = base64.StdEncoding.AppendEncode(w.text[:0], v)
	put, changed, why := w.o.visit(w.text)
	if changed && why == Scanned {
		if plain, err := base64.StdEncoding.DecodeString(string(put)); err == nil {
			put = plain
		}
		w.out = protowire.AppendTag(w.out, number, protowire.BytesType)
		w.out = protowire.AppendBytes(w.out, put)
	}
	return changed, why
}

// parses reports whether b is one or more whole fields.
func parses(b []byte) bool {
	for len(b) > 0 {
		_, _, n := protowire.ConsumeField(b)
		if n < 0 {
			return false
		}
		b = b[n:]
	}
	return true
}

// printableText reports whether b is UTF-8 without control characters but tabs and line
// ends, and whether it has any of those.
func printableText(b []byte) (breaks, ok bool) {
	for _, c := range b {
		switch {
		case c == '\t' || c == '\n' || c == '\r':
			breaks = true
		case c < ' ' || c == 0x7F:
			return breaks, false
		}
	}
	return breaks, utf8.Valid(b)
}
