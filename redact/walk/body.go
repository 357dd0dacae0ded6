package walk

import (
	"cmp"
	"fmt"
	"io"

	"weir/redact/raw"
)

// Value is one value of a body, as a walk visits it. It is valid during the call.
type Value struct {
	// Kind is raw.RequestBody or raw.ResponseBody.
	Kind raw.Kind
	// Name is where the value stands below the body: the keys that lead to it,
	// joined by dots. Elements of an array have the array's name. It is empty for a
	// body that is one text.
	Name []byte
	// Text is the value in UTF-8, without the escapes of its format.
	Text []byte
	// Redact is set where the format itself says that the value is not to be
	// shown: protobuf's option debug_redact.
	Redact bool
}

func (Value) String() string             { return raw.Placeholder }
func (Value) GoString() string           { return raw.Placeholder }
func (Value) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, raw.Placeholder) }

// Values is given what the walk of a body finds.
type Values interface {
	// Value is given each value, in the order of the body, and says what is to
	// stand in its place where it is to be changed. put is UTF-8, is written in the
	// way of the format that the value stands in, and is read before the next call.
	// Where nothing is written what it says is of no effect.
	Value(v *Value) (put []byte, change bool)
}

// Reason says why a body was not wholly walked; Scanned is that it was. It is
// written to the log: the list is closed.
type Reason string

// The reasons. A body of which one is told may hold anything.
const (
	Scanned        Reason = ""
	TooLarge       Reason = "too_large"       // more bytes than Limits.Body
	Bomb           Reason = "bomb"            // decompressed to more than Limits allow
	Broken         Reason = "broken"          // not what its type or its coding says
	UnknownType    Reason = "unknown_type"    // no media type, or one that is not walked
	UnknownCoding  Reason = "unknown_coding"  // a content coding that is not known, or too many
	UnknownCharset Reason = "unknown_charset" // a charset that is not known
	TooDeep        Reason = "too_deep"        // nested beyond Limits.Depth
	TooMany        Reason = "too_many_values" // more than Limits.Values
	TooLong        Reason = "value_too_long"  // a value or a name beyond Limits.Value
	Busy           Reason = "busy"            // there was no Room
)

// Limits bound a walk. A zero field is its default.
type Limits struct {
	Body    int64 // bytes of a body after decompression; 8 MiB
	Ratio   int64 // how often the bytes received decompression may give beyond 1 MiB; 100
	Depth   int   // of nesting, layers in strings and parts included; 64
	Values  int   // of one body; 65,536
	Value   int   // bytes of one value or name; 32 KiB
	Message int   // bytes of a message that is held whole: protobuf, WebSocket; 1 MiB
}

// filled is l with the defaults.
func (l Limits) filled() Limits {
	return Limits{
		Body: cmp.Or(l.Body, 8<<20), Ratio: cmp.Or(l.Ratio, 100), Depth: cmp.Or(l.Depth, 64),
		Values: cmp.Or(l.Values, 65536), Value: cmp.Or(l.Value, 32<<10), Message: cmp.Or(l.Message, 1<<20),
	}
}

// outlet is what the parsers of one body share: where values go, and what is
// written of the body.
type outlet struct {
	kind   raw.Kind
	values Values
	limits Limits
	out    func([]byte) // nil where nothing is written
	name   []byte       // of the value at hand
	depth  int          // of nesting
	count  int          // of values visited
	value  Value
	redact bool        // the value at hand is one that its format says not to show
	missed Reason      // why a part was passed over that the walk went on behind
	flows  bool        // what is written is to go on at once: streams of events
	room   Room        // nil: there is always some
	config *BodyConfig // what the message says of the body
}

// visit gives a value to who asked, under the name at hand.
func (o *outlet) visit(text []byte) (put []byte, change bool, why Reason) {
	if o.count++; o.count > o.limits.Values {
		return nil, false, TooMany
	}
	o.value = Value{Kind: o.kind, Name: o.name, Text: text, Redact: o.redact}
	put, change = o.values.Value(&o.value)
	o.value = Value{}
	return put, change && o.out != nil, Scanned
}

// enter puts a key behind the name at hand; leave takes it away again.
func (o *outlet) enter(key []byte) (before int, why Reason) {
	before = len(o.name)
	if o.depth++; o.depth > o.limits.Depth {
		return before, TooDeep
	}
	if len(o.name)+1+len(key) > o.limits.Value {
		return before, TooLong
	}
	if before > 0 {
		o.name = append(o.name, '.')
	}
	o.name = append(o.name, key...)
	return before, Scanned
}

func (o *outlet) leave(before int) {
	o.depth--
	o.name = o.name[:before]
}

// miss tells of a part that is passed over. The walk goes on.
func (o *outlet) miss(why Reason) {
	if o.missed == Scanned {
		o.missed = why
	}
}

// emit writes bytes of the body as they are to go on.
func (o *outlet) emit(p []byte) {
	if o.out != nil {
		o.out(p)
	}
}

// parser walks the bytes of one body, or of a part of one, that are UTF-8. It is
// given them in pieces of any size, keeps no piece, and holds no more of them
// than Limits.Value. After a Reason it is given nothing more.
//
// Where its outlet writes, all that it was given is emitted in order, but for
// the values that were changed.
type parser interface {
	write(p []byte) Reason
	// close ends the body. What was held back is emitted.
	close() Reason
}
