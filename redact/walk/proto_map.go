package walk

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// entry walks an entry of a map: its value stands below its key, as in JSON.
func (w *wire) entry(f protoreflect.FieldDescriptor, number protowire.Number, v []byte) (changed bool, why Reason) {
	key, kind, at := lastKey(v)
	if at < 0 {
		return false, Broken
	}
	text := []byte(key)
	if kind != protowire.BytesType {
		x, _ := consumeNumber(kind, key)
		text = numberText(nil, f.MapKey(), kindOf(f.MapKey(), kind), x)
	}
	before, put, change, why := w.o.enterKey(text)
	if why != Scanned {
		return false, why
	}
	put = append([]byte(nil), put...) // the value is visited before it is written
	start := w.begin(number)
	for rest := v; len(rest) > 0 && why == Scanned; {
		n, t, length := protowire.ConsumeField(rest)
		_, _, tag := protowire.ConsumeTag(rest)
		mark := len(w.out)
		var c bool
		switch {
		case n == 1 && change:
			c = w.key(f.MapKey(), t, put)
		case n == 2:
			c, why = w.value(f.MapValue(), n, t, rest[tag:length])
		case n != 1:
			c, why = w.field(nil, n, t, rest[tag:length])
		}
		if !c {
			w.out = w.keep(mark, rest[:length])
		}
		changed = changed || c
		rest = rest[length:]
	}
	w.end(start)
	w.o.leave(before)
	return changed, why
}

// key appends a changed key; one that is no number of its kind is left out.
func (w *wire) key(f protoreflect.FieldDescriptor, kind protowire.Type, put []byte) (changed bool) {
	if kind == protowire.BytesType {
		w.out = protowire.AppendTag(w.out, 1, kind)
		w.out = protowire.AppendBytes(w.out, put)
		return true
	}
	if y, ok := numberOf(f, kindOf(f, kind), string(put)); ok {
		w.out = protowire.AppendTag(w.out, 1, kind)
		w.out = appendNumber(w.out, kind, y)
	}
	return true
}

// lastKey is the last field 1 of an entry, which readers take; at is below 0 where the entry
// is no message. A key that is left out is empty.
func lastKey(v []byte) (key []byte, kind protowire.Type, at int) {
	kind = protowire.BytesType
	for rest := v; len(rest) > 0; {
		n, t, length := protowire.ConsumeField(rest)
		if length < 0 {
			return nil, kind, -1
		}
		if _, _, tag := protowire.ConsumeTag(rest); n == 1 && t != protowire.StartGroupType {
			if key, kind = rest[tag:length], t; t == protowire.BytesType {
				key, _ = protowire.ConsumeBytes(key)
			}
		}
		rest = rest[length:]
	}
	return key, kind, 0
}

// lastText is the last string of a number in a message.
func lastText(b []byte, number protowire.Number) (text string) {
	for len(b) > 0 {
		n, t, length := protowire.ConsumeField(b)
		if length < 0 {
			return ""
		}
		if _, _, tag := protowire.ConsumeTag(b); n == number && t == protowire.BytesType {
			v, _ := protowire.ConsumeBytes(b[tag:])
			text = string(v)
		}
		b = b[length:]
	}
	return text
}

// messageOf is the message that a field holds; nil where it is not known.
func messageOf(f protoreflect.FieldDescriptor) protoreflect.MessageDescriptor {
	if f == nil || f.Kind() != protoreflect.MessageKind && f.Kind() != protoreflect.GroupKind {
		return nil
	}
	return resolved(f.Message())
}
