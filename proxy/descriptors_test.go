package proxy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"weir/proxy"
)

// described is a descriptor set of a message whose field 3 has a name.
func described(t *testing.T, field string) string {
	t.Helper()
	b, err := proto.Marshal(&descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{{
		Name: proto.String("shop.proto"), Package: proto.String("shop.v1"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String("Customer"), Field: []*descriptorpb.FieldDescriptorProto{{
			Name: proto.String(field), Number: proto.Int32(3), Type: descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(),
			Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(), JsonName: proto.String(field),
		}}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestDescriptorsThatCanNotBeReadAreRefusedWhereTheyAreNamed(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"absent":       {"", "cannot read"},
		"no set":       {"message Customer {}", "no FileDescriptorSet"},
		"without file": {"\x12\x00", "no FileDescriptorSet"},
	} {
		dir := t.TempDir()
		if c.file != "" {
			if err := os.WriteFile(filepath.Join(dir, "api.binpb"), []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for file, text := range map[string]string{"policy.yaml": policy, "weir.yaml": head + "listen: [{forward: \"127.0.0.1:0\"}]\ndescriptors: api.binpb\n"} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cfg, err := proxy.ReadConfig(filepath.Join(dir, "weir.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = cfg.Check(); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "weir.yaml:") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A field of protobuf has its name by the descriptors in use, and by no older ones.
func TestFieldsOfMessagesAreNamedByTheDescriptorsInUse(t *testing.T) {
	up := says(t, "hello")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "api.binpb"), []byte(described(t, "kundenr")), 0o600); err != nil {
		t.Fatal(err)
	}
	in := startIn(t, dir, head+fmt.Sprintf("descriptors: api.binpb\nlisten: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL),
		policy+"fields: {request.body.kundenr: x.customer}\nsubjects: [x.customer]\n")
	found := func() bool {
		in.talk(0, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf; messageType=shop.v1.Customer\r\nConnection: close\r\nContent-Length: 8\r\n\r\n\x1a\x06qz7712")
		e := in.next()
		if e["flow.visibility"] != "full" {
			t.Errorf("%v", e)
		}
		return e["subjects"] != nil
	}
	if !found() {
		t.Error("the field has no name")
	}
	in.write("api.binpb", described(t, "note"))
	in.Reload()
	if found() {
		t.Error("the field has the name that it had")
	}
	in.write("api.binpb", "nothing")
	in.Reload()
	if found() || !strings.Contains(in.said.String(), "descriptors_refused") {
		t.Error("what does not load has changed something, or is not told of")
	}
	eventually(t, "a change that was seen", func() bool {
		in.write("api.binpb", described(t, "kundenr"))
		return found()
	})
}

// What else happens in their folder is not told as if they were refused again.
func TestOtherFilesBesideTheDescriptorsAreNothingToThem(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "api.binpb"), []byte(described(t, "kundenr")), 0o600); err != nil {
		t.Fatal(err)
	}
	in := startIn(t, dir, head+"descriptors: api.binpb\nlisten: [{forward: \"127.0.0.1:0\"}]\n", policy)
	in.write("api.binpb", "nothing")
	eventually(t, "told", func() bool { return strings.Contains(in.said.String(), "descriptors_refused") })
	for i := range 3 {
		in.write(fmt.Sprintf("beside-%d", i), "x")
		<-time.After(200 * time.Millisecond) // changes are looked at when they have settled
	}
	in.write("api.binpb", described(t, "note"))
	eventually(t, "reloaded", func() bool { return strings.Contains(in.said.String(), "descriptors_reloaded") })
	if n := strings.Count(in.said.String(), "descriptors_refused"); n != 1 {
		t.Errorf("told %d times", n)
	}
}
