package walk

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	_ "google.golang.org/protobuf/types/known/anypb"
)

const shopFile = `
name: "shop.proto" package: "shop" syntax: "proto2" dependency: "google/protobuf/any.proto"
message_type {
  name: "Order"
  field {name: "email" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL}
  field {name: "secret" number: 2 type: TYPE_MESSAGE type_name: ".shop.Secret" label: LABEL_OPTIONAL options {debug_redact: true}}
  field {name: "tags" number: 3 type: TYPE_STRING label: LABEL_REPEATED}
  field {name: "scores" number: 4 type: TYPE_SINT32 label: LABEL_REPEATED options {packed: true}}
  field {name: "labels" number: 5 type: TYPE_MESSAGE type_name: ".shop.Order.LabelsEntry" label: LABEL_REPEATED}
  field {name: "place" number: 6 type: TYPE_GROUP type_name: ".shop.Order.Place" label: LABEL_OPTIONAL}
  field {name: "state" number: 7 type: TYPE_ENUM type_name: ".shop.State" label: LABEL_OPTIONAL}
  field {name: "paid" number: 8 type: TYPE_BOOL label: LABEL_OPTIONAL}
  field {name: "price" number: 9 type: TYPE_DOUBLE label: LABEL_OPTIONAL}
  field {name: "photo" number: 10 type: TYPE_BYTES label: LABEL_OPTIONAL}
  field {name: "extra" number: 11 type: TYPE_MESSAGE type_name: ".google.protobuf.Any" label: LABEL_OPTIONAL}
  field {name: "phone" number: 12 type: TYPE_FIXED64 label: LABEL_OPTIONAL}
  field {name: "owners" number: 13 type: TYPE_MESSAGE type_name: ".shop.Order.OwnersEntry" label: LABEL_REPEATED}
  nested_type {name: "LabelsEntry" options {map_entry: true}
    field {name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL} field {name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL}}
  nested_type {name: "OwnersEntry" options {map_entry: true}
    field {name: "key" number: 1 type: TYPE_INT64 label: LABEL_OPTIONAL} field {name: "value" number: 2 type: TYPE_MESSAGE type_name: ".shop.Secret" label: LABEL_OPTIONAL}}
  nested_type {name: "Place" field {name: "latitude" number: 1 type: TYPE_FLOAT label: LABEL_OPTIONAL}}
}
message_type {name: "Secret" field {name: "word" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL} field {name: "pin" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL}}
enum_type {name: "State" value {name: "NEW" number: 0} value {name: "DONE" number: 1}}
service {name: "Shop" method {name: "Buy" input_type: ".shop.Order" output_type: ".shop.Secret"}}
`

// shop is the descriptor set, and the messages in it.
func shop(t testing.TB) (*Descriptors, *protoregistry.Files) {
	t.Helper()
	file := &descriptorpb.FileDescriptorProto{}
	if err := prototext.Unmarshal([]byte(shopFile), file); err != nil {
		t.Fatal(err)
	}
	anyFile, err := protoregistry.GlobalFiles.FindFileByPath("google/protobuf/any.proto")
	if err != nil {
		t.Fatal(err)
	}
	set := &descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{protodesc.ToFileDescriptorProto(anyFile), file}}
	b, err := proto.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDescriptors(b)
	if err != nil {
		t.Fatal(err)
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		t.Fatal(err)
	}
	return d, files
}

func messageType(t testing.TB, files *protoregistry.Files, name string) protoreflect.MessageDescriptor {
	t.Helper()
	d, err := files.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		t.Fatal(err)
	}
	return d.(protoreflect.MessageDescriptor)
}

const orderText = `{"email":"anna@example.dk","secret":{"word":"hush","pin":-42},"tags":["a","b"],"scores":[-1,2],"labels":{"city":"Aarhus"},
"place":{"latitude":56.5},"state":"DONE","paid":true,"price":1.25,"photo":"iVBORwA=","extra":{"@type":"x/shop.Secret","word":"Anna","pin":7},
"phone":"4512345678","owners":{"7":{"word":"Bo"}}}`

func order(t testing.TB) []byte {
	t.Helper()
	_, files := shop(t)
	m := dynamicpb.NewMessage(messageType(t, files, "shop.Order"))
	types := dynamicpb.NewTypes(files)
	if err := (protojson.UnmarshalOptions{Resolver: types}).Unmarshal([]byte(orderText), m); err != nil {
		t.Fatal(err)
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// orderOf is the JSON form of an order's bytes.
func orderOf(t testing.TB, b []byte) string {
	t.Helper()
	_, files := shop(t)
	m := dynamicpb.NewMessage(messageType(t, files, "shop.Order"))
	types := dynamicpb.NewTypes(files)
	if err := (proto.UnmarshalOptions{Resolver: types}).Unmarshal(b, m); err != nil {
		t.Fatal(err)
	}
	text, err := protojson.MarshalOptions{Resolver: types}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), " ", "")
}

func messageBody(t testing.TB) BodyConfig {
	d, _ := shop(t)
	c := jsonBody()
	c.ContentType, c.Path, c.Descriptors = []byte("application/x-protobuf"), []byte("/twirp/shop.Shop/Buy"), d
	return c
}

const orderValues = "email=anna@example.dk|secret.word=hush!|secret.pin=-42!|tags=a|tags=b|scores=-1|scores=2|labels.city=Aarhus|" +
	"place.latitude=56.5|state=DONE|paid=true|price=1.25|photo=iVBORwA=|extra.type_url=x/shop.Secret|extra.word=Anna|extra.pin=7|" +
	"phone=4512345678|owners.7.word=Bo"

func TestMessagesAreWalkedByTheirDescriptors(t *testing.T) {
	body := order(t)
	for _, size := range []int{0, 1} {
		c := messageBody(t)
		c.Out = io.Discard
		l, out, why := through(c, body, size)
		if why != Scanned || l.String() != orderValues || !bytes.Equal(out, body) {
			t.Errorf("%q %v", why, l)
		}
	}
}

func TestAMessageIsNamedByItsMediaType(t *testing.T) {
	for _, parameter := range []string{`messageType="shop.Order"`, "proto=shop.Order"} {
		c := messageBody(t)
		c.Path, c.ContentType = nil, []byte("application/x-protobuf; "+parameter)
		if l, _, why := through(c, order(t), 0); why != Scanned || l.String() != orderValues {
			t.Errorf("%s: %q %v", parameter, why, l)
		}
	}
}

func TestWhatIsChangedInAMessageLeavesItValid(t *testing.T) {
	long := strings.Repeat("x", 300)
	c := messageBody(t)
	c.Out, c.Values = io.Discard, &listing{put: func(name, text string) (string, bool) {
		switch name {
		case "email", "secret.word", "labels.city", "extra.word", "tags", "owners.7.word":
			return long, true
		case "secret.pin", "scores", "place.latitude":
			return "0", true
		case "paid", "price", "phone":
			return "<gone>", true
		case "state":
			return "NEW", true
		case "photo":
			return "AAAA", true
		}
		return "", false
	}}
	_, out, why := through(c, order(t), 0)
	if why != Scanned {
		t.Fatal(why)
	}
	want := strings.ReplaceAll(`{"email":"L","secret":{"word":"L","pin":0},"tags":["L","L"],"scores":[0,0],"labels":{"city":"L"},"place":{"latitude":0},`+
		`"state":"NEW","photo":"AAAA","extra":{"@type":"x/shop.Secret","word":"L","pin":7},"owners":{"7":{"word":"L"}}}`, "L", long)
	if got := orderOf(t, out); got != want {
		t.Errorf("%s", got)
	}
}

func TestKeysOfMapsThatAreNoNamesAreValues(t *testing.T) {
	_, files := shop(t)
	m := dynamicpb.NewMessage(messageType(t, files, "shop.Order"))
	if err := protojson.Unmarshal([]byte(`{"labels":{"anna@example.dk":"x"},"owners":{"4512345678":{"word":"Bo"}}}`), m); err != nil {
		t.Fatal(err)
	}
	body, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	c := messageBody(t)
	c.Out, c.Values = io.Discard, &listing{put: func(name, _ string) (string, bool) { return "1", name == "labels.*" || name == "owners.*" }}
	l, out, why := through(c, body, 0)
	if why != Scanned || l.String() != "labels.*=anna@example.dk|labels.*=x|owners.*=4512345678|owners.*.word=Bo" {
		t.Errorf("%q %v", why, l)
	}
	if got := orderOf(t, out); got != `{"labels":{"1":"1"},"owners":{"1":{"word":"Bo"}}}` {
		t.Errorf("%s", got)
	}
}

func TestMessagesWithoutDescriptorsAreWalkedByTheirShape(t *testing.T) {
	c := messageBody(t)
	c.Descriptors, c.Out = nil, io.Discard
	body := order(t)
	l, out, why := through(c, body, 0)
	if why != Scanned || !bytes.Equal(out, body) {
		t.Fatalf("%q", why)
	}
	want := "1=anna@example.dk|2.1=hush|2.2=18446744073709551574|3=a|3=b|4=AQQ=|5.1=city|5.2=Aarhus|6.1=1113718784|7=1|8=1|9=4608308318706860032|" +
		"10=iVBORwA=|11.1=x/shop.Secret|11.2.1=Anna|11.2.2=7|12=4512345678|13.1=7|13.2.1=Bo"
	if l.String() != want {
		t.Errorf("%v", l)
	}
	c.Values = &listing{put: func(name, text string) (string, bool) { return strings.Repeat("y", 200), !strings.Contains(name, "1") }}
	_, out, why = through(c, body, 0)
	if why != Scanned || !parses(out) {
		t.Errorf("%q %x", why, out)
	}
}

func TestTextThatCouldBeAMessageIsText(t *testing.T) {
	c := messageBody(t)
	c.Descriptors = nil
	for text, want := range map[string]string{
		"anna.jens":    "1=anna.jens", // field 12, eight bytes
		"a\nb":         "1=a\nb",
		"\n\x03abc":    "1.1=abc",
		"\n abc":       "1=\n abc",
		"\xff\xfe":     "1=//4=",
		`{"x":"anna"}`: "1.x=anna",
	} {
		body := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), text)
		if l, _, why := through(c, body, 0); why != Scanned || l.String() != want {
			t.Errorf("%q: %q %v", text, why, l)
		}
	}
}

func TestAMessageThatIsNoneIsBroken(t *testing.T) {
	for _, body := range []string{"\x00", "\x08", "\x0a\x05abc", "\x0c", "\x0b\x08\x01", "\x12\x02\x08", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x2a\x01\x08"} {
		if _, _, why := through(messageBody(t), []byte(body), 0); why != Broken {
			t.Errorf("%q: %q", body, why)
		}
	}
}

func TestMessagesAreBounded(t *testing.T) {
	c := messageBody(t)
	c.Limits.Message = 10
	if _, _, why := through(c, order(t), 3); why != TooLarge {
		t.Errorf("%q", why)
	}
	body := []byte("\x08\x01")
	for range 100 {
		body = append(protowire.AppendVarint([]byte{0x0A}, uint64(len(body))), body...)
	}
	c = messageBody(t)
	c.Descriptors = nil
	if _, _, why := through(c, body, 0); why != TooDeep {
		t.Errorf("%q", why)
	}
	var nest []byte
	for range 100 {
		nest = append(protowire.AppendString([]byte{0x0A}, "x/google.protobuf.Any"), protowire.AppendBytes([]byte{0x12}, nest)...)
	}
	c = messageBody(t)
	if _, _, why := through(c, protowire.AppendBytes([]byte{0x5A}, nest), 0); why != TooDeep {
		t.Errorf("%q", why)
	}
	c.Limits.Value = 14
	if l, _, why := through(c, order(t), 0); why != TooLong || !strings.Contains(l.String(), "phone=") {
		t.Errorf("%q %v", why, l)
	}
}

func TestADescriptorSetThatIsNoneIsRefused(t *testing.T) {
	for _, set := range []string{"", "anna", "\x0a\x00", "\x0a\x02\x0a\x05"} {
		if _, err := NewDescriptors([]byte(set)); err == nil && set != "\x0a\x00" {
			t.Errorf("%q was taken", set)
		}
	}
	d, _ := shop(t)
	for _, path := range []string{"", "/", "/shop.Shop", "/shop.Shop/Sell", "/shop.Order/Buy", "shop.Nothing/Buy"} {
		if m := d.method([]byte(path), 0); m != nil {
			t.Errorf("%s leads to %s", path, m.FullName())
		}
	}
}
