package redact

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"weir/redact/walk"
)

const noteFile = `file {name: "note.proto" package: "note" syntax: "proto3"
  message_type {name: "Note"
    field {name: "remark" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL}
    field {name: "hidden" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL options {debug_redact: true}}
    field {name: "kundenr" number: 3 type: TYPE_STRING label: LABEL_OPTIONAL options {debug_redact: true}}}
  service {name: "Notes" method {name: "Put" input_type: ".note.Note" output_type: ".note.Note"}}}`

// Of a field that its .proto file hides there is a pseudonym only where the policy says what it is.
func TestWhatDebugRedactHidesIsNoSubjectByItsLooks(t *testing.T) {
	set := &descriptorpb.FileDescriptorSet{}
	if err := prototext.Unmarshal([]byte(noteFile), set); err != nil {
		t.Fatal(err)
	}
	file, err := proto.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	named, err := walk.NewDescriptors(file)
	if err != nil {
		t.Fatal(err)
	}
	policy := seeking("user.contact")
	policy.fields["request.body.kundenr"] = "user.contact.email"
	b := newBed(t, policy)
	b.named = func() *walk.Descriptors { return named }
	message := "\x0a\x0dbo@example.dk\x12\x0fcarl@example.dk\x1a\x0fdora@example.dk"
	x := request("POST /note.Notes/Put HTTP\nHost: www.x.example\nContent-Type: application/grpc", "HTTP/1.1 200 OK")
	e := b.passed(t, x, "\x00\x00\x00\x00"+string(rune(len(message)))+message, "")
	var want []any
	for _, address := range []string{"bo@example.dk", "dora@example.dk"} {
		query := b.run(t, request("GET /?email="+address+" HTTP", "HTTP/1.1 200 OK"))["url.query"].(string)
		want = append(want, strings.TrimPrefix(query, "email="))
	}
	expect(t, e, map[string]any{"subjects": want, "http.request.body.unscanned": nil})
}
