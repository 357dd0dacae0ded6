package walk

import (
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// plainNumber is the kind of a number of which nothing is known.
const plainNumber protoreflect.Kind = 0

// kindOf is the kind of a field's numbers if that kind is written as wire says, else
// plainNumber.
func kindOf(f protoreflect.FieldDescriptor, kind protowire.Type) protoreflect.Kind {
	if f == nil || wireOf(f.Kind()) != kind {
		return plainNumber
	}
	return f.Kind()
}

func wireOf(k protoreflect.Kind) protowire.Type {
	switch k {
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind:
		return protowire.Fixed32Type
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		return protowire.Fixed64Type
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return protowire.BytesType
	case protoreflect.GroupKind:
		return protowire.StartGroupType
	}
	return protowire.VarintType
}

// consumeNumber reads the number that b begins with; n is below 0 where there is none.
func consumeNumber(kind protowire.Type, b []byte) (x uint64, n int) {
	switch kind {
	case protowire.Fixed32Type:
		y, n := protowire.ConsumeFixed32(b)
		return uint64(y), n
	case protowire.Fixed64Type:
		return protowire.ConsumeFixed64(b)
	}
	return protowire.ConsumeVarint(b)
}

func appendNumber(b []byte, kind protowire.Type, x uint64) []byte {
	switch kind {
	case protowire.Fixed32Type:
		return protowire.AppendFixed32(b, uint32(x))
	case protowire.Fixed64Type:
		return protowire.AppendFixed64(b, x)
	}
	return protowire.AppendVarint(b, x)
}

// number visits a number. left is that it is to be left out.
func (w *wire) number(f protoreflect.FieldDescriptor, k protoreflect.Kind, x uint64) (y uint64, left, changed bool, why Reason) {
	w.text = numberText(w.text[:0], f, k, x)
	put, changed, why := w.o.visit(w.text)
	if !changed || why != Scanned {
		return x, false, false, why
	}
	y, ok := numberOf(f, k, string(put))
	return y, !ok, true, Scanned
}

// packed walks numbers that share one length. Each is a value.
func (w *wire) packed(f protoreflect.FieldDescriptor, number protowire.Number, v []byte) (changed bool, why Reason) {
	kind := wireOf(f.Kind())
	start := w.begin(number)
	for len(v) > 0 {
		x, n := consumeNumber(kind, v)
		if n < 0 {
			return false, Broken
		}
		v = v[n:]
		y, left, c, why := w.number(f, f.Kind(), x)
		if why != Scanned {
			return false, why
		}
		if changed = changed || c; !left {
			w.out = appendNumber(w.out, kind, y)
		}
	}
	w.end(start)
	return changed, Scanned
}

// numberText appends x in decimal, as protobuf's JSON form has numbers of its kind.
func numberText(text []byte, f protoreflect.FieldDescriptor, k protoreflect.Kind, x uint64) []byte {
	switch k {
	case protoreflect.BoolKind:
		return strconv.AppendBool(text, x != 0)
	case protoreflect.EnumKind:
		if v := f.Enum().Values().ByNumber(protoreflect.EnumNumber(x)); v != nil {
			return append(text, v.Name()...)
		}
		return strconv.AppendInt(text, int64(int32(x)), 10)
	case protoreflect.Int32Kind, protoreflect.Sfixed32Kind:
		return strconv.AppendInt(text, int64(int32(x)), 10)
	case protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
		return strconv.AppendInt(text, int64(x), 10)
	case protoreflect.Sint32Kind, protoreflect.Sint64Kind:
		return strconv.AppendInt(text, protowire.DecodeZigZag(x), 10)
	case protoreflect.FloatKind:
		return strconv.AppendFloat(text, float64(math.Float32frombits(uint32(x))), 'f', -1, 32)
	case protoreflect.DoubleKind:
		return strconv.AppendFloat(text, math.Float64frombits(x), 'f', -1, 64)
	}
	return strconv.AppendUint(text, x, 10)
}

// numberOf is the number of a kind that text says, if it says one.
func numberOf(f protoreflect.FieldDescriptor, k protoreflect.Kind, text string) (x uint64, ok bool) {
	var signed int64
	var float float64
	var truth bool
	var err error
	switch k {
	case protoreflect.BoolKind:
		truth, err = strconv.ParseBool(text)
		return protowire.EncodeBool(truth), err == nil
	case protoreflect.EnumKind:
		if v := f.Enum().Values().ByName(protoreflect.Name(text)); v != nil {
			return uint64(v.Number()), true
		}
		signed, err = strconv.ParseInt(text, 10, 32)
		return uint64(signed), err == nil
	case protoreflect.Int32Kind:
		signed, err = strconv.ParseInt(text, 10, 32)
		return uint64(signed), err == nil
	case protoreflect.Sfixed32Kind:
		signed, err = strconv.ParseInt(text, 10, 32)
		return uint64(uint32(signed)), err == nil
	case protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
		signed, err = strconv.ParseInt(text, 10, 64)
		return uint64(signed), err == nil
	case protoreflect.Sint32Kind:
		signed, err = strconv.ParseInt(text, 10, 32)
		return protowire.EncodeZigZag(signed), err == nil
	case protoreflect.Sint64Kind:
		signed, err = strconv.ParseInt(text, 10, 64)
		return protowire.EncodeZigZag(signed), err == nil
	case protoreflect.FloatKind:
		float, err = strconv.ParseFloat(text, 32)
		return uint64(math.Float32bits(float32(float))), err == nil
	case protoreflect.DoubleKind:
		float, err = strconv.ParseFloat(text, 64)
		return math.Float64bits(float), err == nil
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		x, err = strconv.ParseUint(text, 10, 32)
		return x, err == nil
	}
	x, err = strconv.ParseUint(text, 10, 64)
	return x, err == nil
}
